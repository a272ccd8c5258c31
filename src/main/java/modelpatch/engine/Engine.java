package modelpatch.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import modelpatch.NativeLibraries;
import modelpatch.Versions;

/**
 * The one door to the tensor engine: it alone starts DJL, creates arrays, runs operations and decides who owns a result. What it makes
 * impossible: an operand that dies before its gradient is taken (numbers are tensors held for life, data are written into memory that the
 * engine owns), bfloat16 arrays in Java (such bytes are widened inside the engine), and views of memory that is not the engine's own: a file
 * that is mapped and cut by somebody takes the process with it.
 */
public final class Engine {
    private static final PtNDManager ROOT = start();
    private static volatile TorchScript operations = new TorchScript(ROOT, TorchScript.operations());
    private static final Map<Number, Tensor> NUMBERS = new ConcurrentHashMap<>();
    private static final ThreadLocal<Deque<Scope>> SCOPES = ThreadLocal.withInitial(ArrayDeque::new);
    private static final ThreadLocal<Boolean> QUIET = ThreadLocal.withInitial(() -> {
        JniUtils.setGradMode(false);
        // TorchScript rewrites an operation after its first runs, which rounds otherwise: the same call gave two
        // results in one process.
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setNumThreads(1);
        return true;
    });
    /** Bytes of a tensor that are written or read through one buffer; a buffer of Java reaches 2 GB. */
    static final long SLICE = 1L << 29;

    /** Whether other threads may be using this thread's tensors. */
    private static final ThreadLocal<Boolean> SHARES = ThreadLocal.withInitial(() -> false);
    /** Whether this thread records what it does for gradients. */
    private static final ThreadLocal<Boolean> RECORDS = ThreadLocal.withInitial(() -> false);

    private static volatile Workers workers = new Workers(1);

    private Engine() {}

    private static PtNDManager start() {
        NativeLibraries.locate();
        System.setProperty("ai.djl.offline", "true");
        PtNDManager root =
                (PtNDManager) djl().newBaseManager(ai.djl.Device.cpu()).newSubManager();
        Versions.computesWith(version(), "");
        return root;
    }

    private static ai.djl.engine.Engine djl() {
        return ai.djl.engine.Engine.getEngine("PyTorch");
    }

    /** Whether the loaded library was built for CUDA and finds a GPU. */
    static boolean canUseGpu() {
        return djl().hasCapability("CUDA");
    }

    /** A new one that makes its arrays on a device. */
    static PtNDManager manager(Device device) {
        return sub(ROOT, device);
    }

    /** DJL's own choice would be a GPU wherever it finds one. */
    private static PtNDManager sub(PtNDManager parent, Device device) {
        return parent.newSubManager(device.engines());
    }

    /**
     * From now on so many workers do what can be done side by side. What is computed does not depend on their number: an operation takes one
     * thread (split over several it rounds otherwise), and whoever parts work does so by the work alone.
     */
    public static synchronized void useThreads(int threads) {
        int count = Device.current().hasWorkers() ? threads : 1;
        if (workers.count() != count) {
            workers.close();
            workers = new Workers(count);
        }
    }

    /** Does pieces of work that do not touch one another; see {@link Workers#run}. */
    public static void sideBySide(List<Runnable> pieces) {
        workers.run(
                pieces.size() < 2 ? pieces : pieces.stream().map(Engine::shared).toList());
    }

    private static Runnable shared(Runnable piece) {
        return () -> {
            boolean before = SHARES.get();
            SHARES.set(true);
            try {
                piece.run();
            } finally {
                SHARES.set(before);
            }
        };
    }

    /** From now on operations are those of another text in the form of {@code ops.py}. */
    static void use(String text) {
        operations = new TorchScript(ROOT, text);
    }

    public static String version() {
        return "PyTorch " + djl().getVersion().replaceAll("[^0-9.].*", "");
    }

    /** How many arrays are owned outside any weights: what a leak test counts. */
    public static int liveArrays() {
        return ROOT.getManagedArrays().size()
                + SCOPES.get().stream()
                        .mapToInt(scope -> scope.manager.getManagedArrays().size())
                        .sum();
    }

    /** Owns every array made on this thread until it is closed, but for those that were kept. */
    public static final class Scope implements AutoCloseable {
        private final PtNDManager manager;
        private final PtNDArray carrier;
        private final boolean recorded;

        private Scope(PtNDManager parent, boolean recorded) {
            this.manager = sub(parent, Device.current());
            this.carrier = JniUtils.createZerosNdArray(
                    manager, new Shape(), DataType.UINT8, ai.djl.Device.cpu(), SparseFormat.DENSE);
            this.recorded = recorded;
        }

