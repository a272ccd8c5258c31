package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.document.Json;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every format promises; a new one is asked as soon as it is listed. */
class ExportFormatTest {
    @TempDir
    Path folder;

    static Stream<ExportFormat> formats() {
        return ExportFormat.all().stream();
    }

    @Test
    void everyFormatIsListed() {
        Set<String> listed =
                formats().map(format -> format.getClass().getName()).collect(Collectors.toSet());
        Set<String> written = new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("modelpatch.export")
                        .stream()
                        .filter(type -> type.isAssignableTo(ExportFormat.class) && !type.isInterface())
                        .map(JavaClass::getName)
                        .collect(Collectors.toSet());
        assertThat(listed).as("ExportFormat.all()").isEqualTo(written);
    }

    private static ExportFormat.Order order(Patched patched, Path target) {
        return new ExportFormat.Order(
                patched.checkpoint(), patched.stack(), target, Optional.of(WeightForm.FP32), false);
    }

    private Patched patched(String family) {
        return Patched.open(ByteModel.write(folder.resolve(family), family, "qwen2"));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void whatIsWrittenSaysWhichPatchesAreInIt(ExportFormat format) {
        Path target = folder.resolve("out");
        try (Patched patched = patched("llama")) {
            ExportFormat.Written written = format.write(order(patched, target));
            assertThat(target.resolve(PatchRecord.FILE)).isRegularFile();
            assertThat(Json.object(target.resolve(PatchRecord.FILE))
                            .at("/patches/0/id")
                            .asText())
                    .isEqualTo(patched.stack().patches().get(0).id());
            assertThat(written.use().isEmpty()).isEqualTo(written.model().isPresent());
            assertThat(written.what().isEmpty()).isEqualTo(!written.losses().isEmpty());
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void whatRunsHereGivesThePatchedModelsNumbers(ExportFormat format) {
        try (Patched patched = patched("llama")) {
            Optional<Path> model =
                    format.write(order(patched, folder.resolve("out"))).model();
            assertThat(model.isPresent()).as("a model to open").isEqualTo(format.runsHere());
            if (model.isPresent()) {
                try (LanguageModel written = LanguageModel.open(model.get(), LoadOptions.defaults())) {
                    List<int[]> prompts = patched.prompts();
                    List<float[]> expected = last(patched.model(), prompts);
                    List<float[]> found = last(written, prompts);
                    for (int i = 0; i < prompts.size(); i++) {
                        for (int t = 0; t < expected.get(i).length; t++) {
                            assertThat(found.get(i)[t]).isCloseTo(expected.get(i)[t], within(1e-4f));
                        }
                    }
                }
            }
        }
    }

    private static List<float[]> last(LanguageModel model, List<int[]> prompts) {
        var run = model.run(new int[0], prompts, Set.of(), List.of(), true);
        return IntStream.range(0, prompts.size()).mapToObj(run::logits).toList();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aTakenTargetIsLeftAsItIs(ExportFormat format) throws Exception {
        Path target = Files.createDirectory(folder.resolve("out"));
        Path other = Files.writeString(target.resolve("other"), "text");
        try (Patched patched = patched("llama")) {
            assertThatThrownBy(() -> format.write(order(patched, target)))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("target is taken");
        }
        assertThat(target).isDirectoryContaining(path -> path.equals(other));
        assertThat(target.toFile().list()).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aPatchOfAnotherModelIsRefusedAndNothingIsLeft(ExportFormat format) {
        Path target = folder.resolve("out");
        try (Patched patched = patched("llama");
                Patched other = patched("qwen3")) {
            ExportFormat.Order wrong =
                    new ExportFormat.Order(other.checkpoint(), patched.stack(), target, Optional.empty(), false);
            assertThatThrownBy(() -> format.write(wrong)).isInstanceOf(BadInput.class);
        }
        assertThat(target).doesNotExist();
    }
}
