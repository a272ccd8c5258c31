package modelpatch.repair;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import modelpatch.Numbers;
import modelpatch.cases.CompositionalCase;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.CremeMetric;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.SetOutcome;
import modelpatch.guard.PatchedModel;
import modelpatch.patch.Conflict;
import modelpatch.patch.GateVerdict;
import modelpatch.patch.Provenance;
import modelpatch.patch.WeightPatch;

/**
 * Turns repairs into what is said of them, and writes the patch where the gates, or the user, allow it.
 *
 * @param eligible how many cases were to be repaired
 * @param leftOut those that are not, and failures that were not eligible
 * @param by who writes the patch; empty where none is written
 * @param seconds of each part of the work
 */
record Reporter(
        PatchedModel model,
        Setup setup,
        int eligible,
        PlanChoice choice,
        List<RepairDocument.LeftOutCase> leftOut,
        Optional<Authorship> by,
        Map<String, Double> seconds,
        Clock clock) {
    private static final int DRAWS = 2000;

    /**
     * The document of some repairs.
     *
     * @param reported ids of the cases that the tables come from
     * @param controls tables of the controls by name
     */
    RepairDocument document(
            List<Repaired> repairs, Set<String> reported, Map<String, Map<EditSet, SetOutcome>> controls) {
        if (repairs.isEmpty()) {
            return new RepairDocument(
                    List.of(),
                    leftOut,
                    choice.method(),
                    choice.plans().get(0).toString(),
                    choice.plans().get(0).sites(),
                    eligible,
                    0,
                    0,
                    setup.protocol().identity(),
                    Map.of(),
                    Optional.empty(),
                    List.of(),
                    RepairDocument.FAILED,
                    Optional.empty(),
                    Map.of(),
                    choice.ranked(),
                    setup.suite().templateOverlap(),
                    seconds);
        }
        Judge.Judgement all = repairs.size() == 1
                ? repairs.get(0).judgement()
                : setup.patcher().pooled(repairs);
        boolean writes = by.isPresent();
        boolean forced = !all.passed() && by.filter(Authorship::force).isPresent();
        String verdict = forced ? RepairDocument.FORCED : all.verdict().key();
        List<RepairDocument.Patch> made = new ArrayList<>();
        Set<String> sites = new TreeSet<>();
        for (Repaired repair : repairs) {
            sites.addAll(repair.edit().plan().sites());
            made.add(made(repair, writes && (all.passed() || forced), all.passed()));
        }
        List<CompositionalCase> edited =
                repairs.stream().flatMap(repair -> repair.cases().stream()).toList();
        return new RepairDocument(
                made,
                leftOut,
                choice.method(),
                choice.plans().get(0).toString(),
                List.copyOf(sites),
                eligible,
                edited.size(),
                (int) edited.stream().filter(one -> reported.contains(one.id())).count(),
                setup.protocol().identity(),
                all.sets(),
                all.drift(),
                all.gates(),
                verdict,
                creme(repairs, reported),
                controls,
                choice.ranked(),
                setup.suite().templateOverlap(),
                seconds);
    }

    /** The paper's metric over the edited prompts of the reported cases. */
    private Optional<CremeMetric.Summary> creme(List<Repaired> repairs, Set<String> reported) {
        List<CremeReading> readings = repairs.stream()
                .flatMap(repair -> repair.creme().stream())
                .filter(reading -> reported.contains(reading.probe().caseId()))
                .toList();
        return readings.isEmpty()
                ? Optional.empty()
                : Optional.of(CremeMetric.summary(
                        readings.stream().map(CremeReading::probe).toList(),
                        readings.stream().map(CremeReading::before).toList(),
                        readings.stream().map(CremeReading::after).toList(),
                        new ClusterBootstrap(DRAWS, setup.seed())));
    }

    private RepairDocument.Patch made(Repaired repair, boolean written, boolean passed) {
        List<String> warnings = new ArrayList<>(repair.edit().warnings());
        Optional<WeightPatch> patch = Optional.empty();
        Optional<String> file = Optional.empty();
        if (written) {
            WeightPatch made = patch(repair, by.orElseThrow(), passed);
            Conflict.of(model.stack().with(made)).stream()
                    .filter(conflict -> conflict.second().equals(made))
                    .forEach(conflict -> warnings.add(Numbers.format(
                            "%s is changed by %s too; the smallest angle between their keys is %.0f degrees",
                            conflict.tensor(), conflict.first(), conflict.keyAngle())));
            file = Optional.of(by.orElseThrow().store().apply(made).toString());
            patch = Optional.of(made);
        }
        return new RepairDocument.Patch(
                repair.cases().stream().map(CompositionalCase::id).toList(),
                patch.map(WeightPatch::id),
                file,
                repair.edit().plan().toString(),
                repair.judgement().gates(),
                repair.judgement().verdict().key(),
                repair.edit().norm(),
                repair.edit().conditions(),
                repair.movement().map(check -> OptionalDouble.of(check.worst())).orElse(OptionalDouble.empty()),
                warnings);
    }

    private WeightPatch patch(Repaired repair, Authorship author, boolean passed) {
        ObjectNode evidence = ReportJson.mapper().createObjectNode();
        evidence.put("protocol", setup.protocol().identity());
        evidence.set("sets", json(repair.judgement().sets()));
        evidence.set("drift", json(repair.judgement().drift()));
        evidence.set("gates", json(repair.judgement().gates()));
        evidence.set("conditions", json(repair.edit().conditions()));
        evidence.set("movement", json(repair.movement()));
        evidence.set("search", json(choice.ranked()));
        ObjectNode configuration = ReportJson.mapper().createObjectNode();
        configuration.set("plan", json(repair.edit().plan()));
        configuration.set("options", json(author.options()));
        int cases = repair.cases().size();
        Provenance provenance = new Provenance(
                repair.edit().plan().method().key(),
                configuration,
                setup.seed(),
                repair.cases().stream().map(CompositionalCase::id).toList(),
                evidence,
                passed ? GateVerdict.PASSED : GateVerdict.FORCED,
                author.author(),
                author.reason().isEmpty()
                        ? "repairs " + cases + (cases == 1 ? " composition" : " compositions")
                        : author.reason(),
                clock.instant(),
                author.approver(),
                author.expires());
        return WeightPatch.of(
                model.base().checkpoint(), model.stack(), repair.edit().deltas(), provenance);
    }

    private static JsonNode json(Object value) {
        return ReportJson.mapper().valueToTree(value);
    }
}
