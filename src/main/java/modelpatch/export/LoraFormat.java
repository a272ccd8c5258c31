package modelpatch.export;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** {@link LoraAdapter} as a format to choose: the patches alone. */
final class LoraFormat implements ExportFormat {
    @Override
    public String name() {
        return "lora";
    }

    @Override
    public String help() {
        return "the patches alone as a PEFT adapter, which readers put on the unchanged base.";
    }

    @Override
    public boolean runsHere() {
        return false;
    }

    @Override
    public Written write(Order order) {
        int rank = LoraAdapter.write(order.base(), order.stack(), order.target());
        return new Written(
                "an adapter of rank " + rank + " for " + order.base().name(),
                List.of(),
                OptionalInt.of(rank),
                Optional.empty(),
                0,
                "load it with PEFT, vLLM or llama.cpp's converter");
    }
}
