package modelpatch.export;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.patch.PatchStack;

/**
 * A form in which others load the patched model. A new one is a class of this type and its line in {@link #all()}: {@code patch export}, its
 * help and its JSON follow. (ONNX stands apart, because another runtime proves its files: {@link OnnxExport}.)
 */
public interface ExportFormat {
    /** Every format, in the order of the help. */
    static List<ExportFormat> all() {
        return List.of(new SafetensorsFormat(), new GgufFormat(), new LoraFormat());
    }

    /** The format of a name, in lower or upper case. */
    static Optional<ExportFormat> named(String name) {
        return all().stream().filter(one -> one.name().equalsIgnoreCase(name)).findFirst();
    }

    /** What {@code --format} calls it, in lower case. */
    String name();

    /** What it is for, in a sentence of the command's help. */
    String help();

    /** Whether what it writes can be opened and run here, and so is compared with the patched model. */
    boolean runsHere();

    /**
     * Writes the patched model.
     *
     * @throws modelpatch.BadInput when there is nothing to write, the target is taken, a patch does not fit, the format cannot say what the
     *     model does, or the disk is full; nothing is left at the target then
     */
    Written write(Order order);

    /**
     * What is asked for.
     *
     * @param base only read
     * @param target a directory that does not exist yet or is empty
     * @param weights how matrices are to be stored; empty for the format's own way
     * @param everyMatrix store all matrices so, not only the edited ones
     */
    record Order(Checkpoint base, PatchStack stack, Path target, Optional<WeightForm> weights, boolean everyMatrix) {}

    /**
     * What was written.
     *
     * @param what in a few words; empty where the losses say it
     * @param losses what storing did to each edited tensor
     * @param rank of low-rank factors; empty where there are none
     * @param model what to open of it; empty where it does not run here
     * @param largestKl a mean KL from the patched model beyond this, in nats, means that the format does not hold the model
     * @param use what to do with it, in words; empty where this toolkit opens it itself
     */
    record Written(
            String what, List<CastLoss> losses, OptionalInt rank, Optional<Path> model, double largestKl, String use) {
        /** A mean KL that a patch survives. */
        static final double SAME = 1e-3;

        /** As much for a model whose every matrix is stored in 8 bits, as it is for ONNX. */
        static final double ALIKE = 1e-2;

        static Written checkpoint(List<CastLoss> losses, Path model, double largestKl) {
            return new Written("", losses, OptionalInt.empty(), Optional.of(model), largestKl, "");
        }
    }
}
