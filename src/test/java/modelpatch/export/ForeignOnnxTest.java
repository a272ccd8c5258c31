package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import modelpatch.BadInput;
import modelpatch.export.OnnxAbilities.Parts;
import modelpatch.export.OnnxAbilities.SideBySide;
import modelpatch.export.OnnxExport.Options;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ONNX files in the forms of other exporters: right numbers in whichever ways a file supports, or a refusal that says what it lacks. */
class ForeignOnnxTest {
    private static final int[] NO_PREFIX = {};
    private static final int[] PREFIX = {3, 1, 4, 1, 5};

    /** Two float32 programs on small random models differ by rounding alone. */
    private static final double ROUNDING = 1e-5;

    /** Keys and values rounded to 16 bits, relative 2^-11. */
    private static final double HALF_ROUNDING = 5e-3;

    /** Logits of the builder's model reach 20 where the others' stay around 1. */
    private static final double LARGE_ACTIVATIONS = 1e-4;

    private static final Path BUILDER = Path.of("src", "test", "resources", "genai-builder");

    @TempDir
    static Path directory;

    private static Patched model;
    private static Path plain;

    @BeforeAll
    static void export() {
        model = Patched.open(Patched.conformance("llama"));
        plain = directory.resolve("plain");
        OnnxExport.writeUnproved(model.checkpoint(), PatchStack.empty(), plain, Options.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** A form, what a file of it is able to do, and how near its numbers come. */
    enum Form {
        SYMBOLIC_CACHES(ForeignGraph::withSymbolicCaches, Parts.ANY, SideBySide.PADDED, SideBySide.PADDED),
        HALF_PRECISION_CACHES(ForeignGraph::withHalfPrecisionCaches, Parts.ANY, SideBySide.PADDED, SideBySide.PADDED),
        INTEGERS_OF_32_BITS(ForeignGraph::withIntegersOf32Bits, Parts.ANY, SideBySide.PADDED, SideBySide.PADDED),
        COUNTING_TOKENS(ForeignGraph::countingTokens, Parts.ANY, SideBySide.PADDED, SideBySide.PADDED),
        // padding before a sequence turns all of it alike, which rotary attention does not see; behind a prefix it does
        COUNTING_PLACES(ForeignGraph::countingPlaces, Parts.ANY, SideBySide.PADDED, SideBySide.EQUAL_LENGTHS),
        IGNORING_THE_MASK(ForeignGraph::ignoringTheMask, Parts.ANY, SideBySide.EQUAL_LENGTHS, SideBySide.EQUAL_LENGTHS),
        ONE_SEQUENCE(ForeignGraph::forOneSequence, Parts.ANY, SideBySide.ALONE, SideBySide.ALONE),
        NO_CACHE(ForeignGraph::withoutCache, Parts.WHOLE, SideBySide.PADDED, SideBySide.PADDED),
        FORGETTING(ForeignGraph::forgettingItsCache, Parts.WHOLE, SideBySide.PADDED, SideBySide.PADDED),
        MORE_INPUTS(
                graph -> graph.withInput("cache_position", DataType.INT64, ForeignGraph.ANY)
                        .withInput("num_logits_to_keep", DataType.INT64)
                        .withInput("use_cache_branch", DataType.BOOL, 1),
                Parts.ANY,
                SideBySide.PADDED,
                SideBySide.PADDED);

        @SuppressWarnings("ImmutableEnumChecker") // a function of the test, which holds nothing
        private final UnaryOperator<ForeignGraph> change;

        private final Parts parts;
        private final SideBySide fromTheStart;
        private final SideBySide behindPrefix;

        Form(UnaryOperator<ForeignGraph> change, Parts parts, SideBySide fromTheStart, SideBySide behindPrefix) {
            this.change = change;
            this.parts = parts;
            this.fromTheStart = fromTheStart;
            this.behindPrefix = behindPrefix;
        }

        double rounding() {
            return this == HALF_PRECISION_CACHES ? HALF_ROUNDING : ROUNDING;
        }
    }

    private static Path file(String name, UnaryOperator<ForeignGraph> change) throws IOException {
        Path folder = Files.createDirectories(directory.resolve(name));
        Files.copy(plain.resolve("config.json"), folder.resolve("config.json"));
        Path file = folder.resolve("model.onnx");
        change.apply(new ForeignGraph(plain.resolve("model.onnx"))).write(file);
        return file;
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void answersAreTheEnginesInWhicheverWaysTheFileSupports(Form form) throws IOException {
        try (OnnxModel exported = OnnxModel.open(file(form.name(), form.change), 1)) {
            assertThat(exported.abilities().parts()).isEqualTo(form.parts);
            assertThat(exported.abilities().sideBySide(false)).isEqualTo(form.fromTheStart);
            assertThat(exported.abilities().sideBySide(true)).isEqualTo(form.behindPrefix);
            assertSameAnswers(exported, model.base(), model.prompts(), form.rounding());
        }
    }

    private static void assertSameAnswers(
            OnnxModel exported, LanguageModel engine, List<int[]> prompts, double rounding) {
        List<int[]> continuations = List.of(new int[] {9, 2}, new int[] {6}, new int[] {5, 3, 5}, new int[] {8});
        for (int[] prefix : List.of(NO_PREFIX, PREFIX)) {
            assertThat(exported.generate(prefix, prompts, 6, ids -> ids.length == 4))
                    .usingRecursiveComparison()
                    .isEqualTo(engine.generate(prefix, prompts, 6, ids -> ids.length == 4));
            List<double[]> expected = engine.logProbabilities(prefix, prompts, continuations);
            List<double[]> found = exported.logProbabilities(prefix, prompts, continuations);
            List<float[]> logits = engine.nextLogits(prefix, prompts);
            List<float[]> foundLogits = exported.nextLogits(prefix, prompts);
            for (int i = 0; i < prompts.size(); i++) {
                assertThat(found.get(i)).containsExactly(expected.get(i), within(rounding));
                assertThat(foundLogits.get(i)).containsExactly(logits.get(i), within((float) rounding));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void waysThatAFileDoesNotSupportAreNamedInItsProofAndTheOthersHold(Form form) throws IOException {
        Path target = directory.resolve("patched " + form);
        ParityCheck engine = new ParityCheck(model.model(), model.prompts());
        MergedOnnx.Outcome outcome = MergedOnnx.of(
                        model.checkpoint(), model.stack(), file("given " + form, form.change))
                .write(target, Optional.of(engine), Options.defaults().withLimit(form.rounding()));
        Parity parity = outcome.parity().orElseThrow();
        assertThat(outcome.holds()).as(parity.toString()).isTrue();
        boolean cached = form.parts != Parts.WHOLE;
        boolean padded = form.behindPrefix == SideBySide.PADDED;
        assertThat(parity.ways()).extracting(Parity.Way::name).contains("whole");
        assertThat(parity.unsupported().containsKey("cached")).isEqualTo(!cached);
        assertThat(parity.unsupported().containsKey("padded left")).isEqualTo(!padded);
        assertThat(parity.unsupported().containsKey("padded right")).isEqualTo(!padded);
        assertThat(parity.ways().stream().anyMatch(way -> way.name().equals("equal lengths")))
                .isEqualTo(!padded && form.fromTheStart != SideBySide.ALONE);
        String evidence = Files.readString(target.resolve("parity.json"));
        parity.unsupported().values().forEach(why -> assertThat(evidence).contains(why));
    }

    // ---- the runtime's own attention

    @Test
    void sequencesOfGroupQueryAttentionRunInEqualLengthsAndGiveTheEnginesAnswers() {
        List<int[]> prompts =
                List.of(new int[] {7, 3, 9}, new int[] {4}, new int[] {11, 30, 2, 8, 5, 6}, new int[] {9, 9, 1});
        try (LanguageModel engine = LanguageModel.open(BUILDER.resolve("model"), LoadOptions.defaults());
                OnnxModel built = OnnxModel.open(BUILDER.resolve("built"), 1)) {
            assertThat(built.abilities().parts()).isEqualTo(Parts.ANY);
            assertThat(built.abilities().sideBySide(false)).isEqualTo(SideBySide.EQUAL_LENGTHS);
            // behind kept keys it takes more than one token of one sequence only
            assertThat(built.abilities().sideBySide(true)).isEqualTo(SideBySide.ALONE);
            assertThat(built.abilities().againstPadding())
                    .hasValueSatisfying(why -> assertThat(why).contains("GroupQueryAttention"));
            assertThat(built.contextLength()).isEqualTo(64);
            assertThat(built.endTokens()).containsExactly(2);
            assertSameAnswers(built, engine, prompts, LARGE_ACTIVATIONS);
        }
    }

    @Test
    void aFileOfTheModelBuilderIsPatchedAndProvedAsFarAsItGoes() {
        Path target = directory.resolve("patched builder");
        try (LanguageModel engine = LanguageModel.open(BUILDER.resolve("model"), LoadOptions.defaults())) {
            PatchStack stack = PatchStack.of(List.of(
                    LoraReader.read(BUILDER.resolve("adapter"), engine.checkpoint(), "Ada", "test", Instant.EPOCH)));
            try (LanguageModel patched = engine.with(stack.weights(engine.checkpoint()))) {
                ParityCheck check = new ParityCheck(patched, List.of(new int[] {7, 3, 9, 4}, new int[] {4, 5}));
                Parity parity = MergedOnnx.of(engine.checkpoint(), stack, BUILDER.resolve("built/model.onnx"))
                        .write(target, Optional.of(check), Options.defaults())
                        .parity()
                        .orElseThrow();
                assertThat(parity.holds()).as(parity.toString()).isTrue();
                assertThat(parity.ways())
                        .extracting(Parity.Way::name)
                        .containsExactly("whole", "cached", "equal lengths");
                assertThat(parity.unsupported()).containsOnlyKeys("padded left", "padded right");
            }
        }
        assertThat(target.resolve("model.onnx")).exists();
    }

    // ---- caches of unknown size

    @Test
    void theSizeOfACacheIsTakenFromTheFilesBesideTheModelOrAskedFor() throws IOException {
        Path file = file("sizes", ForeignGraph::withSymbolicCaches);
        Path folder = file.getParent();
        Files.delete(folder.resolve("config.json"));
        assertThatThrownBy(() -> OnnxModel.open(file, 1))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("a cache of unknown size")
                .hasMessageContaining("the heads of past_key_values.0.key")
                .hasMessageContaining("config.json");
        Files.copy(plain.resolve("genai_config.json"), folder.resolve("genai_config.json"));
        try (OnnxModel opened = OnnxModel.open(folder, 1)) {
            assertThat(opened.contextLength()).isEqualTo(model.base().contextLength());
            assertThat(opened.nextLogits(NO_PREFIX, model.prompts())).hasSize(4);
        }
        Files.writeString(
                folder.resolve("genai_config.json"),
                Files.readString(folder.resolve("genai_config.json"))
                        .replaceAll("\"head_size\" : \\d+", "\"head_size\" : 3"));
        try (OnnxModel wrong = OnnxModel.open(folder, 1)) {
            assertThatThrownBy(() -> wrong.nextLogits(NO_PREFIX, model.prompts()))
                    .isInstanceOf(BadInput.class);
        }
    }

    @Test
    void paddingBehindAPrefixIsNotTriedWhereSlidingWindowsMayCountIt() throws IOException {
        Path file = file("windows", graph -> graph.by("another exporter"));
        Path config = file.resolveSibling("config.json");
        Files.writeString(config, Files.readString(config).replaceFirst("\\{", "{\"sliding_window\": 4096,"));
        try (OnnxModel opened = OnnxModel.open(file, 1)) {
            assertThat(opened.abilities().sideBySide(false)).isEqualTo(SideBySide.PADDED);
            assertThat(opened.abilities().sideBySide(true)).isEqualTo(SideBySide.EQUAL_LENGTHS);
            assertThat(opened.abilities().againstPadding())
                    .hasValueSatisfying(why -> assertThat(why).contains("sliding windows"));
        }
    }

    @Test
    void hubsKeepTheConfigurationOneFolderUp() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("hub/onnx"));
        Files.copy(plain.resolve("config.json"), folder.resolveSibling("config.json"));
        Files.copy(plain.resolve("model.onnx"), folder.resolve("model.onnx"));
        try (OnnxModel opened = OnnxModel.open(folder.getParent(), 1)) {
            assertThat(opened.contextLength()).isEqualTo(model.base().contextLength());
        }
    }

    @Test
    void otherNamesAreReadFromTheRuntimesConfiguration() throws IOException {
        Path file = file(
                "names",
                graph -> graph.calling("input_ids", "tokens")
                        .calling("logits", "scores")
                        .calling("past_key_values.0.key", "k.0")
                        .calling("present.0.key", "new_k.0"));
        String config = """
                {"model": {"decoder": {"filename": "model.onnx", "inputs": {"input_ids": "tokens", "past_key_names": "k.%d"},
                 "outputs": {"logits": "scores", "present_key_names": "new_k.%d"}}}}""";
        Path folder = file.getParent();
        assertThatThrownBy(() -> OnnxModel.open(file, 1))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("not a decoder")
                .hasMessageContaining("input_ids")
                .hasMessageContaining("tokens");
        Files.writeString(folder.resolve("genai_config.json"), config);
        // its other layers keep the usual names, which that configuration does not say
        assertThatThrownBy(() -> OnnxModel.open(file, 1))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("inputs that are not known here")
                .hasMessageContaining("past_key_values.1.key");
    }

    // ---- refusals

    @Test
    void aFormThatCannotBeCalledIsRefusedByWhatItAsksFor() throws IOException {
        refused("types", graph -> graph.withInput("token_type_ids", DataType.INT64, 1, 1), "token_type_ids");
        refused("combined", graph -> graph.withInput("past_0", DataType.FLOAT, 2, 1, 2, 1, 4), "past_0");
        refused("length", graph -> graph.forSequencesOf(8), "input_ids of any length");
        refused("kind", graph -> graph.calling("logits", "hidden_states"), "an output logits");
        refused("lost", graph -> graph.calling("present.0.key", "gone.0.key"), "an output present.0.key");
        refused(
                "whole numbers",
                graph -> graph.withInput("past_key_values.9.key", DataType.INT8, 1, 2, ForeignGraph.ANY, 8),
                "floating-point numbers");
    }

    private static void refused(String name, UnaryOperator<ForeignGraph> change, String expected) throws IOException {
        Path file = file(name, change);
        assertThatThrownBy(() -> OnnxModel.open(file, 1))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(expected);
    }

    @Test
    void logitsOfTheLastPlaceAloneAreNotTakenForThoseOfAll() throws IOException {
        Path file = file("last", ForeignGraph::withLogitsOfTheLastPlace);
        try (OnnxModel opened = OnnxModel.open(file, 1)) {
            assertThatThrownBy(() -> opened.nextLogits(NO_PREFIX, model.prompts()))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("no logits of every place");
        }
    }
}
