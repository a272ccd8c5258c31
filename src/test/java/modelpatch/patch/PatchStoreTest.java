package modelpatch.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Random;
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
}
