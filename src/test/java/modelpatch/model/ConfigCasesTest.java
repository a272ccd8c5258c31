package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.NeedsShared;
import modelpatch.SharedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small checkpoints whose configuration differs in one key from a published one ({@code FAMILY--CHANGE}), with the numbers that Hugging Face
 * transformers 5.24 gives for exactly this folder (eager float32): logits, greedy text, lens and every patched head, or a refusal that names
 * the key.
 */
@NeedsShared
class ConfigCasesTest {
    /** Whose numbers would change by what is not built; the reference has numbers for them. */
    private static final Map<String, String> REFUSED = Map.of(
            "gpt2--inverse", "scale_attn_by_inverse_layer_idx",
            "opt_125m--no_final_norm", "_remove_final_layer_norm");

    static Set<String> cases() throws IOException {
        try (Stream<Path> folders = Files.list(SharedModel.configCases())) {
            return folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void thereAreTwentyOfThem() throws IOException {
        assertThat(cases()).hasSize(20).containsAll(REFUSED.keySet());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theNumbersAreThoseOfTheReferenceOrTheKeyIsRefusedByName(String name) throws IOException {
        Path folder = SharedModel.configCases().resolve(name);
        if (REFUSED.containsKey(name)) {
            assertThatThrownBy(() -> LanguageModel.open(folder, LoadOptions.defaults()))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining(REFUSED.get(name));
            return;
        }
        try (LanguageModel model = LanguageModel.open(folder, LoadOptions.defaults())) {
            ReferenceNumbers.of(folder).areReproducedBy(model);
        }
    }
}
