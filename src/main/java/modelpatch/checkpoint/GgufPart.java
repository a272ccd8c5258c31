package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import modelpatch.BadInput;
import modelpatch.Numbers;

/**
 * One GGUF file of a model: the only one, or a part of it. The parts of a split model are {@code NAME-00001-of-00003.gguf} and so on, side by
 * side, and say by {@code split.no}, {@code split.count} and {@code split.tensors.count} which they are; the first has the key-values of the
 * model. (Source: the format of llama.cpp's gguf-split.)
 */
record GgufPart(OpenFile file, GgufHeader header) {
    /** What the keys of splitting begin with; they say nothing about the model. */
    static final String SPLIT = "split.";

    private static final String MERGE = ", or merge the parts with llama-gguf-split --merge";
    private static final Pattern NAME = Pattern.compile("(?<model>.+)-(?<number>\\d{5})-of-(?<count>\\d{5})\\.gguf");
    private static final int SHOWN = 8;

    /**
     * Opens a model, whichever of its parts is given.
     *
     * @return all parts in order; the first has the model's key-values
     * @throws BadInput where parts are missing, naming them, or do not belong together
     */
    static List<GgufPart> open(Path path) {
        List<GgufPart> parts = new ArrayList<>();
        try {
            parts.add(read(path));
            long count = parts.get(0).split("count").orElse(1);
            return count <= 1 ? parts : withOthers(parts, path, count);
        } catch (BadInput e) {
            close(parts);
            throw e;
        }
    }

    /** Whether files are named as the parts of one model, some of them at least. */
    static boolean areNamedAsParts(List<Path> files) {
        List<String> models = files.stream()
                .map(file -> NAME.matcher(file.getFileName().toString()))
                .filter(Matcher::matches)
                .map(name -> name.group("model") + " of " + name.group("count"))
                .toList();
        return models.size() == files.size() && Set.copyOf(models).size() == 1;
    }

    /** The names of all tensors, as the files have them. */
    static Set<String> tensors(List<GgufPart> parts) {
        return parts.stream()
                .flatMap(part -> part.header().entries().stream())
                .map(GgufHeader.Entry::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    static void close(List<GgufPart> parts) {
        parts.forEach(part -> part.file().close());
    }

    /** Hands over the stored bytes of a tensor of this part, as {@link OpenFile#read} does, so many elements at a time. */
    void read(GgufHeader.Entry entry, int elements, IoConsumer<ByteBuffer> sink) throws IOException {
        TensorKind kind = entry.kind();
        file.read(header.dataStart() + entry.offset(), kind.bytes(entry.elements()), (int) kind.bytes(elements), sink);
    }

    /** Some of a tensor's elements, in the order of the file; no more than an array can hold. */
    float[] floats(GgufHeader.Entry entry, long first, long elements, FloatDecoder decoder) throws IOException {
        FloatBuffer numbers = FloatBuffer.allocate(Math.toIntExact(elements));
        TensorKind kind = entry.kind();
        long offset = header.dataStart() + entry.offset() + kind.bytes(first);
        int part = (int) kind.bytes(FloatDecoder.CHUNK);
        file.read(offset, kind.bytes(elements), part, bytes -> decoder.decode(bytes, numbers));
        return numbers.array();
    }

    private static GgufPart read(Path path) {
        OpenFile file = OpenFile.open(path);
        try {
            return new GgufPart(file, GgufHeader.read(file));
        } catch (BadInput e) {
            file.close();
            throw e;
        }
    }

    /** Opens the others beside the one that is open; that one stays in the list until all are there, so that whoever fails can close them. */
    private static List<GgufPart> withOthers(List<GgufPart> opened, Path path, long count) {
        GgufPart given = opened.get(0);
        List<Path> paths = paths(path, given, count);
        List<GgufPart> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            GgufPart part = given;
            if (!paths.get(i).equals(path)) {
                part = read(paths.get(i));
                opened.add(part);
            }
            part.requirePlace(i, count);
            parts.add(part);
        }
        given.requireAllTensors(parts);
        return parts;
    }

    private static List<Path> paths(Path path, GgufPart given, long count) {
        long number = given.split("no").orElse(0) + 1;
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (!name.matches()
                || Long.parseLong(name.group("number")) != number
                || Long.parseLong(name.group("count")) != count) {
            throw new BadInput(
                    "part of a split model under another name",
                    path.toString(),
                    Numbers.format("a name that ends in -%05d-of-%05d.gguf", number, count),
                    path.getFileName().toString(),
                    "give the parts the names that they were made with" + MERGE);
        }
        List<Path> paths = LongStream.rangeClosed(1, count)
                .mapToObj(
                        i -> path.resolveSibling(Numbers.format("%s-%05d-of-%05d.gguf", name.group("model"), i, count)))
                .toList();
        List<Path> missing = paths.stream().filter(part -> !Files.exists(part)).toList();
        if (!missing.isEmpty()) {
            String shown = missing.stream()
                    .limit(SHOWN)
                    .map(part -> part.getFileName().toString())
                    .collect(Collectors.joining(", "));
            throw new BadInput(
                    "missing parts of a split model",
                    path.toString(),
                    count + " parts side by side",
                    missing.size() > SHOWN ? "none of " + shown + " and others" : "none of " + shown,
                    "download what is missing into the same directory");
        }
        return paths;
    }

    private void requirePlace(int index, long count) {
        OptionalLong foundIndex = split("no");
        OptionalLong foundCount = split("count");
        if (!foundIndex.equals(OptionalLong.of(index)) || !foundCount.equals(OptionalLong.of(count))) {
            throw refuse(
                    "parts that do not belong together",
                    "split.no " + index + " of split.count " + count,
                    stated(foundIndex) + " of " + stated(foundCount));
        }
    }

    private static String stated(OptionalLong number) {
        return number.isPresent() ? String.valueOf(number.getAsLong()) : "nothing";
    }

    private void requireAllTensors(List<GgufPart> parts) {
        long found =
                parts.stream().mapToLong(part -> part.header().entries().size()).sum();
        long stated = split("tensors.count").orElse(found);
        if (stated != found) {
            throw refuse("parts that do not belong together", stated + " tensors in all parts", found + " tensors");
        }
    }

    private OptionalLong split(String key) {
        return Optional.ofNullable(header.metadata().get(SPLIT + key)).filter(JsonNode::isIntegralNumber).stream()
                .mapToLong(JsonNode::asLong)
                .findFirst();
    }

    private BadInput refuse(String what, String expected, String found) {
        return new BadInput(what, file.path().toString(), expected, found, "download all parts again" + MERGE);
    }
}
