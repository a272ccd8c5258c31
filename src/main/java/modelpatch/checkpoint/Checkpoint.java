package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import modelpatch.BadInput;

/**
 * A model's named tensors on disk, read when they are asked for and never written. GGUF files are presented in the Hugging Face layout: names,
 * row-major shapes and row order are those of the checkpoint the file was converted from.
 *
 * <p>Safe for use by several threads. What is handed out is a copy; a file that is no longer what was opened is refused when it is read.
 */
public final class Checkpoint implements AutoCloseable {
    /** The file format of the weights. */
    public enum Format {
        SAFETENSORS,
        GGUF
    }

    /** Bytes that are read at one time where a tensor is read from end to end. */
    private static final int PART = 1 << 20;

    /** Elements that are read at one time to be decoded, whatever their kind: a multiple of every block. */
    private static final int PIECE = 16 * FloatDecoder.CHUNK;

    /** What the longest array of Java holds, on every machine. */
    private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final Path path;
    private final Contents contents;
    private final Map<Path, OpenFile> files;
    private final Map<String, String> digests = new ConcurrentHashMap<>();

    private Checkpoint(Path path, Contents contents) {
        this.path = path;
        this.contents = contents;
        this.files = contents.files().stream().collect(Collectors.toUnmodifiableMap(OpenFile::path, f -> f));
    }

    /**
     * Opens a checkpoint: a directory with config.json and model.safetensors (or model.safetensors.index.json and its shards), a directory
     * with one GGUF file, or the parts of one, and no safetensors, a GGUF file or a part of one, which stands for all, or a lone safetensors
     * file.
     *
     * @throws BadInput where there is no checkpoint, or where its headers do not agree with its files
     */
    public static Checkpoint open(Path path) {
        return new Checkpoint(path, CheckpointPath.read(path));
    }

    public Path path() {
        return path;
    }

    /** The name of the file or directory. */
    public String name() {
        Path last = path.toAbsolutePath().normalize().getFileName();
        return last == null ? path.toString() : last.toString();
    }

    public Format format() {
        return contents.format();
    }

    /**
     * The model's configuration: config.json, or for GGUF the Hugging Face style configuration that its metadata amounts to.
     *
     * @throws BadInput where a lone safetensors file has no config.json beside it
     */
    public JsonNode config() {
        if (contents.config() == null) {
            throw new BadInput(
                    "no configuration",
                    path.toString(),
                    "config.json beside the file",
                    "none",
                    "copy the model's config.json there");
        }
        return contents.config();
    }

    /** All tensors, ordered by name. */
    public SortedMap<String, TensorInfo> tensors() {
        return Collections.unmodifiableSortedMap(contents.tensors());
    }

    public boolean contains(String name) {
        return contents.tensors().containsKey(name);
    }

    /**
     * One tensor by its name.
     *
     * @throws BadInput where there is none of that name, naming the nearest ones
     */
    public TensorInfo tensor(String name) {
        TensorInfo info = contents.tensors().get(name);
        if (info == null) {
            throw new BadInput(
                    "no such tensor",
                    path.toString(),
                    name,
                    "as nearest "
                            + String.join(
                                    ", ",
                                    NearestNames.to(name, contents.tensors().keySet())),
                    "is this checkpoint of another architecture?");
        }
        return info;
    }

    /**
     * A copy of the stored bytes of a tensor, little endian. For GGUF these are in the file's own row order.
     *
     * @throws BadInput for a tensor of 2 GB or more, which no buffer can hold
     */
    public ByteBuffer stored(String name) {
        TensorInfo info = tensor(name);
        if (info.length() > Integer.MAX_VALUE) {
            throw new BadInput(
                    "tensor too large",
                    info.where(),
                    "less than 2 GB",
                    info.length() + " bytes",
                    "use a smaller model or a smaller kind");
        }
        return files.get(info.file()).bytes(info.offset(), info.length());
    }

    /**
     * A tensor as float32 in the order of its shape, in a new array.
     *
     * @throws BadInput where the kind is none of a weight, or where there are more numbers than an array can hold
     */
    public float[] floats(String name) {
        TensorInfo info = weight(name);
        if (info.elements() > LONGEST_ARRAY) {
            throw new BadInput(
                    "tensor too large to be edited or exported as a whole",
                    info.where(),
                    "at most " + LONGEST_ARRAY + " numbers",
                    info.elements() + ", in the shape " + info.shape(),
                    "leave it as it is in the base");
        }
        float[] numbers = new float[(int) info.elements()];
        readFloat32(name, FloatBuffer.wrap(numbers));
        return numbers;
    }

