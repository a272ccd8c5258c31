package modelpatch.edit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.architecture.ModelConfig;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;

/** Which linear map of a block an edit changes. */
public enum EditedMatrix {
    /** Attention's output matrix, [d_model, n_heads * d_head]: what the heads found, put into the residual stream. */
    W_O("W_O", Site.Kind.Z, Site.Kind.RESIDUAL_MID),
    /** The MLP's second matrix, [d_model, d_mlp]: what its hidden units recall. */
    W_DOWN("W_down", Site.Kind.MLP_HIDDEN, Site.Kind.RESIDUAL_POST);

    private final String key;
    private final Site.Kind reads;
    private final Site.Kind stream;

    EditedMatrix(String key, Site.Kind reads, Site.Kind stream) {
        this.key = key;
        this.reads = reads;
        this.stream = stream;
    }

    /** The matrix of that name. */
    @JsonCreator
    public static EditedMatrix named(String key) {
        return Arrays.stream(values())
                .filter(matrix -> matrix.key.equalsIgnoreCase(key))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "no such matrix",
                        "--matrix " + key,
                        "one of " + String.join(", ", names()),
                        key,
                        "leave it out to have one chosen"));
    }

    /** The names of all matrices. */
    static List<String> names() {
        return Arrays.stream(values()).map(EditedMatrix::toString).toList();
    }

    /** The activation that is its input. */
    public Site.Kind reads() {
        return reads;
    }

    /** The residual stream right after its output is added, on the way through the block. */
    Site.Kind stream() {
        return stream;
    }

    /** d_in. */
    int inputs(ModelConfig config) {
        return this == W_O ? config.nHeads() * config.dHead() : config.dMlp();
    }

    /** Whether a block has it: one with experts has many second matrices, and none that every token goes through. */
    public boolean isIn(LanguageModel model, int layer) {
        return this == W_O || model.layout().blocks().get(layer).mlp().output().isPresent();
    }

    /** The name of its tensor. */
    String tensor(LanguageModel model, int layer) {
        return this == W_O ? model.outputName(layer) : model.mlpOutName(layer);
    }

    /** Whether a norm stands between its output and the residual stream. */
    boolean isNormed(LanguageModel model) {
        return this == W_O ? model.normsAttentionOutput() : model.normsMlpOutput();
    }

    /** @throws BadInput for a family that norms the matrix's output, which then is no part of the residual stream */
    void requireResidual(LanguageModel model) {
        if (isNormed(model)) {
            throw new BadInput(
                    "residual target",
                    model.config().modelType(),
                    "a family that adds " + this + "'s output to the residual stream as it is",
                    "a norm between them",
                    "take a method whose target is the guide's output, such as --method creme-paper");
        }
    }

    /** W [d_out, d_in] of a block, in double. */
    Matrix weight(LanguageModel model, int layer) {
        int in = inputs(model.config());
        int out = model.config().dModel();
        float[] stored = model.weight(tensor(model, layer));
        return model.storesTransposed() ? Matrix.of(in, out, stored).transposed() : Matrix.of(out, in, stored);
    }

    @JsonValue
    @Override
    public String toString() {
        return key;
    }
}
