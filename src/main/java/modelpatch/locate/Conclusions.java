package modelpatch.locate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.architecture.BaseReading;
import modelpatch.cases.Background;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SuiteSplit;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.PredictedText;
import modelpatch.evaluate.WrongAnswer;
import modelpatch.model.LanguageModel;

/** Draws findings from what a finder has seen: rankings, sites, the lens's threshold, a diagnosis for each failure that was read. */
final class Conclusions {
    private final LanguageModel model;
    private final KnownCases cases;
    private final LocateOptions options;
    private final Clock clock;
    private final PredictedText predictedText;

    Conclusions(LanguageModel model, Background background, KnownCases cases, LocateOptions options, Clock clock) {
        this.model = model;
        this.cases = cases;
        this.options = options;
        this.clock = clock;
        this.predictedText = new PredictedText(background);
    }

    Findings findings(Explored explored) {
        Instant start = clock.instant();
        List<CaseMediation> chosen = cases.failures(SuiteSplit.CHOOSE).stream()
                .flatMap(one -> Optional.ofNullable(explored.mediations.get(one.id())).stream())
                .toList();
        Ranker ranker = new Ranker(options, model.config().nLayers());
        Ranking last = ranker.rank(chosen, explored.noised.values(), one -> Optional.of(one.last()));
        Optional<Ranking> phraseEnd = options.mostAtPhraseEnd() > 0
                ? Optional.of(ranker.rank(chosen, explored.noised.values(), DonorEffects::phraseEnd))
                : Optional.empty();
        Sites sites = Sites.of(last);
        LensThreshold threshold = LensThreshold.of(List.copyOf(explored.right.values()), options.bootstrap());
        List<FailureFinding> failures = cases.evaluation().failures().stream()
                .filter(one -> explored.readings.containsKey(one.id()))
                .map(one -> failure(one, explored, threshold, sites))
                .toList();
        Map<String, Double> seconds = new LinkedHashMap<>();
        explored.spent.forEach((part, time) -> seconds.put(part, seconds(time)));
        seconds.put("ranking", seconds(Duration.between(start, clock.instant())));
        Evaluation evaluation = cases.evaluation();
        return new Findings(
                Findings.FORMAT,
                new Findings.Model(
                        model.name(),
                        model.digest(),
                        model.config().modelType(),
                        model.parameters(),
                        Optional.of(BaseReading.of(model.checkpoint()))),
                evaluation.protocol(),
                options.seed(),
                explored.complete,
                options,
                new Findings.Split(side(SuiteSplit.CHOOSE), side(SuiteSplit.REPORT)),
                evaluation.counts(),
                evaluation.capped(),
                evaluation.counts().gap(),
                evaluation.counts().gapInterval(),
                threshold,
                last.heads(),
                new Findings.LastToken(last.cases(), last.bridges(), last.layers()),
                phraseEnd,
                sites,
                diagnoses(failures),
                wrongAnswers(failures),
                failures,
                seconds,
                Optional.empty(),
                Map.of());
    }

    private FailureFinding failure(CaseOutcome outcome, Explored explored, LensThreshold threshold, Sites sites) {
        CompositionalCase one = cases.get(outcome);
        CaseLens lens = explored.readings.get(one.id());
        LensCurve bridge = lens.bridgeAtPhraseEnd().normed();
        WrongAnswer kind = predictedText.kind(one, outcome.composition().predicted());
        Diagnosis diagnosis = Diagnosis.of(kind, threshold, sites.halfwayLayer(), bridge);
        return new FailureFinding(
                one.id(),
                one.split().key(),
                cases.composition(one).prompt(),
                cases.guide(one).prompt(),
                one.subject(),
                one.bridge(),
                one.answer(),
                outcome.composition().predicted(),
                diagnosis,
                diagnosis.remedies(),
                new Evidence(
                        kind,
                        predictedText.artefact(one, outcome.composition().predicted()),
                        threshold.k(),
                        bridge.bestRank(),
                        threshold.k().flatMap(bridge::firstWithin),
                        sites.halfwayLayer(),
                        threshold.informative(),
                        lens,
                        Optional.ofNullable(explored.mediations.get(one.id()))
                                .map(mediation -> MediationEvidence.of(mediation, options.measure()))));
    }

    private static Map<String, Integer> diagnoses(List<FailureFinding> failures) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Diagnosis diagnosis : Diagnosis.values()) {
            counts.put(diagnosis.words(), (int) failures.stream()
                    .filter(one -> one.diagnosis() == diagnosis)
                    .count());
        }
        return counts;
    }

    private static Map<String, Integer> wrongAnswers(List<FailureFinding> failures) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (WrongAnswer kind : WrongAnswer.values()) {
            counts.put(kind.key(), (int) failures.stream()
                    .filter(one -> one.evidence().wrongAnswer() == kind)
                    .count());
        }
        return counts;
    }

    private Findings.Side side(SuiteSplit side) {
        return new Findings.Side(
                cases.failures(side).stream().map(CaseOutcome::id).toList(),
                cases.composed(side).stream().map(CaseOutcome::id).toList());
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }
}
