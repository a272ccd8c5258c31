package modelpatch.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.solve.Columns;
import modelpatch.solve.Matrices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConflictTest {
    @TempDir
    Path directory;

    private static TensorDelta reading(Columns columns, float... right) {
        return new TensorDelta(
                SmallModel.MAPS.get(0),
                SmallModel.ROWS,
                columns,
                1,
                Orientation.OUT_IN,
                new float[] {1, 1, 0, 0, 0, 0},
                right);
    }

    private static WeightPatch patch(Checkpoint base, PatchStack below, TensorDelta delta) {
        return WeightPatch.of(base, below, List.of(delta), SmallModel.provenance(delta.toString()));
    }

    @Test
    void patchesOfOneTensorAreReportedWithTheAnglesOfTheirKeysAndValues() {
        try (Checkpoint base = Checkpoint.open(SmallModel.write(directory.resolve("base"), 1))) {
            WeightPatch whole = patch(base, PatchStack.empty(), reading(Columns.all(8), 1, 1, 0, 0, 0, 0, 0, 0));
            WeightPatch meets = patch(base, PatchStack.empty(), reading(Columns.of(8, 0, 3), 2, 0));
            WeightPatch apart = patch(base, PatchStack.empty(), reading(Columns.of(8, 6, 7), 1, 2));
            List<Conflict> conflicts = Conflict.of(PatchStack.of(List.of(whole, meets, apart)));
            assertThat(conflicts).hasSize(3);
            assertThat(conflicts.get(0).first()).isEqualTo(whole);
            assertThat(conflicts.get(0).second()).isEqualTo(meets);
            assertThat(conflicts.get(0).keyAngle()).isCloseTo(45, within(1e-9));
            assertThat(conflicts.get(0).valueAngle()).isCloseTo(0, within(1e-6));
            assertThat(conflicts.get(1).keyAngle()).isCloseTo(90, within(1e-9));
            assertThat(conflicts).allMatch(c -> c.tensor().equals(SmallModel.MAPS.get(0)));
        }
    }

    @Test
    void patchesOfDifferentTensorsDoNotMeet() {
        try (Checkpoint base = Checkpoint.open(SmallModel.write(directory.resolve("base"), 1))) {
            assertThat(Conflict.of(PatchStack.empty())).isEmpty();
            WeightPatch one = patch(base, PatchStack.empty(), reading(Columns.all(8), 1, 1, 0, 0, 0, 0, 0, 0));
            assertThat(Conflict.of(PatchStack.of(List.of(one)))).isEmpty();
        }
    }

    @Test
    void inputsStoredAsRowsAreTheKeysThen() {
        TensorDelta inputsFirst = new TensorDelta(
                "w", 3, Columns.all(2), 1, Orientation.IN_OUT, new float[] {1, 2, 3}, new float[] {4, 5});
        Matrices.assertClose(Conflict.keys(inputsFirst), Matrices.column(1, 2, 3), 0);
        Matrices.assertClose(Conflict.values(inputsFirst), Matrices.column(4, 5), 0);
    }
}