    /**
     * Decodes a tensor to float32 in the order of its shape; what GGUF stores in another form is put back.
     *
     * @param target {@code [out, in]}; modified: receives {@link TensorInfo#elements} numbers at its position, which moves on
     * @throws BadInput where the kind is none of a weight
     */
    public void readFloat32(String name, FloatBuffer target) {
        TensorInfo info = weight(name);
        if (target.remaining() < info.elements()) {
            throw new IllegalArgumentException(info.where() + " has " + info.elements()
                    + " elements, the target has room for " + target.remaining());
        }
        readFloat32(name, 0, target);
    }

    /**
     * Decodes a part of a tensor, as {@link #readFloat32(String, FloatBuffer)} does the whole.
     *
     * @param first the number to begin with; it begins a block
     * @param target modified: receives at its position as many numbers as it has room for, whole blocks, or all that are left
     */
    public void readFloat32(String name, long first, FloatBuffer target) {
        TensorInfo info = weight(name);
        read(info, new FloatDecoder(info.kind()), first, target);
    }

    private void read(TensorInfo info, FloatDecoder decoder, long first, FloatBuffer target) {
        readParts(info, decoder, first, target);
        files.get(info.file()).requireUnchanged();
    }

    private void readParts(TensorInfo info, FloatDecoder decoder, long first, FloatBuffer target) {
        long block = info.kind().blockElements();
        long end = Math.min(info.elements(), first + target.remaining() / block * block);
        StoredForm form = contents.storedForms().get(info.name());
        if (form == null) {
            decode(info, decoder, first, end, target);
            return;
        }
        if (form instanceof StoredForm.Transposed transposed) {
            readTransposed(info, transposed, decoder, first, end, target);
            return;
        }
        int start = target.position();
        long in = info.elements() / Math.max(1, info.shape().get(0));
        for (long at = first; at < end; ) {
            long column = at % in;
            long stop = Math.min(end, at - column + in);
            long stored = form.storedRow(at / in) * in + column;
            decode(info, decoder, stored, stored + stop - at, target);
            at = stop;
        }
        for (int i = start; form.shift() != 0 && i < target.position(); i++) {
            target.put(i, target.get(i) - form.shift());
        }
    }

    /** Of each stored row those blocks that hold numbers of the range are decoded, and the numbers put to their places. */
    private void readTransposed(
            TensorInfo info,
            StoredForm.Transposed matrix,
            FloatDecoder decoder,
            long first,
            long end,
            FloatBuffer target) {
        if (first >= end) {
            return;
        }
        long block = info.kind().blockElements();
        long from = first / matrix.columns() / block * block;
        long to = Math.min(matrix.rows(), ((end - 1) / matrix.columns() / block + 1) * block);
        FloatBuffer some = FloatBuffer.allocate((int) (to - from));
        int start = target.position();
        for (long column = 0; column < matrix.columns(); column++) {
            decode(info, decoder, column * matrix.rows() + from, column * matrix.rows() + to, some.clear());
            for (long row = from; row < to; row++) {
                long place = row * matrix.columns() + column;
                if (place >= first && place < end) {
                    target.put(start + (int) (place - first), some.get((int) (row - from)));
                }
            }
        }
        target.position(start + (int) (end - first));
    }

    /** Decodes elements in the order in which they are stored. */
    private void decode(TensorInfo info, FloatDecoder decoder, long first, long end, FloatBuffer target) {
        for (long at = first; at < end; at += PIECE) {
            decoder.decode(bytes(info, at, Math.min(end, at + PIECE)), target);
        }
    }

    private ByteBuffer bytes(TensorInfo info, long first, long end) {
        long start = info.kind().bytes(first);
        return files.get(info.file()).part(info.offset() + start, info.kind().bytes(end) - start);
    }

