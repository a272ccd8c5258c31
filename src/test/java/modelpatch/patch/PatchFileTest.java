package modelpatch.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatchFileTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private Path file;
    private WeightPatch patch;

    @BeforeEach
    void writePatch() {
        file = directory.resolve("p" + PatchFile.SUFFIX);
        try (Checkpoint base = Checkpoint.open(SmallModel.write(directory.resolve("base"), 11))) {
            patch = WeightPatch.of(
                    base, PatchStack.empty(), SmallModel.deltas(new Random(2)), SmallModel.provenance("why"));
        }
        PatchFile.write(patch, file);
    }

    @Test
    void whatIsWrittenIsRead() {
        WeightPatch read = PatchFile.read(file);
        assertThat(read.id()).isEqualTo(patch.id()).hasSize(64);
        assertThat(read.deltas()).isEqualTo(patch.deltas());
        assertThat(read.tensors()).isEqualTo(patch.tensors());
        assertThat(read.parents()).isEmpty();
        assertThat(read.provenance()).isEqualTo(patch.provenance());
        assertThat(read.manifest()).isEqualTo(patch.manifest());
        assertThat(read.baseDigest()).isEqualTo(patch.baseDigest());
        assertThat(read.parameters()).isEqualTo(2 * (6 + 8) + (6 + 3) + (6 + 8));
    }

    @Test
    void theSamePatchGivesTheSameBytes() throws IOException {
        Path again = directory.resolve("again" + PatchFile.SUFFIX);
        PatchFile.write(PatchFile.read(file), again);
        assertThat(again).hasSameBinaryContentAs(file);
    }

    @Test
    void anyOtherProvenanceGivesAnotherId() {
        assertThat(patch.with(SmallModel.provenance("another reason")).id()).isNotEqualTo(patch.id());
        assertThat(patch.with(SmallModel.provenance("why")).id()).isEqualTo(patch.id());
    }

    @Test
    void theIdIsTheDigestOfManifestAndArrays() {
        try (Checkpoint arrays = Checkpoint.open(file)) {
            String manifest = arrays.metadata().get("manifest").asText();
            assertThat(PatchLayout.contentDigest(manifest, arrays)).isEqualTo(patch.id());
        }
    }

    /** Writes the patch again after metadata and arrays were changed. */
    private void rewrite(BiConsumer<Map<String, String>, List<OutgoingTensor>> change) {
        Map<String, String> metadata = new TreeMap<>();
        try (Checkpoint arrays = Checkpoint.open(file)) {
            arrays.metadata().forEach((key, value) -> metadata.put(key, value.asText()));
        }
        List<OutgoingTensor> stored = new ArrayList<>(PatchLayout.stored(patch.deltas()));
        change.accept(metadata, stored);
        SafetensorsWriter.write(file, metadata, stored);
    }

    /** Changes the manifest and makes the digest fit, as someone who means it would. */
    private void forge(Consumer<ObjectNode> change) {
        ObjectNode manifest = (ObjectNode) patch.manifest();
        change.accept(manifest);
        rewrite((metadata, stored) -> {
            metadata.put("manifest", manifest.toString());
            metadata.put("content_digest", PatchLayout.contentDigest(manifest.toString(), patch.deltas()));
        });
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> PatchFile.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void absentFilesDirectoriesAndFilesOfOtherKindsAreNoPatches() throws IOException {
        assertThatThrownBy(() -> PatchFile.read(directory))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no patch file")
                .hasMessageContaining("found a directory");
        Path findings = Files.writeString(directory.resolve("findings.json"), "{}");
        assertThatThrownBy(() -> PatchFile.read(findings))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("findings.json")
                .hasMessageContaining("found a file of another kind");
        assertThatThrownBy(() -> PatchFile.read(directory.resolve("absent" + PatchFile.SUFFIX)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("found no such file");
    }

    @Test
    void anotherSafetensorsFileIsRefused() {
        file = directory.resolve("base/model.safetensors");
        assertRefused("not a patch");
    }

    @Test
    void aNewerFormatIsRefusedByItsNumber() {
        rewrite((metadata, stored) -> metadata.put("format_version", "2"));
        assertRefused("format version", "format_version 1", "found 2");
    }

    @Test
    void missingMetadataIsRefusedByName() {
        rewrite((metadata, stored) -> metadata.remove("manifest"));
        assertRefused("metadata manifest");
    }

    @Test
    void aChangedNumberIsTampering() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 9] ^= 1;
        Files.write(file, bytes);
        assertRefused("changed after it was made", "content digest " + patch.id());
    }

    @Test
    void aChangedReasonIsTampering() {
        rewrite((metadata, stored) ->
                metadata.computeIfPresent("manifest", (key, text) -> text.replace("\"why\"", "\"who\"")));
        assertRefused("changed after it was made");
    }

    @Test
    void numbersThatAreNotFiniteAreRefusedEvenWithTheirDigest() {
        rewrite((metadata, stored) -> {
            OutgoingTensor right = stored.get(1);
            float[] numbers = new float[Math.toIntExact(right.bytes() / Float.BYTES)];
            numbers[0] = Float.NaN;
            stored.set(1, OutgoingTensor.float32(right.name(), right.shape(), numbers));
            metadata.put("content_digest", digest(metadata.get("manifest"), stored));
        });
        assertRefused("not finite");
    }

    /** The content digest by its definition. */
    private static String digest(String manifest, List<OutgoingTensor> stored) {
        Path scratch = null;
        try {
            scratch = Files.createTempFile("patch", ".safetensors");
            SafetensorsWriter.write(scratch, Map.of(), stored);
            try (Checkpoint arrays = Checkpoint.open(scratch)) {
                return PatchLayout.contentDigest(manifest, arrays);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            if (scratch != null) {
                assertThat(scratch.toFile().delete()).isTrue();
            }
        }
    }

    @Test
    void anArrayTooManyIsRefused() {
        rewrite((metadata, stored) -> {
            stored.add(OutgoingTensor.float32("other.left", List.of(1L, 1L), new float[1]));
            metadata.put("content_digest", digest(metadata.get("manifest"), stored));
        });
        assertRefused("belongs to no tensor", "other.left");
    }

    @Test
    void anArrayTooFewIsRefused() {
        rewrite((metadata, stored) -> {
            stored.removeIf(array -> array.name().equals("layers.1.o.weight.columns"));
            metadata.put("content_digest", digest(metadata.get("manifest"), stored));
        });
        assertRefused("layers.1.o.weight", "[1, 8]");
    }

    @Test
    void aTensorListedTwiceIsRefused() {
        forge(manifest -> {
            ArrayNode tensors = (ArrayNode) manifest.get("tensors");
            tensors.add(tensors.get(0).deepCopy());
        });
        assertRefused("listed twice", SmallModel.MAPS.get(0));
    }

    @Test
    void aShapeThatDoesNotFitItsFactorsIsRefused() {
        forge(manifest -> ((ArrayNode) manifest.get("tensors").get(0).get("shape")).set(0, 1000000));
        assertRefused("factors do not make a change", "[1000000, 8]");
    }

    @Test
    void absurdShapesAreRefused() {
        forge(manifest -> ((ArrayNode) manifest.get("tensors").get(0).get("shape")).set(1, -8));
        assertRefused("two positive sizes");
    }

    @Test
    void aManifestWithoutAFieldIsRefusedByName() {
        List<String> names = new ArrayList<>();
        patch.manifest().fieldNames().forEachRemaining(names::add);
        assertThat(names).contains("base", "tensors", "parents", "seed", "verdict", "evidence");
        for (String name : names) {
            forge(manifest -> manifest.remove(name));
            assertRefused("field " + name);
        }
    }

    @Test
    void wrongWordsAndTimesAreRefused() {
        forge(manifest -> manifest.put("verdict", "splendid"));
        assertRefused("verdict", "passed", "splendid");
        forge(manifest -> manifest.put("time", "yesterday"));
        assertRefused("time", "yesterday");
        forge(manifest -> manifest.put("author", 5));
        assertRefused("author", "a text");
    }

    @Test
    void aManifestWithARepeatedFieldIsRefused() throws IOException {
        String repeated = patch.manifest().toString().replace("{\"method\"", "{\"method\":\"x\",\"method\"");
        assertThat(JSON.readTree(repeated)).isNotNull();
        rewrite((metadata, stored) -> {
            metadata.put("manifest", repeated);
            metadata.put("content_digest", PatchLayout.contentDigest(repeated, patch.deltas()));
        });
        assertRefused("key given twice");
    }

    @Test
    void everyMutationIsRefusedOrChangesNothing() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(77);
        int refused = 0;
        for (int trial = 0; trial < 500; trial++) {
            byte[] mutated = mutate(whole, random);
            Files.write(file, mutated);
            Throwable thrown = catchThrowable(() -> {
                WeightPatch read = PatchFile.read(file);
                assertThat(read.id()).isEqualTo(patch.id());
                assertThat(read.deltas()).isEqualTo(patch.deltas());
            });
            if (thrown != null) {
                assertThat(thrown).as("trial %d", trial).isInstanceOf(BadInput.class);
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(470);
    }

    private static byte[] mutate(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        switch (random.nextInt(4)) {
            case 0 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[random.nextInt(Math.min(400, bytes.length))] = (byte) random.nextInt(256);
            case 2 -> bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            default -> {
                int from = random.nextInt(bytes.length - 8);
                System.arraycopy(whole, random.nextInt(bytes.length - 8), bytes, from, 8);
            }
        }
        return bytes;
    }
}
