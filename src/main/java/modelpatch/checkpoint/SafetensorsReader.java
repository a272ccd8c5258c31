package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.document.Json;
import modelpatch.document.NamedFile;

/** Reads a lone safetensors file, or a directory in the Hugging Face layout: config.json and one file or an index with shards. */
final class SafetensorsReader {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private static final Pattern SHARD = Pattern.compile("model-(\\d{1,6})-of-(\\d{1,6})\\.safetensors");

    private SafetensorsReader() {}

    /** One file; the configuration is that of config.json beside it, where there is one. */
    static Contents file(Path path) {
        Path config = path.resolveSibling("config.json");
        return single(path, Files.exists(config) ? Json.object(config) : null);
    }

    static Contents directory(Path directory) {
        JsonNode parsed = configuration(directory);
        Path single = directory.resolve(SINGLE);
        return Files.exists(single) ? single(single, parsed) : sharded(directory, parsed);
    }

    private static JsonNode configuration(Path directory) {
        Path config = directory.resolve("config.json");
        if (!Files.exists(config)) {
            throw new BadInput(
                    "no configuration",
                    directory.toString(),
                    "config.json beside the weights",
                    "none",
                    "copy the model's config.json into the directory");
        }
        return Json.object(config);
    }

    static boolean isShard(Path file) {
        return SHARD.matcher(file.getFileName().toString()).matches();
    }

    /**
     * Shards whose index got lost: their names say how many there are, and their headers what is in each.
     *
     * @param shards all that lie there
     */
    static Contents withoutIndex(Path directory, List<Path> shards) {
        Matcher name = SHARD.matcher(shards.get(0).getFileName().toString());
        if (!name.matches()) {
            throw new IllegalArgumentException(shards.get(0).toString());
        }
        int count = Integer.parseInt(name.group(2));
        List<String> wanted = IntStream.rangeClosed(1, count)
                .mapToObj(i -> "model-" + pad(i, name.group(1).length()) + "-of-" + name.group(2) + ".safetensors")
                .toList();
        List<String> missing = wanted.stream()
                .filter(one -> !Files.exists(directory.resolve(one)))
                .toList();
        if (!missing.isEmpty() || shards.size() != count) {
            throw new BadInput(
                    "missing shards, and no " + INDEX,
                    directory.toString(),
                    count + " shards, as their names say",
                    missing.isEmpty()
                            ? shards.size() + " of several sets"
                            : shards.size() + " without "
                                    + String.join(
                                            ", ", missing.stream().limit(4).toList()),
                    "download what is missing");
        }
        return joined(configuration(directory), new TreeSet<>(wanted), directory.resolve(INDEX), new TreeMap<>());
    }

    private static String pad(int number, int digits) {
        String plain = Integer.toString(number);
        return "0".repeat(Math.max(0, digits - plain.length())) + plain;
    }

    private static Contents single(Path path, JsonNode config) {
        OpenFile file = OpenFile.open(path);
        try {
            SafetensorsHeader header = SafetensorsHeader.read(file);
            return contents(List.of(file), config, header.tensors(), header.metadata());
        } catch (BadInput e) {
            file.close();
            throw e;
        }
    }

    private static Contents sharded(Path directory, JsonNode config) {
        Path index = directory.resolve(INDEX);
        SortedMap<String, String> shardOf = weightMap(index);
        return joined(config, new TreeSet<>(shardOf.values()), index, shardOf);
    }

    /**
     * @param index what names the shards, for messages
     * @param shardOf the shard of each tensor that must be there
     */
    private static Contents joined(
            JsonNode config, SortedSet<String> shards, Path index, SortedMap<String, String> shardOf) {
        SortedMap<String, TensorInfo> tensors = new TreeMap<>();
        SortedMap<String, JsonNode> metadata = new TreeMap<>();
        List<OpenFile> files = new ArrayList<>();
        try {
            for (String shard : shards) {
                files.add(openShard(index, shard));
                SafetensorsHeader header = SafetensorsHeader.read(files.get(files.size() - 1));
                metadata.putAll(header.metadata());
                for (TensorInfo info : header.tensors().values()) {
                    TensorInfo other = tensors.put(info.name(), info);
                    if (other != null) {
                        throw new BadInput(
                                "stored twice",
                                info.where(),
                                "each tensor in one shard",
                                "also in " + other.file(),
                                "remove one");
                    }
                }
            }
            shardOf.forEach((name, shard) -> requireStored(index, name, shard, tensors.get(name)));
        } catch (BadInput e) {
            files.forEach(OpenFile::close);
            throw e;
        }
        return contents(files, config, tensors, metadata);
    }

    private static OpenFile openShard(Path index, String shard) {
        Path path = NamedFile.beside(index, shard);
        if (!Files.exists(path)) {
            throw new BadInput(
                    "missing shard",
                    index.toString(),
                    shard + " beside it",
                    "no such file",
                    "download the missing shard");
        }
        return OpenFile.open(path);
    }

    private static void requireStored(Path index, String name, String shard, TensorInfo found) {
        if (found == null || !found.file().endsWith(shard)) {
            throw new BadInput(
                    "index and shard disagree",
                    index.toString(),
                    name + " in " + shard,
                    found == null
                            ? "no such tensor there"
                            : "it in " + found.file().getFileName(),
                    "index and shards are of different versions; download them again");
        }
    }

    private static SortedMap<String, String> weightMap(Path index) {
        JsonNode map = Json.object(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new BadInput(
                    "no weight_map",
                    index.toString(),
                    "an object from tensor names to shard files",
                    map.isMissingNode() ? "none" : map.getNodeType().toString(),
                    "download the index again");
        }
        SortedMap<String, String> shardOf = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String shard = entry.getValue().asText();
            if (!entry.getValue().isTextual() || !shard.matches("[^/\\\\:\\p{Cntrl}]+") || shard.startsWith(".")) {
                throw new BadInput(
                        "wrong shard of " + entry.getKey(),
                        index.toString(),
                        "a file name in the same directory",
                        entry.getValue().toString(),
                        "download the index again");
            }
            shardOf.put(entry.getKey(), shard);
        }
        return shardOf;
    }

    private static Contents contents(
            List<OpenFile> files,
            JsonNode config,
            SortedMap<String, TensorInfo> tensors,
            Map<String, JsonNode> metadata) {
        return new Contents(Checkpoint.Format.SAFETENSORS, files, config, tensors, metadata, Map.of());
    }
}
