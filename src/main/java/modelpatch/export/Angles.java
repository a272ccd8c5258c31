package modelpatch.export;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.TensorKind;
import modelpatch.export.OnnxGraph.Value;
import modelpatch.model.Rotary;

/**
 * Rotary positions in a graph: x turns into x * cos + partner(x) * sin, where the partner of a dimension is the one that it turns with. Cosines
 * and sines come from tables of the whole context, because float32 cannot hold a large angle well enough to take its cosine.
 */
final class Angles {
    private final OnnxGraph graph;
    private final Rotary rotary;
    private final int dHead;
    private final Value cosines;
    private final Value sines;

    /**
     * @param positions [B, S]
     * @param nCtx rows of the tables
     */
    Angles(OnnxGraph graph, Rotary rotary, Value positions, int nCtx, int dHead) {
        this.graph = graph;
        this.rotary = rotary;
        this.dHead = dHead;
        graph.in("/rotary");
        this.cosines = rows("rotary.cosines", Math::cos, positions, nCtx);
        float[] signs = new float[rotary.dimensions()];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = partner(i) > i ? -1 : 1;
        }
        this.sines = graph.multiply(rows("rotary.sines", Math::sin, positions, nCtx), graph.floats(signs));
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

    /** The table's rows at the positions, one number per turning dimension, [B, S, 1, R]. */
    private Value rows(String name, DoubleUnaryOperator function, Value positions, int nCtx) {
        Value rows = graph.gather(graph.tensor(table(name, function, nCtx)), positions, 0);
        long[] frequencies = LongStream.range(0, rotary.dimensions())
                .map(i -> frequency((int) i))
                .toArray();
        return graph.unsqueeze(graph.gather(rows, graph.longs(frequencies), -1), 2);
    }

    /** function(position * frequency), [n_ctx, R/2], computed in double. */
    private OutgoingTensor table(String name, DoubleUnaryOperator function, int nCtx) {
        double[] frequencies = rotary.frequencies();
        List<Long> shape = List.of((long) nCtx, (long) frequencies.length);
        return new OutgoingTensor(name, TensorKind.F32, shape, sink -> {
            ByteBuffer row =
                    ByteBuffer.allocate(frequencies.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int position = 0; position < nCtx; position++) {
                row.clear();
                for (double frequency : frequencies) {
                    row.putFloat((float) function.applyAsDouble(position * frequency));
                }
                sink.accept(row.flip());
            }
        });
    }
}