    /**
     * Decodes as {@link #readFloat32} does, handing over one part after the other in order.
     *
     * @param sink reads the part before it returns; the buffer is used again
     * @throws BadInput where the kind is none of a weight
     */
    void decode(String name, IoConsumer<FloatBuffer> sink) throws IOException {
        TensorInfo info = weight(name);
        FloatDecoder decoder = new FloatDecoder(info.kind());
        if (contents.storedForms().containsKey(name)) {
            FloatBuffer numbers = FloatBuffer.allocate(PIECE); // of a turned matrix every part reads of every row
            for (long first = 0; first < info.elements(); first += PIECE) {
                read(info, decoder, first, numbers.clear());
                sink.accept(numbers.flip());
            }
            return;
        }
        FloatBuffer numbers = FloatBuffer.allocate(FloatDecoder.CHUNK);
        int part = (int) info.kind().bytes(FloatDecoder.CHUNK);
        files.get(info.file()).read(info.offset(), info.length(), part, bytes -> {
            decoder.decode(bytes, numbers.clear());
            sink.accept(numbers.flip());
        });
    }

    /** Whether the stored bytes are those of a kind in the order of the shape, so that nothing need be decoded. */
    boolean isStoredAs(String name, TensorKind kind) {
        return tensor(name).kind() == kind && !contents.storedForms().containsKey(name);
    }

    /**
     * Hands over the stored bytes of a tensor one part after the other.
     *
     * @param sink reads the part, little endian, before it returns; the buffer is used again
     */
    public void readStored(String name, IoConsumer<ByteBuffer> sink) throws IOException {
        TensorInfo info = tensor(name);
        files.get(info.file()).read(info.offset(), info.length(), PART, sink);
    }

    /** The names of all weights that hold a NaN or an infinity as float32, in order; reads every weight. */
    public List<String> nonFinite() {
        List<String> names = new ArrayList<>();
        for (TensorInfo info : contents.tensors().values()) {
            if (info.kind().isWeight() && !isFinite(info)) {
                names.add(info.name());
            }
        }
        return List.copyOf(names);
    }

    private boolean isFinite(TensorInfo info) {
        FloatDecoder decoder = new FloatDecoder(info.kind());
        for (long at = 0; at < info.elements(); at += PIECE) {
            if (!decoder.isFinite(bytes(info, at, Math.min(info.elements(), at + PIECE)))) {
                return false;
            }
        }
        files.get(info.file()).requireUnchanged();
        return true;
    }

    private TensorInfo weight(String name) {
        TensorInfo info = tensor(name);
        if (!info.kind().isWeight()) {
            throw new BadInput(
                    "not a weight",
                    info.where(),
                    "one of " + TensorKind.weights(),
                    info.kind().toString(),
                    "convert the tensor to one of these");
        }
        return info;
    }

    /** SHA-256 of a tensor's stored bytes, in hexadecimal. Computed once. */
    public String digest(String name) {
        return digests.computeIfAbsent(name, n -> {
            Sha256 sha = new Sha256();
            try {
                readStored(n, sha::add);
            } catch (IOException e) {
                throw BadInput.reading(tensor(n).file(), e);
            }
            return sha.hex();
        });
    }

    /**
     * SHA-256 of the whole checkpoint, in hexadecimal: of one line {@code name kind shape digest\n} per tensor in the order of names, with the
     * shape as {@code 576x1536} ({@code scalar} where it is empty). Shards and the place of a tensor in its file do not matter.
     */
    public String digest() {
        Sha256 sha = new Sha256();
        for (TensorInfo info : contents.tensors().values()) {
            String shape = info.shape().isEmpty()
                    ? "scalar"
                    : info.shape().stream().map(String::valueOf).collect(Collectors.joining("x"));
            String line = info.name() + " " + info.kind() + " " + shape + " " + digest(info.name()) + "\n";
            sha.add(line);
        }
        return sha.hex();
    }

    /** Key-values that the file carries beside its tensors: GGUF's, or the strings of safetensors' {@code __metadata__}. */
    public Map<String, JsonNode> metadata() {
        return Collections.unmodifiableMap(contents.metadata());
    }

    /** The tokenizer.json beside the weights, where there is one. */
    public Optional<Path> tokenizerFile() {
        Path directory = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        return Optional.of(directory.resolve("tokenizer.json")).filter(Files::exists);
    }

    /** Closes the files. What is read later is read from the files of the same names, where these are still what was opened. */
    @Override
    public void close() {
        files.values().forEach(OpenFile::close);
    }
}
