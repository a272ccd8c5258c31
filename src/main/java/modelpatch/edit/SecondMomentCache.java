package modelpatch.edit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.IoConsumer;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.checkpoint.Sha256;
import modelpatch.checkpoint.TensorKind;
import modelpatch.model.Site;
import modelpatch.solve.SecondMomentEstimator;

/**
 * Sums of second moments kept in a directory, one safetensors file per model, text and site, finished or half-way. What is half-way says how
 * many sequences it has seen, so that an interrupted estimate goes on where it stopped and ends in the same bytes. A file that is damaged or
 * belongs to something else counts as absent.
 */
public final class SecondMomentCache {
    private static final String FORMAT = "modelpatch second moment 1";
    private static final String SUM = "sum";

    /** Numbers that are written at a time. */
    private static final int PART = 1 << 14;

    private final Path directory;

    private SecondMomentCache(Path directory) {
        this.directory = directory;
    }

    /** The cache in a directory, which need not exist yet. */
    public static SecondMomentCache at(Path directory) {
        return new SecondMomentCache(directory);
    }

    Path directory() {
        return directory;
    }

    /**
     * What a second moment is of.
     *
     * @param model digest of the model, patches included
     * @param text digest of the token sequences
     * @param site whose activations are the keys
     */
    record Key(String model, String text, Site site) {
        String label() {
            return site.kind() + " " + site.layer();
        }
    }

    /**
     * A sum that has seen the first {@code sequences} sequences of its text.
     *
     * @param sum modified by whoever goes on
     */
    record Partial(SecondMomentEstimator sum, int sequences) {}

    Optional<Partial> read(Key key, int size) {
        Path file = file(key);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (Checkpoint stored = Checkpoint.open(file)) {
            Map<String, JsonNode> found = stored.metadata();
            Map<String, String> expected = metadata(key);
            expected.put("digest", stored.digest());
            boolean ours = expected.entrySet().stream()
                    .allMatch(entry -> found.containsKey(entry.getKey())
                            && found.get(entry.getKey()).asText().equals(entry.getValue()));
            long numbers = size * (size + 1L) / 2;
            if (!ours || stored.tensor(SUM).elements() != numbers) {
                return Optional.empty();
            }
            DoubleBuffer triangle = DoubleBuffer.allocate((int) numbers);
            stored.readStored(SUM, part -> triangle.put(part.asDoubleBuffer()));
            SecondMomentEstimator sum = SecondMomentEstimator.resumed(
                    size, triangle.array(), Long.parseLong(found.get("keys").asText()));
            return Optional.of(
                    new Partial(sum, Integer.parseInt(found.get("sequences").asText())));
        } catch (BadInput | IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    void write(Key key, Partial partial) {
        double[] triangle = partial.sum().triangle();
        List<Long> shape = List.of((long) triangle.length);
        Map<String, String> metadata = metadata(key);
        metadata.put("keys", String.valueOf(partial.sum().count()));
        metadata.put("sequences", String.valueOf(partial.sequences()));
        OutgoingTensor sum = new OutgoingTensor(SUM, TensorKind.F64, shape, sink -> write(triangle, sink));
        String line = SUM + " " + TensorKind.F64 + " " + triangle.length + " " + sum.digest() + "\n";
        metadata.put("digest", Sha256.of(line));
        SafetensorsWriter.write(file(key), metadata, List.of(sum));
    }

    private static void write(double[] numbers, IoConsumer<ByteBuffer> sink) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(PART * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long first = 0; first < numbers.length; first += PART) {
            int count = (int) Math.min(PART, numbers.length - first);
            part.clear().asDoubleBuffer().put(numbers, (int) first, count);
            sink.accept(part.limit(count * Double.BYTES));
        }
    }

    private static Map<String, String> metadata(Key key) {
        return new TreeMap<>(Map.of("format", FORMAT, "model", key.model(), "text", key.text(), "site", key.label()));
    }

    private Path file(Key key) {
        String name = Sha256.of(key.model() + "\n" + key.text() + "\n" + key.label());
        return directory.resolve(name.substring(0, 32) + ".safetensors");
    }

    /** A digest of token sequences after a prefix. */
    static String digest(int[] prefix, List<int[]> sequences) {
        Sha256 sha = new Sha256();
        sha.add(bytes(prefix));
        sequences.forEach(sequence -> sha.add(bytes(sequence)));
        return sha.hex();
    }

    private static byte[] bytes(int[] sequence) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * sequence.length);
        bytes.putInt(sequence.length);
        bytes.asIntBuffer().put(sequence);
        return bytes.array();
    }
}
