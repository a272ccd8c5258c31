package modelpatch.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;

/**
 * Sequences that run side by side in ONNX Runtime, with their keys and values. Each call appends the same number of places to every sequence; a
 * place without a token is masked.
 *
 * <p>Shapes: B sequences, S new places, T places so far, K key-value heads, D = d_head.
 */
final class OnnxBatch implements AutoCloseable {
    /** In place of a token: padding. */
    static final int NONE = -1;

    private final OnnxModel model;
    private final List<String> kept;
    private final List<OnnxTensor> past = new ArrayList<>();
    private final List<AutoCloseable> owned = new ArrayList<>();
    private long[][] mask;

    private OnnxBatch(OnnxModel model, long[][] mask) {
        this.model = model;
        this.kept = model.cacheNames();
        this.mask = mask;
    }

    /** So many sequences without a token. */
    static OnnxBatch empty(OnnxModel model, int sequences) {
        OnnxBatch batch = new OnnxBatch(model, new long[sequences][0]);
        for (int i = 0; i < batch.kept.size(); i++) {
            batch.keep(FloatBuffer.allocate(0), new long[] {sequences, model.cacheHeads(), 0, model.cacheWidth()});
        }
        return batch;
    }

    /** So many copies of the single sequence of this batch. */
    OnnxBatch times(int sequences) {
        long[][] masks = new long[sequences][];
        Arrays.fill(masks, mask[0]);
        OnnxBatch batch = new OnnxBatch(model, masks);
        for (OnnxTensor tensor : past) {
            FloatBuffer one = tensor.getFloatBuffer();
            FloatBuffer all = ByteBuffer.allocateDirect(one.remaining() * sequences * Float.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            for (int i = 0; i < sequences; i++) {
                all.put(one.duplicate());
            }
            long[] shape = tensor.getInfo().getShape();
            batch.keep(all.flip(), new long[] {sequences, shape[1], shape[2], shape[3]});
        }
        return batch;
    }

    private void keep(FloatBuffer values, long[] shape) {
        try {
            OnnxTensor tensor = OnnxTensor.createTensor(OnnxSession.environment(), values, shape);
            past.add(tensor);
            owned.add(tensor);
        } catch (OrtException e) {
            throw model.session().trouble(e);
        }
    }

    /**
     * Logits of the new places.
     *
     * @param values [B, S, d_vocab]
     */
    record Logits(FloatBuffer values, int places, int vocabulary) {
        float[] at(int sequence, int place) {
            float[] row = new float[vocabulary];
            values.get((sequence * places + place) * vocabulary, row);
            return row;
        }
    }

    /**
     * Appends tokens and runs the model over them.
     *
     * @param ids [B][S], {@link #NONE} for padding
     */
    Logits append(int[][] ids) {
        int sequences = ids.length;
        int places = ids[0].length;
        int before = mask[0].length;
        LongBuffer tokens = LongBuffer.allocate(sequences * places);
        LongBuffer positions = LongBuffer.allocate(sequences * places);
        LongBuffer standing = LongBuffer.allocate(sequences * (before + places));
        long[][] grown = new long[sequences][];
        for (int i = 0; i < sequences; i++) {
            grown[i] = Arrays.copyOf(mask[i], before + places);
            long position = Arrays.stream(mask[i]).sum();
            for (int place = 0; place < places; place++) {
                boolean stands = ids[i][place] != NONE;
                grown[i][before + place] = stands ? 1 : 0;
                tokens.put(stands ? ids[i][place] : 0);
                positions.put(stands ? position++ : 0);
            }
            standing.put(grown[i]);
        }
        mask = grown;
        long[] shape = {sequences, places};
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try (OnnxTensor idTensor = longs(tokens, shape);
                OnnxTensor positionTensor = longs(positions, shape);
                OnnxTensor maskTensor = longs(standing, new long[] {sequences, before + places})) {
            inputs.put("input_ids", idTensor);
            inputs.put("attention_mask", maskTensor);
            if (model.takesPositions()) {
                inputs.put("position_ids", positionTensor);
            }
            for (int i = 0; i < kept.size(); i++) {
                inputs.put("past_key_values." + kept.get(i), past.get(i));
            }
            return keepPresent(model.session().run(inputs), places);
        } catch (OrtException e) {
            throw model.session().trouble(e);
        }
    }

    /** The next call's past is this call's present, where ONNX Runtime wrote it. */
    private Logits keepPresent(OrtSession.Result result, int places) {
        close();
        owned.add(result);
        for (String name : kept) {
            past.add((OnnxTensor) result.get("present." + name).orElseThrow());
        }
        OnnxTensor logits = (OnnxTensor) result.get("logits").orElseThrow();
        return new Logits(
                logits.getFloatBuffer(),
                places,
                Math.toIntExact(logits.getInfo().getShape()[2]));
    }

    private OnnxTensor longs(LongBuffer values, long[] shape) throws OrtException {
        return OnnxTensor.createTensor(OnnxSession.environment(), values.flip(), shape);
    }

    /** Frees keys and values. */
    @Override
    public void close() {
        past.clear();
        for (AutoCloseable native_ : owned) {
            try {
                native_.close();
            } catch (Exception e) {
                throw BadInput.of(model.toString(), "ONNX Runtime cannot free a tensor: " + e.getMessage())
                        .causedBy(e);
            }
        }
        owned.clear();
    }
}
