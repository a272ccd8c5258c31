package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.edit.TinyWorld;
import modelpatch.locate.Findings;
import modelpatch.model.Conformance2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From findings to a patch and to files for others on models with experts, which know their facts by construction. */
class ExpertsCommandTest {
    @TempDir
    Path folder;

    private TinyWorld world;
    private Findings findings;

    private void find(String name) throws IOException {
        System.setProperty("modelpatch.cache", folder.resolve("cache").toString());
        world = TinyWorld.at(folder.resolve("world"), Conformance2.path(name));
        findings = world.find();
    }

    private CommandRun apply(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("apply", "--gates", TinyWorld.OPEN_GATES));
        arguments.addAll(world.options());
        arguments.addAll(List.of("--per-set", "2", "--patches", folder.resolve("patches")));
        arguments.addAll(List.of(more));
        return patch(arguments.toArray());
    }

    private String failure() {
        return findings.failures().get(0).id();
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama4_text", "deepseek_v3"})
    void aCaseIsRepairedInAHeadOfAModelWithExperts(String name) throws IOException {
        find(name);
        CommandRun run = apply("--case", failure(), "--method", "creme-paper", "--heads", "L0H1");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("creme-paper on W_O L0H1", "post-conditions met: 2 of 2", "the gates hold");
    }

    /** The first layer of this model has an MLP, the second experts. */
    @Test
    void wDownIsEditedInALayerWithOneMlpAndRefusedByNameInOneOfExperts() throws IOException {
        find("deepseek_v3");
        CommandRun dense = apply("--case", failure(), "--method", "creme-paper", "--matrix", "W_down", "--layers", "0");
        assertThat(dense.exitCode()).as(dense.err()).isZero();
        assertThat(dense.out()).contains("on W_down L0");
        CommandRun experts =
                apply("--case", failure(), "--method", "creme-paper", "--matrix", "W_down", "--layers", "1");
        assertThat(experts.exitCode()).isEqualTo(2);
        assertThat(experts.err()).contains("layer 1", "experts, each with its own", "edit W_O");
    }
}