        /** Hands a tensor to the scope around this one. */
        public Tensor keep(Tensor tensor) {
            tensor.array().attach(parent());
            return tensor;
        }

        /** Takes over a tensor that was made in a scope inside this one. */
        public Tensor adopt(Tensor tensor) {
            tensor.array().attach(manager);
            return tensor;
        }

        private PtNDManager parent() {
            return (PtNDManager) manager.getParentManager();
        }

        @Override
        public void close() {
            Deque<Scope> scopes = SCOPES.get();
            if (scopes.peek() != this) {
                throw new IllegalStateException("a tensor scope was closed out of order");
            }
            scopes.pop();
            manager.close();
            if (recorded) {
                JniUtils.setGradMode(false);
                JniUtils.setNumThreads(1);
                RECORDS.set(false);
            }
        }
    }

    /** Opens a scope in the innermost one of this thread. */
    public static Scope scope() {
        return open(false);
    }

    /** As {@link #scope()}, and operations inside are recorded for gradients. */
    public static Scope recordingScope() {
        return recordingScope(1);
    }

    /**
     * As {@link #recordingScope()}, faster for large batches.
     *
     * @param threads how many threads one operation takes; their number decides how it rounds
     */
    public static Scope recordingScope(int threads) {
        Scope scope = open(true);
        JniUtils.setGradMode(true);
        JniUtils.setNumThreads(threads);
        RECORDS.set(true);
        return scope;
    }

    private static Scope open(boolean recorded) {
        QUIET.get();
        Deque<Scope> scopes = SCOPES.get();
        Scope outer = scopes.peek();
        Scope scope = new Scope(outer == null ? ROOT : outer.manager, recorded);
        scopes.push(scope);
        return scope;
    }

    /** Owns arrays that outlive any scope: weights, caches. Closing it frees them. */
    public record Owner(PtNDManager manager) implements AutoCloseable {
        @Override
        public void close() {
            manager.close();
        }
    }

    public static Owner owner() {
        return new Owner(manager(Device.current()));
    }

    /** Runs an operation of {@code ops.py}; arguments are Tensor, Tensor[], or Number. */
    public static Tensor run(String operation, Object... arguments) {
        return runAll(operation, arguments)[0];
    }

    public static Tensor[] runAll(String operation, Object... arguments) {
        Scope scope = SCOPES.get().peek();
        if (scope == null) {
            throw new IllegalStateException("operation " + operation + " outside any tensor scope");
        }
        NDList inputs = new NDList(arguments.length + 1);
        inputs.add(scope.carrier);
        int lists = 0;
        for (Object argument : arguments) {
            if (argument instanceof Tensor tensor) {
                inputs.add(tensor.array());
            } else if (argument instanceof Number number) {
                inputs.add(number(number).array());
            } else {
                String name = "list" + lists++ + "[]";
                for (Tensor tensor : (Tensor[]) argument) {
                    PtNDArray member = member(tensor);
                    member.setName(name);
                    inputs.add(member);
                }
            }
        }
        NDList results = operations.run(operation, inputs);
        for (NDArray input : inputs) {
            input.setName(null);
        }
        return results.stream().map(array -> new Tensor((PtNDArray) array)).toArray(Tensor[]::new);
    }

    /** Members of a list are named for the call, so a worker takes a view of what other workers may be using. */
    private static PtNDArray member(Tensor tensor) {
        boolean shared = SHARES.get()
                && SCOPES.get().stream()
                        .noneMatch(scope -> scope.manager == tensor.array().getManager());
        return shared ? tensor.narrow(0, 0, tensor.size(0)).array() : tensor.array();
    }

    /**
     * x W^T + b, [rows, columns]; a great one is made in parts by all workers that are free.
     *
     * @param x [rows, inner]
     * @param weight [columns, inner], or [inner, columns] where it is stored {@code transposed}
     */
    public static Tensor product(Tensor x, Tensor weight, Optional<Tensor> bias, boolean transposed) {
        long columns = weight.size(transposed ? 1 : 0);
        long width = RECORDS.get() || !Device.current().hasWorkers()
                ? columns
                : PartedProduct.width(x.size(0), x.size(1), columns);
        if (width < columns) {
            return PartedProduct.of(x, transposed ? weight : run("t", weight), bias, width);
        }
        if (transposed) {
            return bias.isPresent() ? run("affine", x, weight, bias.get()) : run("matmul", x, weight);
        }
        return bias.isPresent() ? run("linear_bias", x, weight, bias.get()) : run("linear", x, weight);
    }

