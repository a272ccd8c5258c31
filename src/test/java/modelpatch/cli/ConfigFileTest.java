package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
    @TempDir
    Path folder;

    private Path config(String text) throws IOException {
        return Files.writeString(folder.resolve("run.yaml"), text);
    }

    @Test
    void keysAreLongOptionNames() throws IOException {
        Path config = config("# a remark\njson: true\nthreads: 1\n");
        assertThat(patch("doctor", "--config", config)
                        .succeeded()
                        .json()
                        .at("/checks/1/found")
                        .asText())
                .endsWith("engine threads 1");
    }

    @Test
    void whatIsTypedWinsOverTheFile() throws IOException {
        Path config = config("threads: 7\njson: true\n");
        assertThat(patch("doctor", "--config=" + config, "--threads", "1")
                        .json()
                        .at("/checks/1/found")
                        .asText())
                .endsWith("engine threads 1");
    }

    @Test
    void anEmptyFileSetsNothing() throws IOException {
        patch("doctor", "--config", config("")).succeeded();
    }

    @Test
    void anUnknownKeyIsRefusedWithItsLine() throws IOException {
        patch("doctor", "--config", config("seed: 3\ntreads: 2\n"))
                .refused("run.yaml:2:9", "unknown key in options of this command", "treads", "threads");
    }

    @Test
    void aKeyThatStandsTwiceIsRefused() throws IOException {
        patch("doctor", "--config", config("seed: 3\nthreads: 1\nseed: 4\n"))
                .refused("seed", "run.yaml:3:1", "run.yaml:1:7");
    }

    @Test
    void aWrongValueIsRefusedWithItsLine() throws IOException {
        patch("doctor", "--config", config("\nseed: three\n")).refused("--seed", "three", "run.yaml:2:7");
    }

    @Test
    void aNestedValueIsRefused() throws IOException {
        patch("doctor", "--config", config("seed:\n  value: 3\n")).refused("run.yaml:2:3", "a text, a number");
    }

    @Test
    void aListAtTheTopIsRefused() throws IOException {
        patch("doctor", "--config", config("- seed\n")).refused("run.yaml:1:1", "a mapping");
    }

    @Test
    void brokenYamlIsRefusedWithItsPlace() throws IOException {
        patch("doctor", "--config", config("seed: 3\nthreads: [1, 2\n")).refused("run.yaml:2:15", "malformed YAML");
    }

    @Test
    void anAbsentFileIsRefused() {
        patch("doctor", "--config", folder.resolve("none.yaml")).refused("none.yaml", "no such file");
    }
}
