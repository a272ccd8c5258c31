package modelpatch.export;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import modelpatch.BadInput;
import modelpatch.architecture.LengthClasses;
import modelpatch.export.OnnxInterface.Cache;

/**
 * Sequences that run side by side in ONNX Runtime, with their keys and values. Each call appends the same number of places to every sequence; a
 * place without a token is masked. Without a cache every call runs everything again, and so does one after which a sequence's positions turn
 * otherwise than in the keys that are kept.
 *
 * <p>Shapes: B sequences, S new places, T places so far, K key-value heads, D = d_head.
 */
final class OnnxBatch implements AutoCloseable {
    /** In place of a token: padding. */
    static final int NONE = -1;

    private final OnnxSession session;
    private final OnnxInterface form;
    private final boolean anew;
    private final LengthClasses classes;
    private final List<OnnxTensor> past = new ArrayList<>();
    private final List<AutoCloseable> owned = new ArrayList<>();

    /** All tokens so far, [B, T]. */
    private int[][] ids;

    private OnnxBatch(OnnxSession session, OnnxInterface form, boolean anew, LengthClasses classes, int[][] ids) {
        this.session = session;
        this.form = form;
        this.anew = anew;
        this.classes = classes;
        this.ids = ids;
    }

    /**
     * So many sequences without a token.
     *
     * @param anew whether every call runs everything again, though the file may have a cache
     * @param classes of sequences whose positions turn alike
     */
    static OnnxBatch empty(
            OnnxSession session, OnnxInterface form, boolean anew, LengthClasses classes, int sequences) {
        OnnxBatch batch = new OnnxBatch(session, form, anew || form.caches().isEmpty(), classes, new int[sequences][0]);
        batch.forget();
        return batch;
    }

    /** Drops what was kept of earlier tokens. */
    private void forget() {
        close();
        for (Cache cache : form.caches()) {
            keep(direct(0), new long[] {ids.length, cache.heads(), 0, cache.width()}, cache.type());
        }
    }

    /** So many copies of the single sequence of this batch. */
    OnnxBatch times(int sequences) {
        int[][] copies = new int[sequences][];
        Arrays.fill(copies, ids[0]);
        OnnxBatch batch = new OnnxBatch(session, form, anew, classes, copies);
        if (anew) {
            return batch;
        }
        for (OnnxTensor tensor : past) {
            ByteBuffer one = tensor.getByteBuffer();
            ByteBuffer all = direct((long) one.remaining() * sequences);
            for (int i = 0; i < sequences; i++) {
                all.put(one.duplicate());
            }
            long[] shape = tensor.getInfo().getShape();
            batch.keep(all.flip(), new long[] {sequences, shape[1], shape[2], shape[3]}, tensor.getInfo().type);
        }
        return batch;
    }

    private void keep(ByteBuffer values, long[] shape, OnnxJavaType type) {
        OnnxTensor tensor = tensor(values, shape, type);
        past.add(tensor);
        owned.add(tensor);
    }

    /**
     * Logits of the new places.
     *
     * @param values [B, all places, d_vocab]
     * @param first of the new ones
     * @param places new ones
     */
    record Logits(FloatBuffer values, int first, int places, int vocabulary) {
        float[] at(int sequence, int place) {
            float[] row = new float[vocabulary];
            values.get((sequence * (first + places) + first + place) * vocabulary, row);
            return row;
        }
    }

    /**
     * Appends tokens and runs the model over them.
     *
     * @param added [B][S], {@link #NONE} for padding
     */
    Logits append(int[][] added) {
        int before = ids[0].length;
        int places = added[0].length;
        int[][] grown = new int[ids.length][];
        for (int i = 0; i < grown.length; i++) {
            grown[i] = Arrays.copyOf(ids[i], before + places);
            System.arraycopy(added[i], 0, grown[i], before, places);
        }
        boolean again = anew || !Arrays.equals(classesOf(ids), classesOf(grown));
        ids = grown;
        if (again) {
            forget();
        }
        return run(again ? 0 : before, places);
    }

    private int[] classesOf(int[][] sequences) {
        return Arrays.stream(sequences)
                .mapToInt(sequence -> classes.of(
                        (int) Arrays.stream(sequence).filter(id -> id != NONE).count()))
                .toArray();
    }

