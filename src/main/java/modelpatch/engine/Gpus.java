package modelpatch.engine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import modelpatch.BadInput;

/**
 * The GPUs of this machine, as the loaded library and the driver know them.
 *
 * @param usable whether the library computes on one of them
 * @param library what is loaded: its version, and whether it was built for CUDA
 * @param models what the driver calls them, such as {@code NVIDIA H100 80GB HBM3}; empty where it says nothing
 * @param memory free and whole bytes of each that CUDA's runtime counts; empty where that is not found
 */
public record Gpus(boolean usable, String library, List<String> models, List<Memory> memory) {
    /** How a machine with a GPU comes to use it. */
    public static final String HOW_TO =
            "unpack the Python wheel of torch 2.7.1 for CUDA, set PYTORCH_LIBRARY_PATH to its torch/lib and"
                    + " PYTORCH_FLAVOR to cu128 (docs/howto/gpu.md)";

    private static final Path DRIVER = Path.of("/proc/driver/nvidia/gpus");

    public Gpus {
        models = List.copyOf(models);
        memory = List.copyOf(memory);
    }

    /** Bytes of one GPU. */
    public record Memory(long free, long total) {}

    /** Those of here; starts the engine. */
    public static Gpus here() {
        boolean usable = Engine.canUseGpu();
        boolean built = Files.exists(Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cuda")));
        return new Gpus(
                usable, Engine.version() + (built ? " with CUDA" : " without CUDA"), models(DRIVER), memories());
    }

    /** What hinders, or what there is, in a line. */
    public String found() {
        String names = models.isEmpty() ? "" : String.join(", ", models);
        if (usable) {
            StringBuilder text = new StringBuilder(library).append(", ").append(names.isEmpty() ? "a GPU" : names);
            memory.forEach(one -> text.append(", ")
                    .append(one.free() >> 20)
                    .append(" of ")
                    .append(one.total() >> 20)
                    .append(" MB free"));
            return text.toString();
        }
        String driver = names.isEmpty() ? "no NVIDIA driver that names a GPU" : "the driver names " + names;
        return library + "; " + driver;
    }

    /** @throws BadInput where this process cannot compute on it */
    static void require(Device device) {
        try {
            require(device, here());
        } catch (LinkageError | EngineException e) {
            throw missing(device, "an engine that does not start: " + e);
        }
    }

    /** @param here what this machine has */
    static void require(Device device, Gpus here) {
        if (!here.usable()) {
            throw missing(device, here.found());
        }
        try (PtNDManager manager = Engine.manager(device)) {
            JniUtils.createZerosNdArray(manager, new Shape(1), DataType.FLOAT32, device.engines(), SparseFormat.DENSE);
        } catch (EngineException e) {
            throw new BadInput(
                    "no such GPU",
                    "--device " + device,
                    "one that CUDA counts, from gpu:0 on",
                    here.found() + " (" + firstLine(e) + ")",
                    "take another, or look at CUDA_VISIBLE_DEVICES");
        }
    }

    private static BadInput missing(Device device, String found) {
        return new BadInput(
                "no GPU that the engine can use",
                "--device " + device,
                "a GPU of NVIDIA with its driver, and a PyTorch library for CUDA",
                found,
                HOW_TO + ", or leave --device out");
    }

    private static String firstLine(EngineException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /** Bytes that are free on one GPU; empty where CUDA's runtime is not found. */
    static OptionalLong freeBytes(int index) {
        List<Memory> all = memories();
        return index < all.size() ? OptionalLong.of(all.get(index).free()) : OptionalLong.empty();
    }

    private static List<Memory> memories() {
        List<Memory> found = new ArrayList<>();
        try {
            for (int index = 0; index < CudaUtils.getGpuCount(); index++) {
                var memory = CudaUtils.getGpuMemory(ai.djl.Device.gpu(index));
                found.add(new Memory(memory.getMax() - memory.getUsed(), memory.getMax()));
            }
        } catch (LinkageError | EngineException | IllegalStateException e) {
            return List.of(); // a runtime that does not fit its driver says nothing of memory
        }
        return found;
    }

    /** @param driver a folder for each GPU, with a file "information" in it (NVIDIA's driver for Linux) */
    static List<String> models(Path driver) {
        if (!Files.isDirectory(driver)) {
            return List.of();
        }
        try (Stream<Path> gpus = Files.list(driver)) {
            List<String> names = new ArrayList<>();
            for (Path gpu : gpus.sorted().toList()) {
                Files.readString(gpu.resolve("information"))
                        .lines()
                        .filter(line -> line.startsWith("Model:"))
                        .forEach(line ->
                                names.add(line.substring("Model:".length()).strip()));
            }
            return names;
        } catch (IOException e) {
            return List.of();
        }
    }
}
