package modelpatch.locate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SuiteSplit;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;

/**
 * Explains the failures of an evaluated suite: reads right and failing cases in the logit lens, mediates the failing ones, ranks sites on the
 * choose side, and diagnoses each failure. Works case by case; {@link #findings} can be called at any time, also after an interruption.
 * Not for use by several threads at once.
 */
public final class Finder {
    private final LanguageModel model;
    private final Background background;
    private final Protocol protocol;
    private final Evaluation evaluation;
    private final LocateOptions options;
    private final Clock clock;
    private final Map<String, CompositionalCase> cases = new TreeMap<>();
    private final EntityReader reader;
    private final Lens lens;
    private final CaseMediator mediator;

    private final Map<String, LensThreshold.Reading> right = new TreeMap<>();
    private final Map<String, CaseLens> readings = new TreeMap<>();
    private final Map<String, CaseMediation> mediations = new TreeMap<>();
    private final Map<String, CaseMediation> noised = new TreeMap<>();
    private final Map<String, Duration> spent = new LinkedHashMap<>();
    private boolean complete;

    /**
     * A finder that has done nothing yet.
     *
     * @param model the model that was evaluated; stays the caller's
     * @param background of the suite's entities
     * @param suite the cases that were evaluated, or more
     * @param protocol that of the evaluation: its prefix and form are those of every run here
     * @param evaluation what the model made of the cases
     * @param clock measures the parts of the work
     * @throws BadInput where protocol and evaluation are not the same
     */
    public Finder(
            LanguageModel model,
            Background background,
            CaseSuite suite,
            Protocol protocol,
            Evaluation evaluation,
            LocateOptions options,
            Clock clock) {
        if (!protocol.identity().equals(evaluation.protocol())) {
            throw new BadInput(
                    "two protocols",
                    "find",
                    "the protocol of the evaluation, " + evaluation.protocol(),
                    protocol.identity(),
                    "evaluate and find under the same protocol");
        }
        this.model = model;
        this.background = background;
        this.protocol = protocol;
        this.evaluation = evaluation;
        this.options = options;
        this.clock = clock;
        suite.cases().stream().filter(one -> one.hops().size() > 1).forEach(one -> cases.put(one.id(), one));
        Set<String> lastHopKnown = new HashSet<>();
        evaluation.cases().stream()
                .filter(CaseOutcome::lastHopRight)
                .forEach(outcome -> lastHopKnown.add(outcome.id()));
        reader = new EntityReader(model, background, protocol.fewShot().text());
        lens = new Lens(model);
        mediator = new CaseMediator(
                model,
                reader,
                background,
                new WrongBridges(suite, background, lastHopKnown, options.seed()),
                protocol.form(),
                options);
    }

    /**
     * Does the work that is not done yet: right cases in the lens, then failing cases, those of the choose side first, then noising.
     *
     * @param progress counts cases; may end the work by throwing, what was found stays
     */
    public void run(Progress progress) {
        List<CaseOutcome> rightOnes =
                Draws.some(composed(SuiteSplit.CHOOSE), options.mostRight(), options.seed(), "right", CaseOutcome::id);
        List<CaseOutcome> noisedOnes = options.mostNoised() == 0
                ? List.of()
                : rightOnes.subList(0, Math.min(rightOnes.size(), options.mostNoised()));
        List<Runnable> steps = new ArrayList<>();
        for (CaseOutcome one : rightOnes) {
            steps.add(() -> right.computeIfAbsent(one.id(), id -> timed("lens", () -> readRight(cases.get(id)))));
        }
        for (SuiteSplit side : SuiteSplit.values()) {
            List<CaseOutcome> failing = Draws.some(failures(side), 0, options.seed(), "failing", CaseOutcome::id);
            for (int i = 0; i < failing.size(); i++) {
                CaseOutcome one = failing.get(i);
                boolean mediated = options.mostMediated() == 0 || i < options.mostMediated();
                steps.add(() -> examine(one, mediated));
            }
        }
        for (CaseOutcome one : noisedOnes) {
            steps.add(() ->
                    noised.computeIfAbsent(one.id(), id -> timed("mediation", () -> mediator.noise(cases.get(id)))));
        }
        for (int done = 0; done < steps.size(); done++) {
            progress.at(done, steps.size());
            steps.get(done).run();
        }
        complete = evaluation.complete();
        progress.at(steps.size(), steps.size());
    }

    /** What is found so far. */
    public Findings findings() {
        Instant start = clock.instant();
        List<CaseMediation> chosen = failures(SuiteSplit.CHOOSE).stream()
                .flatMap(one -> Optional.ofNullable(mediations.get(one.id())).stream())
                .toList();
        Ranker ranker = new Ranker(options, model.config().nLayers());
        Ranking last = ranker.rank(chosen, noised.values(), one -> Optional.of(one.last()));
        Optional<Ranking> phraseEnd = options.phraseEnd()
                ? Optional.of(ranker.rank(chosen, noised.values(), Restoration::phraseEnd))
                : Optional.empty();
        Sites sites = Sites.of(last);
        LensThreshold threshold = LensThreshold.of(List.copyOf(right.values()), options.bootstrap());
        List<FailureFinding> found = evaluation.failures().stream()
                .filter(one -> readings.containsKey(one.id()))
                .map(one -> finding(one, threshold, sites))
                .toList();
        Map<String, Integer> diagnoses = new LinkedHashMap<>();
        for (Diagnosis diagnosis : Diagnosis.values()) {
            diagnoses.put(diagnosis.words(), (int)
                    found.stream().filter(one -> one.diagnosis() == diagnosis).count());
        }
        Map<String, Integer> wrongAnswers = new LinkedHashMap<>();
        for (WrongAnswer kind : WrongAnswer.values()) {
            wrongAnswers.put(kind.key(), (int) found.stream()
                    .filter(one -> one.evidence().wrongAnswer() == kind)
                    .count());
        }
        Map<String, Double> seconds = new LinkedHashMap<>();
        spent.forEach((part, time) -> seconds.put(part, time.toMillis() / 1e3));
        seconds.put("ranking", Duration.between(start, clock.instant()).toMillis() / 1e3);
        return new Findings(
                Findings.FORMAT,
                new Findings.Model(model.name(), model.digest(), model.config().modelType(), model.parameters()),
                protocol.identity(),
                options.seed(),
                complete,
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
                diagnoses,
                wrongAnswers,
                found,
                seconds);
    }

