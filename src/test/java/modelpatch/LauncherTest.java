package modelpatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher {@code ./patch}, in a project of its own whose Maven and Java are scripts that say how they were called. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LauncherTest {
    private static final String MAVEN = """
            #!/bin/sh
            echo "mvn $*" >> ../calls
            if [ -f ../broken ]; then
                echo "[ERROR] /src/main/A.java:[1,2] ';' expected"
                exit 1
            fi
            mkdir -p target
            touch target/modelpatch-1.jar
            printf 'one.jar:two.jar' > target/classpath.txt
            if [ "$*" != "${*#*spark}" ]; then
                mkdir -p spark/target
                touch spark/target/modelpatch-spark-1.jar
                printf 'modelpatch-1.jar:one.jar' > spark/target/classpath.txt
                printf 'one.jar:spark-core.jar' > spark/target/classpath-with-spark.txt
            fi
            """;

    private static final String JAVA = """
            #!/bin/sh
            if [ "$1" = -version ]; then
                echo "openjdk version \\"$(cat "$(dirname "$0")/version")\\" 2025-01-01" >&2
                exit 0
            fi
            printf '%s|' "$@"
            echo "OMP=$OMP_WAIT_POLICY"
            exit 7
            """;

    @TempDir
    Path folder;

    private Path project;
    private Path bin;

    private record Run(int exitCode, String out, String err) {}

    @BeforeEach
    void makeProject() throws IOException {
        folder = folder.toRealPath();
        project = Files.createDirectories(folder.resolve("a project"));
        bin = Files.createDirectories(folder.resolve("bin"));
        Files.copy(Path.of("patch"), project.resolve("patch"));
        Files.writeString(project.resolve("pom.xml"), "<project/>");
        Files.createDirectories(project.resolve("src/main"));
        Files.writeString(project.resolve("src/main/A.java"), "class A {}");
        script("mvn", MAVEN);
        script("java", JAVA);
        Files.writeString(bin.resolve("version"), "17.0.1");
    }

    private void script(String name, String text) throws IOException {
        Path file = Files.writeString(bin.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Run run(Path script, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", script.toString()));
        command.addAll(List.of(arguments));
        try {
            Path out = folder.resolve("out");
            Path err = folder.resolve("err");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment()
                    .keySet()
                    .removeAll(List.of("JAVA_HOME", "SPARK_HOME", "PATCH_JAVA_OPTS", "OMP_WAIT_POLICY"));
            builder.environment().put("PATH", bin + ":/usr/bin:/bin");
            builder.environment().putAll(environment);
            int exitCode = builder.start().waitFor();
            return new Run(
                    exitCode,
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private Run run(String... arguments) {
        return run(project.resolve("patch"), Map.of(), arguments);
    }

    private int builds() throws IOException {
        Path calls = folder.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
    }

    private static void age(Path path, int seconds) throws IOException {
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().minusSeconds(seconds)));
    }

    /** Puts the last build half a minute into the past, and all sources before it. */
    private void ageAll() throws IOException {
        age(project.resolve("target/launcher/built"), 30);
        for (String source : List.of("pom.xml", "src/main", "src/main/A.java", "src/main/B.java")) {
            if (Files.exists(project.resolve(source))) {
                age(project.resolve(source), 60);
            }
        }
    }

    @Test
    void theFirstRunBuildsAndTheNextStartsAtOnce() throws IOException {
        Run first = run("find", "--model", "a b");
        assertThat(first.err()).contains("building", "build.log");
        assertThat(first.out()).contains("|modelpatch.cli.PatchCli|find|--model|a b|");
        assertThat(first.exitCode()).isEqualTo(7);
        Run second = run("doctor");
        assertThat(second.err()).isEmpty();
        assertThat(second.out()).contains("|modelpatch.cli.PatchCli|doctor|");
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aChangedAnAddedAndADeletedSourceAreBuiltAgain() throws IOException {
        run();
        ageAll();
        run();
        assertThat(builds()).isEqualTo(1);
        age(project.resolve("src/main/A.java"), 10);
        run();
        assertThat(builds()).isEqualTo(2);
        ageAll();
        Files.writeString(project.resolve("src/main/B.java"), "class B {}");
        run();
        assertThat(builds()).isEqualTo(3);
        ageAll();
        Files.delete(project.resolve("src/main/B.java"));
        run();
        assertThat(builds()).isEqualTo(4);
        ageAll();
        age(project.resolve("pom.xml"), 10);
        run();
        assertThat(builds()).isEqualTo(5);
    }

    @Test
    void aFailedBuildShowsTheErrorsAndIsTriedAgain() throws IOException {
        Files.writeString(folder.resolve("broken"), "");
        Run failed = run("doctor");
        assertThat(failed.exitCode()).isEqualTo(3);
        assertThat(failed.err()).contains("';' expected", "the whole log is");
        assertThat(failed.out()).isEmpty();
        Files.delete(folder.resolve("broken"));
        assertThat(run("doctor").out()).contains("PatchCli|doctor");
    }

    @Test
    void itWorksThroughSymbolicLinksFromAnywhere() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("bin", "other"));
        Files.createSymbolicLink(bin.resolve("other"), project.resolve("patch"));
        Run run = run(link, Map.of(), "doctor");
        assertThat(run.out()).contains("-Dmodelpatch.home=" + project + "|", "PatchCli|doctor");
        assertThat(Files.readString(project.resolve("target/launcher/start.args")))
                .isEqualTo("-cp\n\"" + project + "/target/modelpatch-1.jar:one.jar:two.jar\"\n");
    }

    @Test
    void whatIsSoonDoneIsCompiledOnceAndWhatSolvesAndTrainsTwice() {
        assertThat(run("show", "p").out()).contains("|-XX:TieredStopAtLevel=1|");
        assertThat(run("find").out()).contains("|-XX:TieredStopAtLevel=1|");
        assertThat(run("apply").out()).doesNotContain("TieredStopAtLevel");
        assertThat(run().out()).contains("|-XX:TieredStopAtLevel=1|");
    }

    @Test
    void classesAreKeptOfARunThatStartsTheEngineAndMissingOnesAreNoFault() {
        Run run = run("doctor");
        assertThat(run.out())
                .contains("|-XX:SharedArchiveFile=" + project + "/target/launcher/classes.jsa|", "|-Xlog:disable|");
        assertThat(project.resolve("target/launcher/archive.log"))
                .content()
                .contains("-XX:ArchiveClassesAtExit=", "|doctor|");
        assertThat(run.exitCode()).isEqualTo(7);
    }

    @Test
    void onlyAClusterBuildsTheSparkModuleAndAddsItsJars() throws IOException {
        run("find");
        assertThat(project.resolve("spark")).doesNotExist();
        Run first = run("find", "--cluster", "local[2]");
        assertThat(first.out())
                .contains("@" + project + "/target/launcher/cluster.args|", "|find|--cluster|local[2]|")
                .doesNotContain("SharedArchiveFile");
        assertThat(project.resolve("target/launcher/cluster.args"))
                .content()
                .startsWith("-cp\n\"" + project
                        + "/spark/target/modelpatch-spark-1.jar:modelpatch-1.jar:one.jar:one.jar:spark-core.jar\"\n");
        assertThat(run("find", "--cluster=yarn").err()).isEmpty();
        assertThat(builds()).isEqualTo(2);
        run(project.resolve("patch"), Map.of("SPARK_HOME", "/opt/spark"), "find", "--cluster", "yarn");
        assertThat(project.resolve("target/launcher/cluster.args"))
                .content()
                .contains("modelpatch-1.jar:one.jar:/opt/spark/jars/*\"");
        assertThat(run("find").out()).contains("start.args|", "SharedArchiveFile");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void optionsOfTheUserComeLastSoThatTheyWin() {
        Run run = run(project.resolve("patch"), Map.of("PATCH_JAVA_OPTS", "-Xmx6g -Dx=y"), "doctor");
        assertThat(run.out()).containsSubsequence("|-Xmx2g|", "|-Xmx6g|-Dx=y|", "modelpatch.cli.PatchCli");
        assertThat(run.out()).contains("OMP=passive", "-Dai.djl.offline=true");
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        Run noHome = run(project.resolve("patch"), Map.of("JAVA_HOME", "/nowhere"));
        assertThat(noHome.exitCode()).isEqualTo(2);
        assertThat(noHome.err()).contains("JAVA_HOME is /nowhere", "JDK 17");

        Files.writeString(bin.resolve("version"), "11.0.2");
        Run old = run();
        assertThat(old.exitCode()).isEqualTo(2);
        assertThat(old.err()).contains("older than Java 17");
        assertThat(builds()).isZero();
    }
}
