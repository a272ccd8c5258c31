package modelpatch.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.BadInput;

/** Finds out what lies at a path: by what it holds, not by its name alone. */
final class CheckpointPath {
    private static final List<String> PICKLES = List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle");
    private static final String ADAPTER = "adapter_config.json";
    private static final int SHOWN = 8;

    private CheckpointPath() {}

    static Contents read(Path path) {
        if (!Files.exists(path)) {
            throw new BadInput(
                    "no checkpoint",
                    path.toString(),
                    "a model directory or a .gguf file",
                    "no such file or directory",
                    "check the path");
        }
        return Files.isDirectory(path) ? directory(HubCache.snapshot(path).orElse(path)) : file(path);
    }

    private static Contents directory(Path directory) {
        if (Files.exists(directory.resolve(SafetensorsReader.SINGLE))
                || Files.exists(directory.resolve(SafetensorsReader.INDEX))) {
            return SafetensorsReader.directory(directory);
        }
        List<Path> files = list(directory);
        List<Path> shards = files.stream().filter(SafetensorsReader::isShard).toList();
        if (!shards.isEmpty()) {
            return SafetensorsReader.withoutIndex(directory, shards);
        }
        List<Path> ggufs = files.stream().filter(f -> named(f, ".gguf")).toList();
        if (ggufs.size() == 1 || GgufPart.areNamedAsParts(ggufs)) {
            return GgufReader.file(ggufs.get(0));
        }
        if (Files.exists(directory.resolve(ADAPTER))) {
            throw new BadInput(
                    "an adapter, not a model",
                    directory.toString(),
                    "the model that the adapter was made for",
                    ADAPTER,
                    "give its base as --model; `patch import --lora " + directory
                            + "` turns the adapter into a patch of it");
        }
        files.stream().filter(CheckpointPath::isPickleName).findFirst().ifPresent(f -> {
            throw pickle(f);
        });
        throw new BadInput(
                "no checkpoint",
                directory.toString(),
                SafetensorsReader.SINGLE + ", " + SafetensorsReader.INDEX + " or one .gguf file",
                ggufs.isEmpty() ? listing(files) : ggufs.size() + " .gguf files: " + listing(ggufs),
                ggufs.isEmpty() ? "check the path" : "give the path of the one you mean");
    }

    private static Contents file(Path path) {
        byte[] start = start(path);
        boolean gguf = start.length >= 4
                && ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getInt() == GgufHeader.MAGIC;
        if (gguf || named(path, ".gguf")) {
            return GgufReader.file(path);
        }
        if (named(path, ".safetensors")) {
            return SafetensorsReader.file(path);
        }
        if (isPickleName(path) || isPickle(start)) {
            throw pickle(path);
        }
        throw new BadInput(
                "no checkpoint",
                path.toString(),
                "a model directory, a .gguf file or a .safetensors file",
                "a file of another kind",
                "check the path");
    }

    /** Bare pickles begin with byte 0x80 and their protocol; PyTorch's are zip archives. */
    private static boolean isPickle(byte[] start) {
        boolean bare = start.length >= 2 && start[0] == (byte) 0x80 && start[1] >= 2 && start[1] <= 5;
        boolean zip = start.length >= 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
        return bare || zip;
    }

    private static boolean isPickleName(Path path) {
        return PICKLES.stream().anyMatch(suffix -> named(path, suffix));
    }

    private static BadInput pickle(Path path) {
        return new BadInput(
                "pickle file refused",
                path.toString(),
                "safetensors or GGUF",
                "a Python pickle, which can run any code while it is loaded",
                "convert it to safetensors where you trust it (save_pretrained writes safetensors)");
    }

    private static boolean named(Path path, String suffix) {
        return path.getFileName() != null
                && path.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(suffix);
    }

    private static byte[] start(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(8);
        } catch (IOException e) {
            throw BadInput.reading(path, e);
        }
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw BadInput.reading(directory, e);
        }
    }

    private static String listing(List<Path> files) {
        if (files.isEmpty()) {
            return "an empty directory";
        }
        String names =
                files.stream().limit(SHOWN).map(f -> f.getFileName().toString()).collect(Collectors.joining(", "));
        return files.size() > SHOWN ? names + " and " + (files.size() - SHOWN) + " more" : names;
    }
}
