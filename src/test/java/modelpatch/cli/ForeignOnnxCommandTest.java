package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of ONNX Runtime GenAI's model builder, which takes no padding: run and guarded with the engine's answers. */
class ForeignOnnxCommandTest {
    private static final Path BUILDER = Path.of("src", "test", "resources", "genai-builder");
    private static final Path MODEL = BUILDER.resolve("model");

    @TempDir
    Path folder;

    private Path built;

    @BeforeEach
    void place() throws IOException {
        built = Files.createDirectories(folder.resolve("built"));
        try (Stream<Path> files = Files.list(BUILDER.resolve("built"))) {
            for (Path file : files.toList()) {
                Files.copy(file, built.resolve(file.getFileName()));
            }
        }
        Files.copy(MODEL.resolve("tokenizer.json"), built.resolve("tokenizer.json"));
    }

    private static String answer(String prompt, int tokens) {
        return patch(
                        "logits",
                        "--model",
                        MODEL,
                        "--prompt",
                        prompt,
                        "--generate",
                        String.valueOf(tokens),
                        "--last",
                        "--json")
                .succeeded()
                .json()
                .at("/generated/text")
                .asText();
    }

    @Test
    void itGoesOnAsTheEngineDoes() {
        JsonNode run = patch("run", "--onnx", built, "--prompt", "amber basil", "--max-new-tokens", "4", "--json")
                .succeeded()
                .json();
        assertThat(run.path("text").asText())
                .isEqualTo(answer("amber basil", run.path("generated").size()));
    }

    @Test
    void aSuiteOfPromptsOfManyLengthsHoldsOnItAsOnTheEngine() throws IOException {
        StringBuilder cases = new StringBuilder();
        for (String prompt : List.of(
                "amber basil", "cedar", "quartz river sage tulip umber", "violet willow yarrow", "delta ember")) {
            cases.append(
                    "      - {id: %1$s, prompt: \"%1$s\", answers: [\"%2$s\"]}%n".formatted(prompt, answer(prompt, 3)));
        }
        Path suite = Files.writeString(folder.resolve("suite.yaml"), """
                suite: words
                why: the builder's file gives the engine's answers
                protocol: {kind: generated, form: cloze, new_tokens: 6}
                must_stay:
                  words:
                    cases:
                """ + cases);
        for (List<Object> model : List.<List<Object>>of(List.of("--model", MODEL), List.of("--onnx", built))) {
            JsonNode result = patch("guard", "run", model.get(0), model.get(1), "--suite", suite, "--json")
                    .succeeded()
                    .json();
            assertThat(result.at("/suites/0/sets/0/holds").asInt()).isEqualTo(5);
        }
    }
}
