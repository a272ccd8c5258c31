package modelpatch.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatchStoreTest {
    @TempDir
    Path directory;

    private Checkpoint base;
    private PatchStore store;

    @BeforeEach
    void openEmptyStore() {
        base = Checkpoint.open(SmallModel.write(directory.resolve("base"), 11));
        Clock clock = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
        store = PatchStore.at(directory.resolve("patches"), clock);
    }

    @AfterEach
    void closeBase() {
        base.close();
    }

    private WeightPatch apply(int number) {
        WeightPatch patch = WeightPatch.of(
                base,
                store.stack(base.digest()),
                SmallModel.deltas(new Random(number)),
                SmallModel.provenance("number " + number));
        assertThat(store.apply(patch)).isEqualTo(store.file(patch)).exists();
        return patch;
    }

    private List<StoreFault> faults(Optional<String> expectedHead) {
        return LogDocument.verify(store, expectedHead).faults();
    }

    @Test
    void appliedPatchesAreOnUntilTheyAreReverted() {
        assertThat(store.stack(base.digest()).isEmpty()).isTrue();
        WeightPatch one = apply(1);
        WeightPatch two = apply(2);
        WeightPatch three = apply(3);
        assertThat(store.stack(base.digest()).patches()).containsExactly(one, two, three);
        assertThat(three.parents()).containsExactly(one.id(), two.id());

        assertThat(store.revert(two.shortId(), base.digest(), "Ada", "no longer wanted"))
                .isEqualTo(two);
        assertThat(store.stack(base.digest()).patches()).containsExactly(one, three);
        assertThat(store.find(two.shortId())).isEqualTo(two);
        assertThat(store.ledger().entries())
                .extracting(LedgerEntry::action)
                .containsExactly("apply", "apply", "apply", "revert");
        assertThat(store.stack("of another model").isEmpty()).isTrue();
    }

    @Test
    void aPatchThatIsOnCannotBePutOnAgain() {
        WeightPatch one = apply(1);
        assertThatThrownBy(() -> store.apply(one)).isInstanceOf(BadInput.class).hasMessageContaining("twice");
        assertThat(store.ledger().entries()).hasSize(1);
    }

    @Test
    void whatIsNotOnCannotBeReverted() {
        WeightPatch one = apply(1);
        store.revert(one.id(), base.digest(), "Ada", "x");
        assertThatThrownBy(() -> store.revert(one.id(), base.digest(), "Ada", "x"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no such patch");
    }

    @Test
    void aMissingOrSwappedFileOfAPatchThatIsOnIsNamed() throws IOException {
        WeightPatch one = apply(1);
        WeightPatch two = apply(2);
        Files.copy(store.file(two), store.file(one), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> store.stack(base.digest()))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("another patch");
        Files.delete(store.file(one));
        assertThatThrownBy(() -> store.stack(base.digest()))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no such patch");
    }

    @Test
    void aCopyOfAPatchFileUnderAnotherNameConfusesNothing() throws IOException {
        WeightPatch one = apply(1);
        Files.copy(store.file(one), directory.resolve("patches/backup-" + one.shortId() + PatchFile.SUFFIX));

        assertThat(store.find(one.shortId())).isEqualTo(one);
        assertThat(store.revert(one.shortId(), base.digest(), "Ada", "x")).isEqualTo(one);
    }

    /** Each reads the file and writes it again: whoever read before another wrote would drop that signature. */
    @Test
    void signaturesGivenAtTheSameTimeAreAllKept() throws Exception {
        Path file = store.file(apply(1));
        ExecutorService hands = Executors.newFixedThreadPool(4);
        List<Future<WeightPatch>> signing = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String signer = "signer-" + i;
            SigningKey key = SigningKey.generate(directory.resolve(signer + ".key"), signer);
            signing.add(hands.submit(() -> store.sign(file, key, signer, Signature.Role.AUTHOR)));
        }
        for (Future<WeightPatch> one : signing) {
            one.get();
        }
        hands.shutdown();

        assertThat(PatchFile.read(file).signatures())
                .extracting(Signature::signer)
                .containsExactlyInAnyOrder("signer-0", "signer-1", "signer-2", "signer-3");
        assertThat(faults(Optional.empty())).isEmpty();
    }

    @Test
    void ofSeveralWhoRevertOnePatchOneSucceeds() throws Exception {
        WeightPatch one = apply(1);
        ExecutorService hands = Executors.newFixedThreadPool(4);
        List<Future<WeightPatch>> reverting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            reverting.add(hands.submit(() -> store.revert(one.shortId(), base.digest(), "Ada", "x")));
        }
        int succeeded = 0;
        for (Future<WeightPatch> each : reverting) {
            try {
                each.get();
                succeeded++;
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(BadInput.class);
            }
        }
        hands.shutdown();

        assertThat(succeeded).isEqualTo(1);
        assertThat(store.ledger().entries()).hasSize(2);
    }

    @Test
    void verifyingNamesDeletedAndSwappedFilesAndAHeadThatIsNoLine() throws IOException {
        WeightPatch one = apply(1);
        WeightPatch two = apply(2);
        String head = store.ledger().entries().get(0).hash();
        assertThat(faults(Optional.of(head))).as("the ledger has grown since").isEmpty();

        Files.delete(store.file(one));
        assertThat(faults(Optional.empty())).singleElement().satisfies(fault -> {
            assertThat(fault.where()).contains(one.shortId()).endsWith("ledger.jsonl line 1");
            assertThat(fault.found()).isEqualTo("no such file");
        });
        Files.copy(store.file(two), store.file(one));
        assertThat(faults(Optional.empty()))
                .singleElement()
                .extracting(StoreFault::found)
                .isEqualTo("patch " + two.id());
        assertThat(faults(Optional.of("0123"))).hasSize(2);
    }

    @Test
    void verifyingMissesALedgerThatIsGoneWhereItsPatchesAreLeft() throws IOException {
        apply(1);
        Files.delete(store.ledger().file());
        Files.delete(directory.resolve("patches/ledger.jsonl.head"));

        assertThat(faults(Optional.empty()))
                .singleElement()
                .extracting(StoreFault::found)
                .isEqualTo("no line, and 1 patch files");
    }

    /** As on a disk that nobody may write to. */
    @Test
    void aStoreThatCannotBeLockedIsVerifiedAllTheSame() throws IOException {
        apply(1);
        Path lock = directory.resolve("patches/ledger.jsonl.lock");
        Files.delete(lock);
        Files.createDirectory(lock);

        assertThat(faults(Optional.empty())).isEmpty();
    }
}
