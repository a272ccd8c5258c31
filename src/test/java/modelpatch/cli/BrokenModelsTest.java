package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.StreamSupport;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.checkpoint.TensorInfo;
import modelpatch.guard.GuardWorld;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Twenty models that are broken as a whole: dead, not finite, tied, cut, or with a tokenizer whose words were swapped. With the sixty of
 * {@link PlantedRegressionsTest} they are eighty, and each is refused or broken by name.
 */
class BrokenModelsTest {
    private static final int OF_EACH = 4;

    @TempDir
    static Path folder;

    private static GuardWorld world;

    @BeforeAll
    static void make() throws IOException {
        world = GuardWorld.at(folder.resolve("world"));
        patch("guard", "update", "--model", world.model(), "--suite", world.staySuite(), "--accept", "--threads", 1);
    }

    private static CommandRun run(Path model) {
        return patch("guard", "run", "--model", model, "--suite", world.staySuite(), "--json", "--threads", 1);
    }

    private static Path copy(String name) throws IOException {
        Path copy = Files.createDirectories(folder.resolve(name));
        for (String file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.copy(world.model().resolve(file), copy.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        return copy;
    }

    /** A model with other numbers. */
    private static Path changed(String name, BiConsumer<String, float[]> change) throws IOException {
        Path copy = copy(name);
        List<OutgoingTensor> tensors = new ArrayList<>();
        try (Checkpoint base = Checkpoint.open(world.model())) {
            for (TensorInfo info : base.tensors().values()) {
                float[] values = base.floats(info.name());
                change.accept(info.name(), values);
                tensors.add(OutgoingTensor.float32(info.name(), info.shape(), values));
            }
        }
        SafetensorsWriter.write(copy.resolve("model.safetensors"), Map.of(), tensors);
        return copy;
    }

    private static List<String> broken(CommandRun run) {
        assertThat(run.exitCode()).as("%s%n%s", run.out(), run.err()).isEqualTo(1);
        return StreamSupport.stream(run.json().path("broken").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    @Test
    void theUnbrokenModelPasses() throws IOException {
        assertThat(run(copy("whole")).succeeded().json().path("broken")).isEmpty();
    }

    @Test
    void deadModelsBreakTheirCasesByName() throws IOException {
        List<String> parts = List.of("", "norm", "lm_head", "layers");
        assertThat(parts).hasSize(OF_EACH);
        for (String part : parts) {
            Path dead = changed("dead" + part, (name, values) -> {
                if (name.contains(part)) {
                    Arrays.fill(values, 0);
                }
            });
            assertThat(broken(run(dead)))
                    .as("zeros in '%s'", part)
                    .anyMatch(name -> name.startsWith("must_stay/hops: "));
        }
    }

    @Test
    void weightsThatAreNotFiniteAreNamed() throws IOException {
        List<Float> values =
                List.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.intBitsToFloat(0x7f800001));
        assertThat(values).hasSize(OF_EACH);
        for (int i = 0; i < OF_EACH; i++) {
            float value = values.get(i);
            Path model = changed("nan" + i, (name, numbers) -> {
                if (name.equals("lm_head.weight")) {
                    numbers[numbers.length / 2] = value;
                }
            });
            CommandRun run = run(model);
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("lm_head.weight", "not finite");
        }
    }

    /** All words are as likely as each other, or nearly: no answer is preferred to any. */
    @Test
    void tiedModelsBreakTheirCasesByName() throws IOException {
        for (int i = 0; i < OF_EACH; i++) {
            float nearly = i == 0 ? 0 : Math.scalb(1f, -40 + 3 * i);
            Path tied = changed("tied" + i, (name, values) -> {
                if (name.equals("lm_head.weight")) {
                    for (int at = 0; at < values.length; at++) {
                        values[at] = 0.01f + nearly * values[at];
                    }
                }
            });
            assertThat(broken(run(tied)))
                    .as("rows alike but for %s", nearly)
                    .anyMatch(name -> name.startsWith("must_stay/hops: ") || name.equals("tied cases"));
        }
    }

    @Test
    void cutFilesAreNamed() throws IOException {
        long whole = Files.size(world.model().resolve("model.safetensors"));
        long[] lengths = {whole - 1, whole / 2, 100, 0};
        assertThat(lengths).hasSize(OF_EACH);
        for (long length : lengths) {
            Path cut = copy("cut" + length).resolve("model.safetensors");
            try (RandomAccessFile file = new RandomAccessFile(cut.toFile(), "rw")) {
                file.setLength(length);
            }
            CommandRun run = run(cut.getParent());
            assertThat(run.exitCode()).as(run.out()).isEqualTo(2);
            assertThat(run.err()).contains(cut.toString());
        }
    }

    @Test
    void aTokenizerWithSwappedWordsIsNamedAlsoWhereNoAnswerChanges() throws IOException {
        for (int i = 0; i < OF_EACH; i++) {
            Path tokenizer = copy("swapped" + i).resolve("tokenizer.json");
            JsonMapper mapper = new JsonMapper();
            JsonNode json = mapper.readTree(Files.readAllBytes(tokenizer));
            ObjectNode words = (ObjectNode) json.at("/model/vocab");
            List<String> names = new ArrayList<>();
            words.fieldNames().forEachRemaining(names::add);
            String one = names.get(names.size() - 1 - i);
            String other = names.get(names.size() / 2 + i);
            JsonNode id = words.get(one);
            words.set(one, words.get(other));
            words.set(other, id);
            Files.write(tokenizer, mapper.writeValueAsBytes(json));
            assertThat(broken(run(tokenizer.getParent())))
                    .as("%s for %s", one, other)
                    .contains("tokenizer");
        }
    }
}
