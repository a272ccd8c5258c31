package modelpatch.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import modelpatch.Installation;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.edit.TinyWorld;
import modelpatch.locate.Diagnosis;
import modelpatch.locate.Findings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdviceTest {
    @TempDir
    Path folder;

    /** Evidence is of a model, to the byte: when the embedded one is trained again it must be measured again. */
    @Test
    void theEvidenceIsThatOfTheEmbeddedModelAndOfDiagnosesThatThereAre() throws IOException {
        List<String> words =
                Arrays.stream(Diagnosis.values()).map(Diagnosis::words).toList();
        try (InputStream table = Objects.requireNonNull(Advice.class.getResourceAsStream("measured.tsv"));
                Checkpoint embedded = Checkpoint.open(Installation.here().model("default"))) {
            List<String> rows = new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
            assertThat(rows).isNotEmpty().allSatisfy(row -> {
                String[] cells = row.split("\t", -1);
                assertThat(cells).hasSize(5);
                assertThat(cells[0]).isEqualTo(embedded.digest());
                assertThat(words).contains(cells[1]);
                assertThat(Integer.parseInt(cells[3])).isBetween(0, Integer.parseInt(cells[4]));
            });
        }
    }

    @Test
    void aModelThatWasNotMeasuredGetsTheGeneralAdviceForEachDiagnosisAmongItsFailures() throws IOException {
        Findings findings = TinyWorld.at(folder).find();
        List<Advice> advice = Advice.of(findings);
        assertThat(advice.stream().collect(Collectors.summingInt(Advice::failures)))
                .isEqualTo(findings.failures().size());
        assertThat(advice).allSatisfy(one -> {
            assertThat(one.evidence()).isEmpty();
            assertThat(one.command()).isEqualTo("patch apply");
        });
    }
}
