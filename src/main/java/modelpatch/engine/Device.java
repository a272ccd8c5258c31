package modelpatch.engine;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import modelpatch.BadInput;
import modelpatch.Versions;

/**
 * Where the engine's arrays lie and its operations run: the processor or a GPU. A process computes on one device, the processor unless another
 * is chosen by {@link #use}. Shapes and single numbers lie on the processor in any case; data are written there first and moved as a whole,
 * and what is read is copied back.
 *
 * @param kind which sort
 * @param index which of several GPUs, 0 for the first; 0 for what is no GPU
 */
public record Device(Kind kind, int index) {
    /** The sorts of devices. */
    public enum Kind {
        /** The processor. */
        CPU,
        /** A GPU that CUDA drives. */
        GPU,
        /**
         * None, for tests: arrays have a shape and no numbers, operations check their operands' places as on a GPU (PyTorch's device "meta"), and
         * what is read is 0. The operations shape_of and nothing_of are the tests' own.
         */
        SHAPES
    }

    /** The processor. */
    public static final Device CPU = new Device(Kind.CPU, 0);

    static final Device SHAPES = new Device(Kind.SHAPES, 0);

    private static final Pattern NAME = Pattern.compile("gpu(?::(\\d{1,3}))?");

    /** Bytes of a GPU's memory for which a batch is as large as on a processor: about a tenth of them is then filled. */
    private static final int SHIFT_OF_UNIT = 30;

    /** Larger batches make products no faster. */
    private static final long MOST_UNITS = 64;

    /** What is taken where nothing says how much memory a GPU has: eight gigabytes are in nearly every one. */
    private static final int UNITS_UNSAID = 8;

    private static volatile Device current = CPU;

    /** By how much larger batches are than on a processor. */
    private static volatile int room = 1;

    /**
     * As people write it: {@code cpu}, {@code gpu} for the first one, {@code gpu:1}.
     *
     * @throws BadInput for anything else
     */
    public static Device of(String text) {
        Matcher gpu = NAME.matcher(text);
        if (gpu.matches()) {
            return new Device(Kind.GPU, gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1)));
        }
        if (text.equals("cpu")) {
            return CPU;
        }
        throw new BadInput("no such device", "--device", "cpu, gpu or gpu:N", text, "leave it out for the processor");
    }

    /** The one that this process computes on. */
    public static Device current() {
        return current;
    }

    /**
     * From now on this process computes here; to be called while no model is open: what lies elsewhere stays there, and no operation takes both.
     *
     * @throws BadInput where the machine or the engine's library has no such device; says what is missing
     */
    public void use() {
        synchronized (Device.class) {
            if (equals(current)) {
                return;
            }
            if (kind == Kind.GPU) {
                Gpus.require(this);
            }
            room = kind == Kind.GPU ? units(freeBytes()) : 1;
            current = this;
            Versions.computesWith(Engine.version(), kind == Kind.CPU ? "" : " on " + this);
        }
    }

    /** Bytes of a GPU's memory that are free now; empty for the processor, and where CUDA's runtime is not found. */
    public OptionalLong freeBytes() {
        return kind == Kind.GPU ? Gpus.freeBytes(index) : OptionalLong.empty();
    }

    private static int units(OptionalLong freeBytes) {
        return freeBytes.isEmpty() ? UNITS_UNSAID : units(freeBytes.getAsLong());
    }

    /** A power of two, so that a little more or less of free memory changes no batch. */
    static int units(long freeBytes) {
        return (int) Long.highestOneBit(Math.max(1, Math.min(MOST_UNITS, freeBytes >> SHIFT_OF_UNIT)));
    }

    /** By how much larger batches are on this process's device than on a processor: 1 there, on a GPU by its free memory. */
    public static int room() {
        return room;
    }

    /** Whether several workers share the work: a GPU is kept busy by one. */
    public boolean hasWorkers() {
        return kind != Kind.GPU;
    }

    ai.djl.Device engines() {
        return kind == Kind.GPU ? ai.djl.Device.gpu(index) : ai.djl.Device.cpu();
    }

    @Override
    public String toString() {
        return switch (kind) {
            case CPU -> "cpu";
            case GPU -> "gpu:" + index;
            case SHAPES -> "shapes";
        };
    }
}
