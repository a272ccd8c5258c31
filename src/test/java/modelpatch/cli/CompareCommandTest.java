package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        List<Object> arguments = new ArrayList<>(List.of("compare"));
        arguments.addAll(world.options());
        arguments.addAll(List.of("--layers", "1,2", "--per-set", 2, "--most", 2));
        arguments.addAll(List.of(more));
        return patch(arguments.toArray());
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

    @Test
    void wrongWishesAreRefused() {
        compare("--remedies", "none,prayer").refused("no such remedy", "slow, icl");
        compare("--remedies", "slow,slow").refused("a remedy given twice");
        compare("--remedies", "icl", "--demonstrations", 0).refused("no demonstrations");
        compare("--remedies", "patch:nowhere.safetensors").refused("nowhere.safetensors");
    }
}
