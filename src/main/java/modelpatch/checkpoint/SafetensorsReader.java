package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.document.Json;

/** Reads a lone safetensors file, or a directory in the Hugging Face layout: config.json and one file or an index with shards. */
final class SafetensorsReader {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private SafetensorsReader() {}

    /** One file; the configuration is that of config.json beside it, where there is one. */
    static Contents file(Path path) {
        Path config = path.resolveSibling("config.json");
        return single(path, Files.exists(config) ? Json.object(config) : null);
    }

    static Contents directory(Path directory) {
        Path config = directory.resolve("config.json");
        if (!Files.exists(config)) {
            throw new BadInput(
                    "no configuration",
                    directory.toString(),
                    "config.json beside the weights",
                    "none",
                    "copy the model's config.json into the directory");
        }
        JsonNode parsed = Json.object(config);
        Path single = directory.resolve(SINGLE);
        return Files.exists(single) ? single(single, parsed) : sharded(directory, parsed);
    }

    private static Contents single(Path path, JsonNode config) {
        MappedFile file = MappedFile.open(path);
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
        SortedMap<String, TensorInfo> tensors = new TreeMap<>();
        SortedMap<String, JsonNode> metadata = new TreeMap<>();
        List<MappedFile> files = new ArrayList<>();
        try {
            for (String shard : shardOf.values().stream().distinct().sorted().toList()) {
                files.add(openShard(directory, index, shard));
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
            files.forEach(MappedFile::close);
            throw e;
        }
        return contents(files, config, tensors, metadata);
    }

    private static MappedFile openShard(Path directory, Path index, String shard) {
        Path path = directory.resolve(shard);
        if (!Files.exists(path)) {
            throw new BadInput(
                    "missing shard",
                    index.toString(),
                    shard + " beside it",
                    "no such file",
                    "download the missing shard");
        }
        return MappedFile.open(path);
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
            List<MappedFile> files,
            JsonNode config,
            SortedMap<String, TensorInfo> tensors,
            Map<String, JsonNode> metadata) {
        return new Contents(Checkpoint.Format.SAFETENSORS, files, config, tensors, metadata, Map.of());
    }
}
