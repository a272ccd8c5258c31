package modelpatch.export;

import modelpatch.checkpoint.Checkpoint;

/** {@link MergedGguf} as a format to choose. */
final class GgufFormat implements ExportFormat {
    @Override
    public String name() {
        return "gguf";
    }

    @Override
    public String help() {
        return "of a GGUF base, the edited tensors in another kind and everything else, the tokenizer included, byte for byte; of safetensors"
                + " (llama, mistral, qwen2, qwen3), every matrix in that kind, with configuration and tokenizer as key-values.";
    }

    @Override
    public boolean runsHere() {
        return true;
    }

    @Override
    public Written write(Order order) {
        boolean converts = order.everyMatrix() || order.base().format() != Checkpoint.Format.GGUF;
        SafetensorsFormat.requireWork(order, converts);
        WeightForm form = order.weights().orElse(WeightForm.FP16);
        return Written.checkpoint(
                MergedGguf.write(order.base(), order.stack(), form.inGguf(), order.everyMatrix(), order.target()),
                order.target(),
                converts && form == WeightForm.INT8 ? Written.ALIKE : Written.SAME);
    }
}