    /**
     * One call over the last places.
     *
     * @param from the first place that the past does not hold
     */
    private Logits run(int from, int places) {
        int total = ids[0].length;
        long[][] positions = positions();
        try (Inputs inputs = new Inputs()) {
            long[] shape = {ids.length, total - from};
            inputs.put(form.ids(), each(from, (i, place) -> Math.max(ids[i][place], 0)), shape);
            form.positions().ifPresent(name -> inputs.put(name, each(from, (i, place) -> positions[i][place]), shape));
            form.mask()
                    .ifPresent(name ->
                            inputs.put(name, each(0, (i, place) -> ids[i][place] == NONE ? 0 : 1), ids.length, total));
            form.cachePosition()
                    .ifPresent(name ->
                            inputs.put(name, LongStream.range(from, total).toArray(), total - from));
            form.logitsKept().ifPresent(name -> inputs.put(name, new long[] {0}));
            form.cacheBranch().ifPresent(name -> inputs.put(name, new long[] {from > 0 ? 1 : 0}, 1));
            for (int i = 0; i < past.size(); i++) {
                inputs.tensors.put(form.caches().get(i).past(), past.get(i));
            }
            OrtSession.Result result = session.run(inputs.tensors);
            close();
            owned.add(result);
            keepPresent(result, total);
            return logits(result, total - from, places);
        }
    }

    @FunctionalInterface
    private interface Each {
        long at(int sequence, int place);
    }

    private long[] each(int from, Each number) {
        int places = ids[0].length - from;
        long[] values = new long[ids.length * places];
        Arrays.setAll(values, i -> number.at(i / places, from + i % places));
        return values;
    }

    /** Where each token stands among the tokens of its sequence; 0 for padding. */
    private long[][] positions() {
        long[][] positions = new long[ids.length][ids[0].length];
        for (int i = 0; i < ids.length; i++) {
            long position = 0;
            for (int place = 0; place < ids[i].length; place++) {
                positions[i][place] = ids[i][place] == NONE ? 0 : position++;
            }
        }
        return positions;
    }

    /** The next call's past is this call's present, where ONNX Runtime wrote it. */
    private void keepPresent(OrtSession.Result result, int total) {
        for (Cache cache : form.caches()) {
            OnnxTensor present = (OnnxTensor) result.get(cache.present()).orElseThrow();
            long[] shape = present.getInfo().getShape();
            if (!Arrays.equals(shape, new long[] {ids.length, cache.heads(), total, cache.width()})) {
                throw new BadInput(
                        "a cache that does not grow with its tokens",
                        session.toString(),
                        cache.present() + " [" + ids.length + ", " + cache.heads() + ", " + total + ", " + cache.width()
                                + "] after " + total + " places",
                        Arrays.toString(shape),
                        "export the model with a cache that grows");
            }
            past.add(present);
        }
    }

    private Logits logits(OrtSession.Result result, int run, int places) {
        OnnxTensor logits = (OnnxTensor) result.get(form.logits()).orElseThrow();
        long[] shape = logits.getInfo().getShape();
        requireRoom("logits", Float.BYTES * LongStream.of(shape).reduce(1, Math::multiplyExact));
        FloatBuffer values = logits.getFloatBuffer();
        if (shape.length != 3 || shape[1] != run || values == null) {
            throw new BadInput(
                    "no logits of every place",
                    session.toString(),
                    form.logits() + " [" + ids.length + ", " + run + ", d_vocab] of floating-point numbers",
                    logits.getInfo().type + " " + Arrays.toString(shape),
                    "export the model with all its logits");
        }
        return new Logits(values, run - places, places, Math.toIntExact(shape[2]));
    }

    /** What one call reads beside keys and values. */
    private final class Inputs implements AutoCloseable {
        private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        private final List<OnnxTensor> made = new ArrayList<>();

        void put(String name, long[] values, long... shape) {
            OnnxJavaType type = form.types().get(name);
            ByteBuffer bytes = direct((long) values.length * type.size);
            for (long value : values) {
                switch (type) {
                    case INT64 -> bytes.putLong(value);
                    case INT32 -> bytes.putInt((int) value);
                    default -> bytes.put((byte) value);
                }
            }
            OnnxTensor tensor = tensor(bytes.flip(), shape, type);
            made.add(tensor);
            tensors.put(name, tensor);
        }

        @Override
        public void close() {
            made.forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor tensor(ByteBuffer values, long[] shape, OnnxJavaType type) {
        try {
            return OnnxTensor.createTensor(OnnxSession.environment(), values, shape, type);
        } catch (OrtException e) {
            throw session.trouble(e);
        }
    }

    private ByteBuffer direct(long bytes) {
        requireRoom("keys and values", bytes);
        return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    }

    /** A buffer reaches 2 GB. */
    private void requireRoom(String what, long bytes) {
        if (bytes > Integer.MAX_VALUE) {
            throw new BadInput(
                    "too much for one call",
                    session.toString(),
                    "less than 2 GB of " + what,
                    bytes + " bytes for " + ids.length + " sequences of " + ids[0].length + " tokens",
                    "give shorter prompts, or fewer of them");
        }
    }

    /** Frees keys and values. */
    @Override
    public void close() {
        past.clear();
        for (AutoCloseable tensor : owned) {
            try {
                tensor.close();
            } catch (Exception e) {
                throw BadInput.of(session.toString(), "ONNX Runtime cannot free a tensor: " + e.getMessage())
                        .causedBy(e);
            }
        }
        owned.clear();
    }
}
