package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.BadInput;
import modelpatch.cases.EntityNames;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.document.ReportJson;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationReportTest {
    private static final ClusterBootstrap BOOTSTRAP = new ClusterBootstrap(200, 1);

    @TempDir
    Path folder;

    private EvaluationReport report;

    @BeforeEach
    void evaluate() {
        Map<String, String> script = SmallWorld.everything();
        script.put(SmallWorld.one("Old Ardaman", "capital").primary().prompt(), "Bruno.");
        ScriptedModel model = new ScriptedModel(text -> script.getOrDefault(text, ""));
        Protocol generated = Protocol.generated(FewShot.none(Form.CLOZE));
        List<Evaluation> evaluations = new ArrayList<>();
        for (Protocol.Kind kind : Protocol.Kind.values()) {
            Protocol protocol = generated.as(kind);
            Rivals rivals = Rivals.among(SmallWorld.SUITE.cases(), SmallWorld.RELATIONS, EntityNames.none(), 20, 1);
            List<CaseOutcome> outcomes = new Evaluator(
                            new Examiner(model, protocol, 16), KnownRule.PRIMARY, true, rivals)
                    .evaluate(SmallWorld.SUITE.cases(), outcome -> {}, Progress.UNWATCHED);
            evaluations.add(Evaluation.of(protocol, outcomes, true, BOOTSTRAP));
        }
        report = new EvaluationReport(
                EvaluationReport.FORMAT,
                new EvaluationReport.Model("small", "ab12", List.of()),
                Map.of("max_cases", 14, "facts", "small.tsv", "capped", 0.1),
                7,
                EvaluationReport.versions("0.1.0", "PyTorch 2.7.1"),
                "2026-11-22T00:00:00Z",
                evaluations.get(0),
                evaluations.subList(1, 3));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        Path file = folder.resolve("reports").resolve("report.json");
        report.write(file);
        assertThat(EvaluationReport.read(file)).isEqualTo(report);
        assertThat(report.evaluations()).hasSize(3);
    }

    @Test
    void namesOfFieldsAreThoseThatProgramsRelyOn() throws IOException {
        JsonNode json = ReportJson.mapper().valueToTree(report);
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "format", "model", "configuration", "seed", "versions", "created", "deciding", "beside");
        assertThat(json.at("/versions").fieldNames())
                .toIterable()
                .containsExactly("modelpatch", "engine", "java", "os", "arch");
        assertThat(json.at("/deciding/protocol").asText()).startsWith("generated / bare cloze / 24 new tokens");
        JsonNode counts = json.at("/deciding/counts");
        assertThat(counts.fieldNames())
                .toIterable()
                .contains(
                        "cases",
                        "hop_known",
                        "known",
                        "composed",
                        "failures",
                        "composed_unknown",
                        "unparsed",
                        "gap",
                        "gap_interval",
                        "gap_wilson",
                        "all_templates",
                        "any_template");
        assertThat(counts.at("/hop_known/hop1/n").asInt()).isEqualTo(14);
        assertThat(counts.at("/gap").asDouble()).isEqualTo(1.0 / 14);
        assertThat(counts.at("/gap_interval").size()).isEqualTo(2);
        JsonNode failing = json.at("/deciding/cases").findParents("failure").stream()
                .filter(one -> one.get("failure").asBoolean())
                .findFirst()
                .orElseThrow();
        assertThat(failing.get("id").asText())
                .isEqualTo(SmallWorld.one("Old Ardaman", "capital").id());
        assertThat(failing.at("/composition").fieldNames())
                .toIterable()
                .containsExactly("prompt", "predicted", "verdict", "whole", "new_tokens", "steps", "score");
        assertThat(failing.at("/composition/predicted").asText()).isEqualTo("Bruno");
        assertThat(failing.at("/composition/score").isNull()).isTrue();
        assertThat(json.at("/deciding/capped").isNull()).isTrue();
        assertThat(json.at("/beside/0/cases/0/composition/score/log_probability")
                        .isNumber())
                .isTrue();
    }

    @Test
    void anUndefinedNumberIsNull() {
        EvaluationCounts none = EvaluationCounts.of(List.of(), BOOTSTRAP);
        JsonNode json = ReportJson.mapper().valueToTree(none);
        assertThat(json.get("gap").isNull()).isTrue();
        assertThat(json.get("gap_interval").isNull()).isTrue();
        JsonNode infinite =
                ReportJson.mapper().valueToTree(new Estimate(1, OptionalDouble.of(Double.NaN), Optional.empty()));
        assertThat(infinite.get("value").isNull()).isTrue();
    }

    @Test
    void fieldsOfALaterVersionAreSkipped() throws IOException {
        Path file = folder.resolve("report.json");
        report.write(file);
        Files.writeString(file, Files.readString(file).replaceFirst("\"seed\"", "\"mood\" : [ 1 ], \"seed\""));
        assertThat(EvaluationReport.read(file)).isEqualTo(report);
    }

    @Test
    void whatIsNoReportIsRefusedWithThePlace() throws IOException {
        Path file = folder.resolve("bad.json");
        assertThatThrownBy(() -> EvaluationReport.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("bad.json")
                .hasMessageContaining("no such file");
        Files.writeString(file, "{\n  \"format\": 1,\n  \"deciding\": [}");
        assertThatThrownBy(() -> EvaluationReport.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("bad.json:3:");
        Files.writeString(file, "{\"format\": 2, \"deciding\": {}}");
        assertThatThrownBy(() -> EvaluationReport.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("found format 2")
                .hasMessageContaining("newer modelpatch");
        for (String other : List.of("{}", "[]", "3", "", "{\"format\": 1}")) {
            Files.writeString(file, other);
            assertThatThrownBy(() -> EvaluationReport.read(file)).as(other).isInstanceOf(BadInput.class);
        }
        report.write(file);
        Files.writeString(file, Files.readString(file).replaceFirst("\"successes\" : \\d+", "\"successes\" : 99"));
        assertThatThrownBy(() -> EvaluationReport.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("99 successes among 14 items");
    }
}
