package modelpatch.export.foreign;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import modelpatch.export.MergedOnnx;
import modelpatch.export.OnnxExport;
import modelpatch.export.OnnxExport.Options;
import modelpatch.export.Patched;
import modelpatch.patch.Orientation;
import modelpatch.patch.PatchStack;
import modelpatch.patch.SmallModel;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;
import modelpatch.solve.Columns;

/** A small model, its float32 ONNX file, and one weight of it that tests quantise in that file and patch. */
final class WeightToQuantise implements AutoCloseable {
    private final Path directory;
    private final Patched patched;
    private final ModelProto plain;
    private final String name;
    private final int rows;
    private final int columns;

    /** @param directory to write files in */
    WeightToQuantise(Path directory) throws IOException {
        this.directory = directory;
        this.patched = Patched.open(Patched.conformance("llama"));
        this.name = patched.base().mlpOutName(patched.base().config().nLayers() - 1);
        this.rows = patched.checkpoint().tensor(name).shape().get(0).intValue();
        this.columns = patched.checkpoint().tensor(name).shape().get(1).intValue();
        Path exported = directory.resolve("plain");
        OnnxExport.writeUnproved(patched.checkpoint(), PatchStack.empty(), exported, Options.defaults());
        this.plain = ModelProto.parseFrom(Files.readAllBytes(exported.resolve("model.onnx"))).toBuilder()
                .clearMetadataProps()
                .build();
    }

    Patched model() {
        return patched;
    }

    String name() {
        return name;
    }

    int rows() {
        return rows;
    }

    /** A change of three rows and five columns: one row by a little, one so far that no scale holds it, one by next to nothing. */
    PatchStack sparse() {
        float[] left = new float[rows];
        left[3] = 0.02f;
        left[17] = 2;
        left[18] = 1e-7f;
        return stack(left, new int[] {0, 20, 33, 34, 47}, 1, -1.5f, 0.3f, 0.5f, -0.7f);
    }

    /** A change of one row by the same amount, up and down, in three columns. */
    PatchStack ofRow(int row, float amount) {
        float[] left = new float[rows];
        left[row] = amount;
        return stack(left, new int[] {0, 20, 33}, 1, -1, 1);
    }

    private PatchStack stack(float[] left, int[] where, float... right) {
        TensorDelta delta = new TensorDelta(name, rows, Columns.of(columns, where), 1, Orientation.OUT_IN, left, right);
        return PatchStack.of(List.of(WeightPatch.of(
                patched.checkpoint(), PatchStack.empty(), List.of(delta), SmallModel.provenance("export"))));
    }

    float[][] before() {
        return matrix(patched.base().weight(name));
    }

    float[][] after(PatchStack stack) {
        return matrix(stack.weights(patched.checkpoint()).get(name));
    }

    private float[][] matrix(float[] values) {
        float[][] matrix = new float[rows][columns];
        for (int i = 0; i < values.length; i++) {
            matrix[i / columns][i % columns] = values[i];
        }
        return matrix;
    }

    /** The float32 file with the weight in a form. */
    ModelProto in(QuantisedForm form, SlowQuantisation quantised) {
        return form.put(plain, name, quantised);
    }

    Path write(ModelProto model) throws IOException {
        return Files.write(directory.resolve("foreign.onnx"), model.toByteArray());
    }

    /** Patches a file without running it. */
    List<Rewritten> requantised(PatchStack stack, Path model) {
        return MergedOnnx.of(patched.checkpoint(), stack, model)
                .requantising(Optional.empty())
                .write(out(), Optional.empty(), Options.defaults())
                .rewritten();
    }

    Requantised edit(PatchStack stack, ModelProto model) throws IOException {
        return requantised(stack, write(model)).get(0).requantised().orElseThrow();
    }

    Path out() {
        return directory.resolve("out");
    }

    /** Without what the file says of its patches. */
    ModelProto written() throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(out().resolve("foreign.onnx"))).toBuilder()
                .clearMetadataProps()
                .build();
    }

    @Override
    public void close() {
        patched.close();
    }
}
