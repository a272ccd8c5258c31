package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.document.RecordFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * The schemas in docs/formats/schema/ are those of the records. Every document that any test of a command prints is validated against them,
 * see {@link CommandRun}. With {@code -Dmodelpatch.schemas=write} the files are written anew.
 */
class JsonSchemaTest {
    static Set<String> commands() {
        return new TreeSet<>(JsonSchemas.DOCUMENTS.keySet());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void theFileIsTheSchemaOfTheRecords(String command) throws IOException {
        byte[] schema = RecordFile.lines(JsonSchemas.of(command));
        if ("write".equals(System.getProperty("modelpatch.schemas"))) {
            Files.createDirectories(JsonSchemas.FOLDER);
            Files.write(JsonSchemas.FOLDER.resolve(command + ".json"), schema);
        }
        assertThat(JsonSchemas.FOLDER.resolve(command + ".json")).hasBinaryContent(schema);
    }

    @Test
    void everyCommandThatPrintsJsonHasASchemaAndNoOther() throws IOException {
        Set<String> printing = new TreeSet<>();
        leaves("", new PatchCli(CommandRun.terminal()).commandLine(), printing);
        try (Stream<String> files =
                Files.list(JsonSchemas.FOLDER).map(file -> file.getFileName().toString())) {
            assertThat(files.filter(name -> name.endsWith(".json"))
                            .map(name -> name.replace(".json", ""))
                            .collect(Collectors.toSet()))
                    .isEqualTo(printing);
        }
        assertThat(commands()).isEqualTo(printing);
    }

    private static void leaves(String name, CommandLine command, Set<String> printing) {
        if (command.getCommandSpec().optionsMap().containsKey("--json")) {
            printing.add(name);
        }
        command.getSubcommands()
                .forEach((word, sub) -> leaves(name.isEmpty() ? word : name + "-" + word, sub, printing));
    }

    @Test
    void aDocumentThatLacksAFieldOrHasTextForANumberIsRefused() {
        JsonSchema schema =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(JsonSchemas.of("doctor"));
        String doctor = patch("doctor", "--json").out();
        assertThat(schema.validate(doctor, com.networknt.schema.InputFormat.JSON))
                .isEmpty();
        assertThat(schema.validate(doctor.replace("\"healthy\"", "\"well\""), com.networknt.schema.InputFormat.JSON))
                .isNotEmpty();
        assertThat(schema.validate(
                        doctor.replaceFirst("\"passed\" ?: ?true", "\"passed\": \"yes\""),
                        com.networknt.schema.InputFormat.JSON))
                .isNotEmpty();
    }
}
