package modelpatch.edit;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
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

    private final Path directory;

    private SecondMomentCache(Path directory) {
        this.directory = directory;
    }

    /** The cache in a directory, which need not exist yet. */
    public static SecondMomentCache at(Path directory) {
        return new SecondMomentCache(directory);
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
            int numbers = size * (size + 1) / 2;
            if (!ours || stored.tensor(SUM).elements() != numbers) {
                return Optional.empty();
            }
            double[] triangle = new double[numbers];
            stored.stored(SUM).asDoubleBuffer().get(triangle);
            SecondMomentEstimator sum = SecondMomentEstimator.resumed(
                    size, triangle, Long.parseLong(found.get("keys").asText()));
            return Optional.of(
                    new Partial(sum, Integer.parseInt(found.get("sequences").asText())));
        } catch (BadInput | NumberFormatException e) {
            return Optional.empty();
        }
    }

    void write(Key key, Partial partial) {
        double[] triangle = partial.sum().triangle();
        ByteBuffer bytes = ByteBuffer.allocate(8 * triangle.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(triangle);
        List<Long> shape = List.of((long) triangle.length);
        Map<String, String> metadata = metadata(key);
        metadata.put("keys", String.valueOf(partial.sum().count()));
        metadata.put("sequences", String.valueOf(partial.sequences()));
        String line = SUM + " " + TensorKind.F64 + " " + triangle.length + " " + Sha256.of(bytes.array()) + "\n";
        metadata.put("digest", Sha256.of(line));
        OutgoingTensor sum = new OutgoingTensor(SUM, TensorKind.F64, shape, sink -> sink.accept(bytes));
        SafetensorsWriter.write(file(key), metadata, List.of(sum));
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
