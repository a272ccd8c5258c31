package modelpatch.export;

import java.util.List;
import java.util.stream.LongStream;
import modelpatch.architecture.Rotary;
import modelpatch.export.OnnxGraph.Value;

/** Rotary positions in a graph, of small operators: x turns into x * cos + partner(x) * sin, where the partner of a dimension is the one that it turns with. */
final class Angles {
    private final OnnxGraph graph;
    private final Rotary rotary;
    private final int dHead;
    private final Value cosines;
    private final Value sines;

    /** @param rows at the positions that are to turn */
    Angles(OnnxGraph graph, Rotary rotary, RotaryRows rows, int dHead) {
        this.graph = graph;
        this.rotary = rotary;
        this.dHead = dHead;
        this.cosines = spread(rows.cosines());
        float[] signs = new float[rotary.dimensions()];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = partner(i) > i ? -1 : 1;
        }
        this.sines = graph.multiply(spread(rows.sines()), graph.floats(signs));
    }

    /** x [B, S, heads, D], turned. */
    Value turn(Value x) {
        int turning = rotary.dimensions();
        if (turning == dHead) {
            return turnAll(x);
        }
        List<Value> parts = graph.split(x, 3, turning, dHead - turning);
        return graph.concatenate(3, turnAll(parts.get(0)), parts.get(1)).value();
    }

    private Value turnAll(Value x) {
        long[] partners = LongStream.range(0, rotary.dimensions())
                .map(i -> partner((int) i))
                .toArray();
        Value partner = graph.gather(x, graph.longs(partners), -1);
        return graph.add(graph.multiply(x, cosines), graph.multiply(partner, sines));
    }

    /** The dimension that dimension i turns with. */
    private int partner(int i) {
        int half = rotary.dimensions() / 2;
        return rotary.pairs() ? i ^ 1 : (i + half) % (2 * half);
    }

    /** Which frequency dimension i turns by. */
    private int frequency(int i) {
        return rotary.pairs() ? i / 2 : i % (rotary.dimensions() / 2);
    }

    /** Rows with one number per turning dimension, [B, S, 1, R]. */
    private Value spread(Value rows) {
        long[] frequencies = LongStream.range(0, rotary.dimensions())
                .map(i -> frequency((int) i))
                .toArray();
        return graph.unsqueeze(graph.gather(rows, graph.longs(frequencies), -1), 2);
    }
}
