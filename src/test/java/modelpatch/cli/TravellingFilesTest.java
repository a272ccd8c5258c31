package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.edit.TinyWorld;
import modelpatch.patch.PatchFile;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What files that are handed to others tell of the machine and the user that made them. */
class TravellingFilesTest {
    @TempDir
    static Path folder;

    private static TinyWorld world;
    private static String failure;

    @BeforeAll
    static void find() throws IOException {
        System.setProperty("modelpatch.cache", folder.resolve("cache").toString());
        world = TinyWorld.at(folder.resolve("world"));
        failure = world.find().failures().get(0).id();
    }

    private static WeightPatch applied(Path patches, String... more) {
        List<Object> arguments = new ArrayList<>(List.of("apply", "--gates", TinyWorld.OPEN_GATES));
        arguments.addAll(List.of("--method", "creme-paper", "--case", failure, "--layers", "1,2", "--per-set", "2"));
        arguments.addAll(world.options());
        arguments.addAll(List.of("--patches", patches, "--json"));
        arguments.addAll(List.of(more));
        JsonNode document = patch(arguments.toArray()).succeeded().json();
        return PatchFile.read(Path.of(document.at("/patches/0/file").asText()));
    }

    @Test
    void aPatchTellsNeitherWhoTypedNorFromWhereAndItsLedgerTellsWho() throws IOException {
        Path patches = folder.resolve("patches");
        WeightPatch patch = applied(patches);
        assertThat(patch.provenance().author()).isEmpty();
        JsonNode options = patch.provenance().configuration().path("options");
        assertThat(options.path("facts").asText())
                .isEqualTo(world.facts().getFileName().toString());
        assertThat(options.path("model").asText())
                .isEqualTo(world.model().getFileName().toString());
        try (var files = Files.list(patches)) {
            for (Path file : files.toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                                .contains(folder.toString()))
                        .as("%s holds a folder of this machine", file)
                        .isFalse();
            }
        }
        assertThat(patch("log", "--patches", patches, "--json")
                        .succeeded()
                        .json()
                        .at("/entries/0/author")
                        .asText())
                .isEqualTo(System.getProperty("user.name"));
    }

    @Test
    void whoWishesToBeNamedIs() {
        assertThat(applied(folder.resolve("named"), "--author", "Ada")
                        .provenance()
                        .author())
                .isEqualTo("Ada");
    }
}
