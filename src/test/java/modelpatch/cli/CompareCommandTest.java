package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import modelpatch.edit.TinyWorld;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {
    @TempDir
    static Path shared;

    private static TinyWorld world;

    @BeforeAll
    static void find() throws IOException {
        System.setProperty("modelpatch.cache", shared.resolve("cache").toString());
        world = TinyWorld.at(shared.resolve("world"));
        world.find();
    }

    private static CommandRun compare(Object... more) {
        return compareOn(2, 2, more);
    }

    private static CommandRun compareOn(int most, int perSet, Object... more) {
        return patch(arguments(most, perSet, more));
    }

    private static Object[] arguments(int most, int perSet, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("compare"));
        arguments.addAll(world.options());
        arguments.addAll(List.of("--layers", "1,2", "--per-set", perSet, "--most", most));
        arguments.addAll(List.of(more));
        return arguments.toArray();
    }

    /** Interrupted before anything was judged, and as soon as a remedy has said how it came out. */
    @Test
    void ctrlCKeepsTheRemediesThatWereJudged() throws IOException {
        List<String> remedies = List.of("", "none", "slow");
        for (String last : remedies) {
            Interruption interruption = new Interruption();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            OutputStream err = new OutputStream() {
                private final StringBuilder said = new StringBuilder();

                @Override
                public void write(int b) {
                    said.append((char) b);
                    if (!last.isEmpty() && said.indexOf(last + " corrects") >= 0) {
                        interruption.request();
                    }
                }
            };
            if (last.isEmpty()) {
                interruption.request();
            }
            Terminal terminal = new Terminal(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    false,
                    false,
                    false,
                    100,
                    CommandRun.CLOCK,
                    interruption);
            String[] typed = Stream.of(arguments(2, 1, "--remedies", "none,slow,icl", "--json", "-v"))
                    .map(String::valueOf)
                    .toArray(String[]::new);
            assertThat(new PatchCli(terminal).run(typed)).isEqualTo(130);
            JsonNode table = new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
            assertThat(table.at("/rows")).hasSize(remedies.indexOf(last));
            assertThat(table.at("/complete").asBoolean()).isFalse();
        }
    }

    @Test
    void everyRemedyIsJudgedOnTheSameItemsAndLeavesTheWeightsAlone() {
        JsonNode table = compare(
                        "--remedies",
                        "none,slow,icl,creme,backpatch",
                        "--method",
                        "creme-paper",
                        "--gates",
                        TinyWorld.OPEN_GATES,
                        "--json")
                .succeeded()
                .json();
        JsonNode rows = table.at("/rows");
        assertThat(rows).hasSize(5);
        for (JsonNode row : rows) {
            assertThat(row.at("/weights_unchanged").asBoolean())
                    .as(row.at("/remedy").asText())
                    .isTrue();
            for (String set : List.of("correction", "paraphrase", "hops")) {
                assertThat(items(row, set)).as(set).isEqualTo(items(rows.get(0), set));
            }
        }
        JsonNode none = rows.get(0);
        assertThat(none.at("/sets/correction/n01").asInt()).isZero();
        assertThat(none.at("/harm/successes").asInt()).isZero();
        assertThat(none.at("/drift/kl_mean").asDouble()).isZero();
        assertThat(table.at("/pairs")).hasSize(10);
        JsonNode back = table.at("/back_patching");
        assertThat(back.at("/oracle/n").asInt()).isEqualTo(2);
        assertThat(back.at("/honest/successes").asInt())
                .isEqualTo(rows.get(4).at("/sets/correction/n01").asInt());
        assertThat(table.at("/routes")).isNotEmpty();
    }

    private static int items(JsonNode row, String set) {
        JsonNode found = row.at("/sets/" + set);
        return found.at("/n11").asInt()
                + found.at("/n10").asInt()
                + found.at("/n01").asInt()
                + found.at("/n00").asInt();
    }

    @Test
    void theTableSaysWhatEachWasGivenAndWhatToTake() {
        assertThat(compare("--remedies", "none,slow").succeeded().out())
                .contains("parts of the question", "same digest", "exact McNemar", "what to do, by diagnosis", "next:");
    }

    /**
     * Gold answers of other subjects, and the model's own: each trained for the very targets, asked like every other remedy. A random model
     * never agrees with itself, so that T4 has nothing to teach it and says so.
     */
    @Test
    void adaptersTakePartAtTheLevelAndScopeThatIsNamed() {
        for (String level : List.of("T1", "T4")) {
            for (String scope : List.of("pair", "shared")) {
                JsonNode rows = compareOn(
                                4,
                                1,
                                "--remedies",
                                "none,adapt",
                                "--level",
                                level,
                                "--scope",
                                scope,
                                "--demonstrations",
                                3,
                                "--sequences",
                                4,
                                "--batch",
                                2,
                                "--rank",
                                2,
                                "--learning-rate",
                                "0.02",
                                "--json")
                        .succeeded()
                        .json()
                        .at("/rows");
                JsonNode adapt = rows.get(1);
                assertThat(items(adapt, "correction")).isEqualTo(items(rows.get(0), "correction"));
                assertThat(adapt.at("/note").asText()).contains(level + ", scope " + scope, " of 4");
                assertThat(adapt.at("/weights_unchanged").asBoolean()).isTrue();
                assertThat(adapt.at("/set_up_seconds").asDouble()).isPositive();
                assertThat(adapt.at("/supervision").asText())
                        .isEqualTo(level.equals("T1") ? "gold answers of other subjects" : "own slow answers");
                boolean taught = level.equals("T1");
                assertThat(adapt.at("/bytes").asLong() > 0).isEqualTo(taught);
                assertThat(adapt.at("/note").asText().contains("targets without one: 4 of 4"))
                        .isEqualTo(!taught);
                // adapters of a pair stand aside where no such question is asked, one for all never does
                assertThat(adapt.at("/drift/kl_mean").asDouble() > 0).isEqualTo(taught && scope.equals("shared"));
            }
        }
    }

    /** The model guided by itself says what it says; guided by a changed self with alpha 0, too. */
    @Test
    void aGuiderTakesPartAndOneThatLendsNothingChangesNothing() {
        JsonNode rows = compare(
                        "--remedies", "none,guide", "--guider-base", world.model(), "--guider", world.model(), "--json")
                .succeeded()
                .json()
                .at("/rows");
        for (String field : List.of("/sets/correction", "/sets/hops", "/sets/paraphrase")) {
            assertThat(rows.get(1).at(field)).isEqualTo(rows.get(0).at(field));
        }
        assertThat(rows.get(1).at("/bytes").asLong())
                .as("the guider is a second copy")
                .isPositive();
        assertThat(rows.get(1).at("/weights_unchanged").asBoolean()).isTrue();
    }

    @Test
    void aGuiderOrAnAdapterThatCannotTakePartIsRefused() {
        compare("--remedies", "none,guide").refused("no guider", "--guider-base and --guider");
        compare("--remedies", "guide", "--guider", world.model()).refused("--guider-base");
        compare("--remedies", "guide", "--guider-base", "default", "--guider", Path.of("models/default"))
                .refused("guider of another vocabulary");
        compare("--remedies", "guide", "--guider-base", world.model(), "--guider", world.model(), "--alpha", "much")
                .refused("alpha is no number");
        compare("--remedies", "adapt", "--demonstrations", 1).refused("too few demonstrations");
        compare("--remedies", "adapt", "--level", "T9").refused("--level");
        compare("--remedies", "adapt", "--learning-rate", -1).refused("--learning-rate");
    }

    @Test
    void wrongWishesAreRefused() {
        compare("--remedies", "none,prayer").refused("no such remedy", "slow, icl");
        compare("--remedies", "slow,slow").refused("a remedy given twice");
        compare("--remedies", "icl", "--demonstrations", 0).refused("no demonstrations");
        compare("--remedies", "none", "--max-cases", 7)
                .refused("other cases than those of the findings", "--max-cases 7");
        compare("--remedies", "patch:nowhere.safetensors").refused("nowhere.safetensors");
    }

    @Test
    void editorsAreJudgedOnTheSameItemsEachTargetByItsOwnPatch(@TempDir Path page) throws IOException {
        List<Object> arguments = new ArrayList<>(List.of("compare", "--layers", "0,1", "--per-set", 2, "--most", 2));
        arguments.addAll(world.options());
        arguments.addAll(List.of("--editors", "creme-paper,memit,lora", "--report", page, "--json"));
        JsonNode table = patch(arguments.toArray()).succeeded().json();
        JsonNode rows = table.path("rows");
        assertThat(rows).hasSize(3);
        for (JsonNode row : rows) {
            assertThat(items(row)).as(row.path("remedy").asText()).isEqualTo(items(rows.path(0)));
            assertThat(row.at("/drift/kl_mean").isNumber()).isTrue();
            assertThat(row.path("set_up_seconds").asDouble()).isPositive();
        }
        assertThat(rows.path(0).path("supervision").asText()).isEqualTo("gold bridges");
        assertThat(rows.path(1).path("supervision").asText()).isEqualTo("gold answers");
        assertThat(rows.path(1).path("note").asText()).startsWith("memit on W_down L0 L1");
        assertThat(table.path("pairs")).hasSize(3);
        assertThat(table.path("routes")).isEmpty();
        assertThat(page.resolve("figures").resolve("correction-harm.svg"))
                .content()
                .contains("memit", "lora");
        for (String figure : List.of("correction-harm", "generalisation-harm")) {
            assertThat(page.resolve("figures").resolve(figure + ".svg"))
                    .content()
                    .contains("harm, per cent");
        }
    }

    /** How many items each set of a row has. */
    private static List<Integer> items(JsonNode row) {
        List<Integer> counts = new ArrayList<>();
        row.path("sets")
                .forEach(set -> counts.add(set.path("n11").asInt()
                        + set.path("n10").asInt()
                        + set.path("n01").asInt()
                        + set.path("n00").asInt()));
        return counts;
    }

    @Test
    void anEditorThatIsUnknownOrGivenTwiceIsRefused() {
        compare("--editors", "creme-paper,prayer").refused("no such method", "prayer");
        compare("--editors", "lora,lora").refused("an editor given twice");
    }
}
