package modelpatch.engine;

import java.util.Map;

/**
 * Lets tests compute on a device without numbers: what is read is 0, and an operand that lies on the processor beside others there is an error, as on
 * a GPU. PyTorch's library has no such device for some operations (Python brings those); each is replaced by one of the same operands and shapes.
 */
public final class ShapesOnly implements AutoCloseable {
    private static final Map<String, String> SAME_SHAPE = Map.ofEntries(
            Map.entry("torch.embedding(table, ids)", "torch.index(table, [ids])"),
            Map.entry("torch.index_select(x, 0, ids)", "torch.index(x, [ids])"),
            Map.entry("torch.index_select(x, 1, ids)", "torch.index(x, [None, ids])"),
            Map.entry("torch.layer_norm(x, [x.size(-1)], weight, bias, float(eps))", "x * weight + bias"),
            Map.entry("torch.layer_norm(x, [x.size(-1)], weight, None, float(eps))", "x * weight"),
            Map.entry("torch.layer_norm(x, [x.size(-1)], None, None, float(eps))", "x * 1.0"),
            Map.entry("torch.clamp_max(torch.select(pairs, -1, 0), bound)", "torch.select(pairs, -1, 0) * bound"),
            Map.entry("torch.clamp(torch.select(pairs, -1, 1), -bound, bound)", "torch.select(pairs, -1, 1) * bound"),
            Map.entry("torch.clamp(x, -float(bound), float(bound))", "x * float(bound)"),
            Map.entry("torch.log_sigmoid(", "torch.sigmoid("),
            Map.entry("torch.relu(x)", "torch.sigmoid(x)"),
            Map.entry("torch.floor_divide(keys, reach) != torch.floor_divide(queries, reach)", "keys != queries"),
            Map.entry("torch.logical_", "torch.bitwise_"));

    private static final String OWN = """

            def shape_of(self, x: Tensor) -> Tensor:
                return torch.empty_like(x, device=torch.device("meta"))

            def nothing_of(self, x: Tensor) -> Tensor:
                return torch.zeros_like(x, device=torch.device("cpu"))
            """;

    public ShapesOnly() {
        String text = TorchScript.operations();
        for (Map.Entry<String, String> one : SAME_SHAPE.entrySet()) {
            if (!text.contains(one.getKey())) {
                throw new AssertionError("no operation says " + one.getKey() + " any more");
            }
            text = text.replace(one.getKey(), one.getValue());
        }
        Engine.use(text.stripTrailing() + "\n" + OWN);
        Device.SHAPES.use();
    }

    @Override
    public void close() {
        Device.CPU.use();
        Engine.use(TorchScript.operations());
    }
}
