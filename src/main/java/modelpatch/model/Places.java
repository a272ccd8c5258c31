package modelpatch.model;

import java.util.IdentityHashMap;
import modelpatch.architecture.Attention;
import modelpatch.architecture.QueryGain;
import modelpatch.architecture.Rotary;
import modelpatch.architecture.Slopes;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Where a run's rows stand in their sequences, and what attention makes of it. What layers share is made once, by {@link #prepare}, and lives as
 * long as the scope in which that was called.
 */
final class Places {
    private final int[] positions;
    private final int[] lengths;
    private final IdentityHashMap<Rotary, Angles> angles = new IdentityHashMap<>();
    private final IdentityHashMap<QueryGain, Tensor> gains = new IdentityHashMap<>();
    private final IdentityHashMap<Slopes, Tensor> slopes = new IdentityHashMap<>();
    private final Tensor none = Engine.floats(new float[0], 0);

    /**
     * @param positions of the rows
     * @param lengths how long the sequence of each row is
     */
    Places(int[] positions, int[] lengths) {
        this.positions = positions;
        this.lengths = lengths;
    }

    /** Makes what a layer's attention will ask for. */
    void prepare(Attention attention) {
        attention.rotary().ifPresent(one -> angles.computeIfAbsent(one, r -> Angles.of(r, positions, lengths)));
        attention.queryGain().ifPresent(one -> gains.computeIfAbsent(one, this::factors));
        attention.slopes().ifPresent(one -> slopes.computeIfAbsent(one, Places::perHead));
    }

    Angles angles(Rotary rotary) {
        return angles.get(rotary);
    }

    /** By what each row's query grows, [rows, 1, 1]. */
    Tensor gains(QueryGain gain) {
        return gains.get(gain);
    }

    /** [n_heads]; none where attention has no biases. */
    Tensor slopes(Attention attention) {
        return attention.slopes().map(slopes::get).orElse(none);
    }

    /** What stands for numbers per head that attention does not have, [0]. */
    Tensor none() {
        return none;
    }

    private Tensor factors(QueryGain gain) {
        float[] factors = new float[positions.length];
        for (int row = 0; row < factors.length; row++) {
            factors[row] = (float) gain.at(positions[row]);
        }
        return Engine.floats(factors, factors.length, 1, 1);
    }

    private static Tensor perHead(Slopes slopes) {
        float[] values = new float[slopes.perHead().length];
        for (int head = 0; head < values.length; head++) {
            values[head] = (float) slopes.perHead()[head];
        }
        return Engine.floats(values, values.length);
    }
}
