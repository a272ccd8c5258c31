package modelpatch.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.Sha256;
import modelpatch.solve.Columns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatchStackTest {
    @TempDir
    Path directory;

    private Checkpoint base;
    private PatchStack five = PatchStack.empty();

    @BeforeEach
    void makeFivePatchesEachOnTheOnesBefore() {
        base = Checkpoint.open(SmallModel.write(directory.resolve("base"), 11));
        Random random = new Random(3);
        for (int i = 0; i < 5; i++) {
            five = five.with(
                    WeightPatch.of(base, five, SmallModel.deltas(random), SmallModel.provenance("number " + i)));
        }
    }

    @AfterEach
    void closeBase() {
        base.close();
    }

    private static Map<String, String> digests(Map<String, float[]> weights) {
        Map<String, String> digests = new java.util.TreeMap<>();
        weights.forEach((name, values) -> digests.put(name, Sha256.of(values)));
        return digests;
    }

    @Test
    void noPatchChangesNoTensor() {
        assertThat(PatchStack.empty().weights(base)).isEmpty();
        assertThat(PatchStack.empty().isEmpty()).isTrue();
    }

    @Test
    void theResultIsWhatEachPatchPromised() {
        for (int count = 1; count <= 5; count++) {
            PatchStack some = PatchStack.of(five.patches().subList(0, count));
            Map<String, String> found = digests(some.weights(base));
            for (EditedTensor tensor : five.patches().get(count - 1).tensors()) {
                assertThat(found).containsEntry(tensor.name(), tensor.resultDigest());
            }
        }
    }

    @Test
    void takingAnyPatchOutGivesTheBytesOfApplyingTheOthers() {
        for (int out = 0; out < 5; out++) {
            List<WeightPatch> others = new ArrayList<>(five.patches());
            WeightPatch removed = others.remove(out);
            Map<String, String> without =
                    digests(five.without(removed.shortId()).weights(base));
            assertThat(without).isEqualTo(digests(PatchStack.of(others).weights(base)));
            assertThat(without).isNotEqualTo(digests(five.weights(base)));
        }
    }

    @Test
    void takingAllOutInAnyOrderGivesTheBaseBack() {
        Random random = new Random(4);
        for (int trial = 0; trial < 10; trial++) {
            PatchStack stack = five;
            while (!stack.isEmpty()) {
                stack = stack.without(stack.patches()
                        .get(random.nextInt(stack.patches().size()))
                        .id());
            }
            assertThat(stack.weights(base)).isEmpty();
        }
    }

    @Test
    void theBaseIsNeverWritten() {
        String before = base.digest();
        five.weights(base);
        try (Checkpoint again = Checkpoint.open(base.path())) {
            assertThat(again.digest()).isEqualTo(before);
        }
    }

    @Test
    void patchesAboveOneThatWasTakenOutAreStale() {
        assertThat(five.stale()).isEmpty();
        List<WeightPatch> patches = five.patches();
        PatchStack without = five.without(patches.get(1).id());
        assertThat(without.stale()).containsExactly(patches.get(2), patches.get(3), patches.get(4));
        PatchStack swapped = PatchStack.of(List.of(patches.get(1), patches.get(0)));
        assertThat(swapped.stale()).containsExactly(patches.get(1));
    }

    @Test
    void sharedTensorsAreNamedWithTheirPatches() {
        assertThat(five.shared()).containsOnlyKeys(SmallModel.MAPS);
        assertThat(five.shared().get(SmallModel.MAPS.get(0))).isEqualTo(five.patches());
        PatchStack one = PatchStack.of(five.patches().subList(0, 1));
        assertThat(one.shared()).isEmpty();
    }

    @Test
    void aPatchTwiceIsRefused() {
        WeightPatch first = five.patches().get(0);
        assertThatThrownBy(() -> five.with(first))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("twice", first.shortId());
    }

    @Test
    void aWrongBaseIsRefusedNamingTensorAndBothDigests() {
        try (Checkpoint other = Checkpoint.open(SmallModel.write(directory.resolve("other"), 12))) {
            String tensor = SmallModel.MAPS.get(0);
            assertThatThrownBy(() -> five.weights(other))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll(tensor, base.digest(tensor), other.digest(tensor));
        }
    }

    @Test
    void aBaseThatDiffersElsewhereIsRefusedToo() {
        try (Checkpoint other = Checkpoint.open(SmallModel.write(directory.resolve("other"), 11))) {
            five.requireFits(other);
        }
        Path changed = SmallModel.write(directory.resolve("changed"), 11);
        flipLastByte(changed.resolve("model.safetensors"), "norm.weight");
        try (Checkpoint other = Checkpoint.open(changed)) {
            assertThatThrownBy(() -> five.requireFits(other))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("does not edit", base.digest(), other.digest());
        }
    }

    private static void flipLastByte(Path file, String tensor) {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            byte[] bytes = java.nio.file.Files.readAllBytes(file);
            long at = checkpoint.tensor(tensor).offset();
            bytes[(int) at] ^= 1;
            java.nio.file.Files.write(file, bytes);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void patchesOfDifferentModelsDoNotStack() {
        try (Checkpoint other = Checkpoint.open(SmallModel.write(directory.resolve("other"), 12))) {
            WeightPatch foreign = WeightPatch.of(
                    other, PatchStack.empty(), SmallModel.deltas(new Random(1)), SmallModel.provenance("x"));
            assertThatThrownBy(() -> five.with(foreign))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll(base.digest(), other.digest());
        }
    }

    @Test
    void changesLargerThanTheirTensorOrOfNoTensorAreRefused() {
        Provenance provenance = SmallModel.provenance("x");
        TensorDelta large = new TensorDelta(
                SmallModel.MAPS.get(0), 7, Columns.all(8), 1, Orientation.OUT_IN, new float[7], new float[8]);
        assertThatThrownBy(() -> WeightPatch.of(base, PatchStack.empty(), List.of(large), provenance))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("[7, 8]", "[6, 8]");
        TensorDelta foreign = SmallModel.delta("layers.9.o.weight", 1, Columns.all(8), new Random(1));
        assertThatThrownBy(() -> WeightPatch.of(base, PatchStack.empty(), List.of(foreign), provenance))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("layers.9.o.weight");
        TensorDelta norm =
                new TensorDelta("norm.weight", 1, Columns.all(8), 1, Orientation.OUT_IN, new float[] {1}, new float[8]);
        assertThatThrownBy(() -> WeightPatch.of(base, PatchStack.empty(), List.of(norm), provenance))
                .isInstanceOf(BadInput.class);
    }

    @Test
    void aTensorChangedTwiceInOnePatchIsRefused() {
        Random random = new Random(1);
        TensorDelta delta = SmallModel.delta(SmallModel.MAPS.get(0), 1, Columns.all(8), random);
        assertThatThrownBy(() ->
                        WeightPatch.of(base, PatchStack.empty(), List.of(delta, delta), SmallModel.provenance("x")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("twice");
    }

    @Test
    void aPatchThatChangesNothingIsRefused() {
        TensorDelta nothing = new TensorDelta(
                SmallModel.MAPS.get(0), 6, Columns.all(8), 0, Orientation.OUT_IN, new float[0], new float[0]);
        assertThatThrownBy(() -> WeightPatch.of(base, PatchStack.empty(), List.of(nothing), SmallModel.provenance("x")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("nothing");
    }

    @Test
    void aPatchThatPromisesOtherWeightsIsRefused() {
        WeightPatch first = five.patches().get(0);
        WeightPatch liar = new WeightPatch(
                first.baseName(),
                first.baseDigest(),
                first.reading(),
                first.tensors().stream()
                        .map(t -> new EditedTensor(
                                t.name(), t.shape(), t.orientation(), t.kind(), t.baseDigest(), "0".repeat(64)))
                        .toList(),
                first.deltas(),
                List.of(),
                first.provenance(),
                "{}");
        assertThatThrownBy(() -> PatchStack.of(List.of(liar)).weights(base))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("promises");
    }

    @Test
    void anUnknownOrAmbiguousIdIsRefused() {
        assertThatThrownBy(() -> five.without("zz"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no such patch");
        assertThatThrownBy(() -> five.without("")).isInstanceOf(BadInput.class);
    }
}