    private FailureFinding finding(CaseOutcome outcome, LensThreshold threshold, Sites sites) {
        CompositionalCase one = cases.get(outcome.id());
        CaseLens curves = readings.get(one.id());
        LensCurve bridge = curves.bridgeAtPhraseEnd().normed();
        WrongAnswer kind =
                new PredictedText(background).kind(one, outcome.composition().predicted());
        Diagnosis diagnosis = Diagnosis.of(kind, threshold, sites.halfwayLayer(), bridge);
        Optional<Integer> surfaced = threshold.k().flatMap(bridge::firstWithin);
        return new FailureFinding(
                one.id(),
                one.split().key(),
                CaseMediator.first(one.compositions(), protocol.form()).prompt(),
                CaseMediator.first(one.guides(), protocol.form()).prompt(),
                one.subject(),
                one.bridge(),
                one.answer(),
                outcome.composition().predicted(),
                diagnosis,
                diagnosis.remedies(),
                new Evidence(
                        kind,
                        threshold.k(),
                        bridge.bestRank(),
                        surfaced,
                        sites.halfwayLayer(),
                        threshold.informative(),
                        curves,
                        Optional.ofNullable(mediations.get(one.id()))
                                .map(mediation -> MediationEvidence.of(mediation, options.measure()))));
    }

    private void examine(CaseOutcome outcome, boolean mediated) {
        CompositionalCase one = cases.get(outcome.id());
        if (mediated && !mediations.containsKey(one.id())) {
            mediations.put(
                    one.id(),
                    timed(
                            "mediation",
                            () -> mediator.restore(one, outcome.composition().predicted())));
        }
        if (!readings.containsKey(one.id())) {
            readings.put(one.id(), timed("lens", () -> lens.read(bridge(one), answer(one))));
        }
    }

    /** Reads the bridge of a right case at the end of its phrase, and other entities of its type beside it. */
    private LensThreshold.Reading readRight(CompositionalCase one) {
        String type = WrongBridges.bridgeType(background, one);
        EntityReading bridge = bridge(one);
        int own = reader.separatingToken(type, one.bridge());
        List<Integer> pool = evaluation.cases().stream()
                .filter(CaseOutcome::known)
                .filter(other ->
                        cases.containsKey(other.id()) && !other.bridge().equals(one.bridge()))
                .filter(other -> WrongBridges.bridgeType(background, cases.get(other.id()))
                        .equals(type))
                .map(other -> reader.separatingToken(type, other.bridge()))
                .filter(token -> token != own && token != bridge.id())
                .toList();
        SplittableRandom draws = Draws.of(options.seed(), "random entities", one.id());
        int others = pool.isEmpty() ? 0 : options.randomEntities();
        int[] tokens = new int[1 + others];
        tokens[0] = bridge.id();
        for (int i = 1; i < tokens.length; i++) {
            tokens[i] = pool.get(draws.nextInt(pool.size()));
        }
        int[] ranks = lens.bestRanksAtPhraseEnd(bridge, tokens);
        return new LensThreshold.Reading(one.bridge(), ranks[0], java.util.Arrays.copyOfRange(ranks, 1, ranks.length));
    }

    private EntityReading bridge(CompositionalCase one) {
        return reader.read(
                CaseMediator.first(one.compositions(), protocol.form()),
                WrongBridges.bridgeType(background, one),
                one.bridge());
    }

    private EntityReading answer(CompositionalCase one) {
        return reader.read(
                CaseMediator.first(one.compositions(), protocol.form()),
                background.objectType(one.lastHop()),
                one.answer());
    }

    private List<CaseOutcome> composed(SuiteSplit side) {
        return known(side).stream().filter(one -> one.composition().right()).toList();
    }

    private List<CaseOutcome> failures(SuiteSplit side) {
        return known(side).stream().filter(CaseOutcome::failure).toList();
    }

    private List<CaseOutcome> known(SuiteSplit side) {
        return evaluation.cases().stream()
                .filter(CaseOutcome::known)
                .filter(one -> cases.containsKey(one.id()) && one.side().equals(side.key()))
                .toList();
    }

    private Findings.Side side(SuiteSplit side) {
        return new Findings.Side(
                failures(side).stream().map(CaseOutcome::id).toList(),
                composed(side).stream().map(CaseOutcome::id).toList());
    }

    private <T> T timed(String part, Supplier<T> work) {
        Instant start = clock.instant();
        T result = work.get();
        spent.merge(part, Duration.between(start, clock.instant()), Duration::plus);
        return result;
    }
}