    /** A number as a tensor without dimensions, made once and never freed; on the processor, where any operation takes it. */
    public static Tensor number(Number value) {
        return NUMBERS.computeIfAbsent(value, key -> {
            if (key instanceof Double d) {
                return filled(ROOT, new Shape(), DataType.FLOAT32, buffer -> buffer.putFloat(d.floatValue()));
            }
            return filled(ROOT, new Shape(), DataType.INT64, buffer -> buffer.putLong(key.longValue()));
        });
    }

    /** As {@link #number}, for a number that does not come again: the innermost scope owns it. */
    public static Tensor once(double value) {
        return filled(
                SCOPES.get().element().manager,
                new Shape(),
                DataType.FLOAT32,
                buffer -> buffer.putFloat((float) value));
    }

    /** Rows of one length, at least one, [rows, columns]. */
    public static Tensor floats(List<float[]> rows) {
        int width = rows.get(0).length;
        float[] flat = new float[rows.size() * width];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, flat, i * width, width);
        }
        return floats(flat, rows.size(), width);
    }

    public static Tensor floats(float[] values, long... shape) {
        return floats(SCOPES.get().element().manager, values, shape);
    }

    public static Tensor floats(Owner owner, float[] values, long... shape) {
        return floats(owner.manager(), values, shape);
    }

    /** Writes a part of a tensor. */
    @FunctionalInterface
    public interface Fill {
        /**
         * Writes the numbers of one part.
         *
         * @param first where the part begins among all numbers, row-major
         * @param part as many numbers as it has room for; modified
         */
        void write(long first, FloatBuffer part);

        /** Of numbers that lie in an array; they are read when it writes. */
        static Fill of(float[] values) {
            return (first, part) -> part.put(values, Math.toIntExact(first), part.remaining());
        }
    }

    /** A float32 tensor in memory of the engine's own, written by {@code fill}, which is called once for each of its parts in order. */
    public static Tensor floats(Owner owner, Fill fill, long... shape) {
        return inSlices(owner, fill, SLICE / Float.BYTES, shape);
    }

    /** @param most numbers of a part */
    static Tensor inSlices(Owner owner, Fill fill, long most, long... shape) {
        Tensor tensor = empty(owner.manager(), new Shape(shape), DataType.FLOAT32);
        tensor.parts(most, (first, slice) -> fill.write(first, slice.asFloatBuffer()));
        return moved(tensor, owner.manager());
    }

    private static Tensor floats(PtNDManager owner, float[] values, long... shape) {
        if (values.length != new Shape(shape).size()) {
            throw new IllegalArgumentException(values.length + " numbers make no tensor " + new Shape(shape));
        }
        return floats(new Owner(owner), Fill.of(values), shape);
    }

    static Tensor bytes(byte[] values) {
        PtNDManager owner = SCOPES.get().element().manager;
        return moved(filled(owner, new Shape(values.length), DataType.UINT8, buffer -> buffer.put(values)), owner);
    }

    /** Whole numbers that say how an operation is done, such as a shape; on the processor. */
    static Tensor longs(long[] values) {
        return filled(
                SCOPES.get().element().manager,
                new Shape(values.length),
                DataType.INT64,
                buffer -> buffer.asLongBuffer().put(values));
    }

    /** Whole numbers that are operands, such as tokens or rows. */
    public static Tensor ids(int[] ids) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        return moved(longs(wide), SCOPES.get().element().manager);
    }

    /** A tensor on the processor, in memory of the engine's own, of a size that one buffer holds, written once by {@code fill}. */
    private static Tensor filled(PtNDManager owner, Shape shape, DataType type, Consumer<ByteBuffer> fill) {
        Tensor tensor = empty(owner, shape, type);
        if (shape.size() > 0) {
            fill.accept(tensor.buffer());
        }
        return tensor;
    }

    /** In memory of the processor, to be written: of an array elsewhere a buffer is a copy, and what is written there is lost. */
    private static Tensor empty(PtNDManager owner, Shape shape, DataType type) {
        return new Tensor(JniUtils.createEmptyNdArray(owner, shape, type, ai.djl.Device.cpu(), SparseFormat.DENSE));
    }

    /** What has been written, on this process's device. */
    private static Tensor moved(Tensor written, PtNDManager owner) {
        Device device = Device.current();
        if (device.kind() == Device.Kind.CPU) {
            return written;
        }
        Tensor there;
        if (device.kind() == Device.Kind.SHAPES) {
            try (Scope scope = scope()) {
                there = run("shape_of", written);
                there.array().attach(owner);
            }
        } else {
            there = new Tensor(written.array().toDevice(device.engines(), true));
        }
        written.free();
        return there;
    }
}
