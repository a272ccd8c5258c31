package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.edit.TinyWorld;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MapCommandTest {
    @TempDir
    static Path shared;

    private static TinyWorld world;

    @BeforeAll
    static void find() throws IOException {
        world = TinyWorld.at(shared.resolve("world"));
        world.find();
    }

    private static CommandRun map(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("map"));
        arguments.addAll(world.options());
        arguments.addAll(List.of(more));
        return patch(arguments.toArray());
    }

    @Test
    void theMapIsPrintedWrittenAndDrawn() throws IOException {
        Path json = shared.resolve("map.json");
        Path svg = shared.resolve("map.svg");
        assertThat(map("--output", json, "--svg", svg).succeeded().out())
                .contains("correction / generalisation in %", "chosen on half", "written: " + json);
        JsonNode written = new ObjectMapper().readTree(json.toFile());
        int blocks = written.at("/blocks").size();
        assertThat(written.at("/format").asInt()).isEqualTo(1);
        assertThat(written.at("/phrase_end")).hasSize(blocks * blocks);
        assertThat(written.at("/last")).hasSize(blocks);
        assertThat(written.at("/phrase_end/0/correction/n").asInt())
                .isEqualTo(written.at("/cases").asInt())
                .isPositive();
        assertThat(Files.readString(svg))
                .startsWith("<svg")
                .contains("generalisation")
                .endsWith("</svg>\n");
        assertThat(map("--json").succeeded().json()).isEqualTo(written);
    }

    @Test
    void fewerFailuresAreTakenWhereThatIsAskedFor() {
        JsonNode one = map("--most", 1, "--json").succeeded().json();
        assertThat(one.at("/cases").asInt() + one.at("/unread").asInt()).isEqualTo(1);
        assertThat(one.at("/crossFitted").isMissingNode()).isTrue();
        assertThat(one.at("/cross_fitted").isNull()).isTrue();
    }
}
