package modelpatch.model;

import java.nio.file.Path;
import java.util.stream.Stream;

/** The fourteen checkpoints with random weights in src/test/resources/conformance. */
public final class ConformanceFamilies {
    private ConformanceFamilies() {}

    public static Stream<String> names() {
        return Stream.of(
                "gemma2",
                "gpt2",
                "gpt_neox",
                "gpt_neox_sequential",
                "gptj",
                "llama",
                "llama31_rope",
                "llama_mha_untied",
                "mistral",
                "olmo2",
                "opt",
                "phi3",
                "qwen2",
                "qwen3");
    }

    public static Path path(String name) {
        return Path.of("src/test/resources/conformance", name);
    }
}
