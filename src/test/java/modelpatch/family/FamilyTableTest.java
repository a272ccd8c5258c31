package modelpatch.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.family.Switches.MlpReads;
import modelpatch.family.Switches.NormKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FamilyTableTest {
    private static final String ROW = """
            base:
              class: Base
              norm: rms
              rotary: halves
              projection: separate
              mlp: gated
              prefixes: [""]
              parts: {embedding: e, key: k, mlp_out: d}
              settings:
                d_model: hidden_size
                window: {key: sliding_window, default: 7, nullable: true}
            """;

    private static JsonNode yaml(String text) {
        try {
            return new YAMLMapper().readTree(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "norm, rmsnorm",
        "query_key_norm, heads",
        "rotary, half",
        "projection, per-head",
        "mlp, gate",
        "mlp_reads, post",
        "weights, in-out",
        "windows, some",
        "experts, many",
        "router_score, relu",
        "scaled_embedding, perhaps",
        "nrom, rms",
    })
    void aMisspeltSwitchIsRefusedWhenTheTableIsRead(String key, String value) {
        ObjectNode table = (ObjectNode) yaml(ROW);
        ((ObjectNode) table.get("base")).put(key, value);
        assertThatThrownBy(() -> new FamilyTable(table))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("families.yaml, base")
                .hasMessageContaining(key);
    }

    @ParameterizedTest
    @CsvSource({"parts, embeding", "settings, width"})
    void aMisspeltPartOrSettingIsRefused(String section, String key) {
        ObjectNode table = (ObjectNode) yaml(ROW);
        ((ObjectNode) table.get("base").get(section)).put(key, "x");
        assertThatThrownBy(() -> new FamilyTable(table)).hasMessageContaining(key);
    }

    @Test
    void aRowLikeAnotherTakesOverWhatItDoesNotSayAndNullTakesAway() {
        ObjectNode table = (ObjectNode) yaml(ROW + """
                other:
                  like: base
                  norm: layer
                  parts: {key: null, query: q}
                  settings:
                    window: {key: span, nullable: true}
                """);
        Family other = new FamilyTable(table).families().get("other");
        assertThat(other.norm()).isEqualTo(NormKind.LAYER);
        assertThat(other.mlp()).isEqualTo(Switches.MlpKind.GATED);
        assertThat(other.parts()).isEqualTo(Map.of(Part.EMBEDDING, "e", Part.QUERY, "q", Part.MLP_OUT, "d"));
        assertThat(other.settings().get(Setting.WINDOW).keys()).containsExactly("span");
        assertThat(other.settings().get(Setting.WINDOW).absent()).isEmpty();
        assertThat(other.settings().get(Setting.D_MODEL).keys()).containsExactly("hidden_size");
    }

    /** Two parts of one family under one name would read one tensor twice, or in GGUF the wrong one. */
    @Test
    void noFamilyHasTwoPartsOfOneName() {
        Family.known().values().forEach(family -> {
            assertThat(family.parts().values()).as(family.modelType()).doesNotHaveDuplicates();
            if (family.gguf().isPresent()) {
                List<String> inGguf = family.parts().keySet().stream()
                        .map(family.gguf().get()::name)
                        .collect(Collectors.toList());
                assertThat(inGguf).as(family.modelType() + " in GGUF").doesNotHaveDuplicates();
            }
        });
    }

    @Test
    void aVariantIsLaidOverItsRowWhereTheConfigurationHasItsValues() {
        ObjectNode table = (ObjectNode) yaml(ROW + """
                  variants:
                    - when: {parallel: true}
                      mlp_reads: pre
                    - when: {parallel: true, norms.count: 1}
                      mlp_reads: attention_input
                      parts: {key: null}
                """);
        FamilyTable families = new FamilyTable(table);
        assertThat(families.variant("base", yaml("{parallel: false}")).mlpReads())
                .isEqualTo(MlpReads.MID);
        assertThat(families.variant("base", yaml("{parallel: true}")).mlpReads())
                .isEqualTo(MlpReads.PRE);
        Family both = families.variant("base", yaml("{parallel: true, norms: {count: 1}}"));
        assertThat(both.mlpReads()).isEqualTo(MlpReads.ATTENTION_INPUT);
        assertThat(both.has(Part.KEY)).isFalse();
        assertThat(families.keys()).contains("parallel", "norms.count", "sliding_window", "hidden_size");
    }

    @Test
    void everyFamilyHasACheckpointWithReferenceNumbers() throws IOException {
        Set<String> checked = new TreeSet<>();
        for (String folder : List.of("conformance", "conformance2")) {
            try (Stream<Path> checkpoints = Files.list(Path.of("src", "test", "resources", folder))) {
                for (Path checkpoint : checkpoints.filter(Files::isDirectory).toList()) {
                    assertThat(checkpoint.resolve("golden.json")).isRegularFile();
                    checked.add(yaml(Files.readString(checkpoint.resolve("config.json")))
                            .path("model_type")
                            .asText());
                }
            }
        }
        assertThat(checked)
                .as("families with a checkpoint")
                .containsAll(Family.known().keySet());
    }

    /** A file of it is read as the family that its keys mark, else the one of the architecture's name, so both must be the same formulas. */
    @ParameterizedTest
    @MethodSource("familiesOfGguf")
    void whatGgufCallsAlikeIsComputedAlike(Family family) throws ReflectiveOperationException {
        GgufForm form = family.gguf().orElseThrow();
        Family read =
                Family.ofGguf(form.architecture(), form.markedBy()::contains).orElseThrow();
        for (RecordComponent component : Family.class.getRecordComponents()) {
            if (component.getType().isEnum() || component.getType().isPrimitive()) {
                assertThat(component.getAccessor().invoke(family))
                        .as("%s of %s in GGUF", component.getName(), family.modelType())
                        .isEqualTo(component.getAccessor().invoke(read));
            }
        }
    }

    static Stream<Family> familiesOfGguf() {
        return Family.known().values().stream().filter(family -> family.gguf().isPresent());
    }
}
