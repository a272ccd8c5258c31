package modelpatch.export;

import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;

/** {@link MergedCheckpoint} as a format to choose: the base's own layout. */
final class SafetensorsFormat implements ExportFormat {
    @Override
    public String name() {
        return "safetensors";
    }

    @Override
    public String help() {
        return "a checkpoint in the layout it came in; other tensors byte for byte. Where the cast to the stored kind takes something of the"
                + " change away, the written model is run beside the patched one and the difference is shown.";
    }

    @Override
    public boolean runsHere() {
        return true;
    }

    @Override
    public Written write(Order order) {
        boolean decodes = order.base().format() == Checkpoint.Format.GGUF;
        requireWork(order, decodes);
        return Written.checkpoint(
                MergedCheckpoint.write(order.base(), order.stack(), order.target()),
                MergedCheckpoint.model(order.base(), order.target()),
                Written.SAME);
    }

    /** @param converts whether matrices are stored anew, which is something to do without patches too */
    static void requireWork(Order order, boolean converts) {
        if (order.stack().isEmpty() && !converts) {
            throw new BadInput("nothing to merge", "--patch", "one or more patch files", "none", "give --patch FILE");
        }
    }
}
