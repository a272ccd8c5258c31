package modelpatch.locate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteSplit;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.Pieces;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;

/**
 * Explains the failures of an evaluated suite: reads right and failing cases in the logit lens, mediates the failing ones, ranks sites on the
 * choose side, and diagnoses each failure. Works case by case; {@link #findings} can be called at any time, also after an interruption.
 * Not for use by several threads at once.
 */
final class Finder {
    private static final TypeReference<List<CaseMediation>> MEDIATIONS = new TypeReference<>() {};

    private final Background background;
    private final LocateOptions options;
    private final Clock clock;
    private final KnownCases cases;
    private final EntityReader reader;
    private final Lens lens;
    private final CaseMediator mediator;
    private final Conclusions conclusions;
    private final Pieces pieces;
    private final Explored explored = new Explored();

    /**
     * A finder that has done nothing yet.
     *
     * @param model the model that was evaluated; stays the caller's
     * @param background of the suite's entities
     * @param suite the cases that were evaluated, or more
     * @param protocol that of the evaluation: its prefix and form are those of every run here
     * @param evaluation what the model made of the cases
     * @param clock measures the parts of the work
     * @param pieces keep what was done; a batch of cases is one
     * @throws BadInput where protocol and evaluation are not the same
     */
    Finder(
            LanguageModel model,
            Background background,
            CaseSuite suite,
            Protocol protocol,
            Evaluation evaluation,
            LocateOptions options,
            Clock clock,
            Pieces pieces) {
        if (!protocol.identity().equals(evaluation.protocol())) {
            throw new BadInput(
                    "two protocols",
                    "find",
                    "the protocol of the evaluation, " + evaluation.protocol(),
                    protocol.identity(),
                    "evaluate and find under the same protocol");
        }
        this.background = background;
        this.options = options;
        this.clock = clock;
        this.pieces = pieces;
        cases = new KnownCases(suite, evaluation, protocol.form());
        reader = new EntityReader(model, background, protocol.frame());
        lens = new Lens(model);
        mediator = new CaseMediator(
                model,
                reader,
                background,
                new WrongBridges(suite, background, cases.lastHopRight(), options.seed()),
                protocol.form(),
                options);
        conclusions = new Conclusions(model, background, cases, options, clock);
    }

    /** Kinds of work, with roughly how many readings in the lens one case of it takes the time of. */
    private enum Part {
        LENS("lens", 1),
        MEDIATION("mediation", 6),
        MEDIATION_AT_BOTH("mediation", 15);

        private final String name;
        private final int size;

        Part(String name, int size) {
            this.name = name;
            this.size = size;
        }
    }

    /**
     * A piece of the work, between two reports of progress.
     *
     * @param size in readings in the lens
     */
    private record Step(int size, Runnable work) {}

    /**
     * Does the work that is not done yet: right cases in the lens, then failing ones, then mediation, the choose side first.
     *
     * @param progress counts readings of cases, a mediation as several of them; may end the work by throwing, what was found stays
     */
    void run(Progress progress) {
        List<Step> steps = steps();
        int total = steps.stream().mapToInt(Step::size).sum();
        int done = 0;
        for (Step step : steps) {
            progress.at(done, total);
            step.work().run();
            done += step.size();
        }
        explored.complete = cases.evaluation().complete();
        progress.at(total, total);
    }

    /** What is found so far. */
    Findings findings() {
        return conclusions.findings(explored);
    }

    /** What tells most for its time comes first, so that an interrupted run has said it. */
    private List<Step> steps() {
        List<CaseOutcome> right = SeededOrder.some(
                cases.composed(SuiteSplit.CHOOSE), options.mostRight(), options.seed(), "right", CaseOutcome::id);
        List<Step> steps = new ArrayList<>();
        addSteps(steps, right, lens.casesSideBySide(), Part.LENS, this::readRight);
        for (SuiteSplit side : SuiteSplit.values()) {
            addSteps(steps, failing(side), lens.casesSideBySide(), Part.LENS, this::readFailing);
        }
        int size = mediator.casesSideBySide();
        int both = options.mostAtPhraseEnd();
        for (SuiteSplit side : SuiteSplit.values()) {
            addSteps(steps, first(mediated(side), both), size, Part.MEDIATION_AT_BOTH, batch -> mediate(batch, true));
        }
        addSteps(steps, first(right, options.mostNoised()), size, Part.MEDIATION_AT_BOTH, this::noise);
        for (SuiteSplit side : SuiteSplit.values()) {
            List<CaseOutcome> mediated = mediated(side);
            List<CaseOutcome> rest = mediated.subList(Math.min(both, mediated.size()), mediated.size());
            addSteps(steps, rest, size, Part.MEDIATION, batch -> mediate(batch, false));
        }
        return steps;
    }

    /** In an order that the seed draws. */
    private List<CaseOutcome> failing(SuiteSplit side) {
        return SeededOrder.some(cases.failures(side), 0, options.seed(), "failing", CaseOutcome::id);
    }

    private List<CaseOutcome> mediated(SuiteSplit side) {
        return options.mostMediated() == 0 ? failing(side) : first(failing(side), options.mostMediated());
    }

    private static List<CaseOutcome> first(List<CaseOutcome> outcomes, int most) {
        return outcomes.subList(0, Math.min(outcomes.size(), most));
    }

    private void addSteps(
            List<Step> steps, List<CaseOutcome> outcomes, int most, Part part, Consumer<List<CaseOutcome>> work) {
        for (int from = 0; from < outcomes.size(); from += most) {
            List<CaseOutcome> batch = outcomes.subList(from, Math.min(outcomes.size(), from + most));
            steps.add(new Step(batch.size() * part.size, () -> timed(part, () -> work.accept(batch))));
        }
    }

    /** Reads the bridges of right cases at the end of their phrases, and other entities of their types beside them. */
    private void readRight(List<CaseOutcome> batch) {
        List<CaseOutcome> missing = batch.stream()
                .filter(one -> !explored.right.containsKey(one.id()))
                .toList();
        List<EntityReading> bridges =
                missing.stream().map(cases::get).map(this::bridge).toList();
        List<int[]> tokens = new ArrayList<>();
        for (int i = 0; i < missing.size(); i++) {
            tokens.add(withOthers(cases.get(missing.get(i)), bridges.get(i).id()));
        }
        int[][] ranks = missing.isEmpty()
                ? new int[0][]
                : pieces.of(
                        named("right cases in the lens", missing),
                        new TypeReference<int[][]>() {},
                        () -> lens.bestRanksAtPhraseEnd(bridges, tokens));
        for (int i = 0; i < missing.size(); i++) {
            int[] others = Arrays.copyOfRange(ranks[i], 1, ranks[i].length);
            explored.right.put(
                    missing.get(i).id(),
                    new LensThreshold.Reading(missing.get(i).bridge(), ranks[i][0], others));
        }
    }

    /** A bridge's token, then those of other bridges of its type, drawn as often as they occur among the known cases. */
    private int[] withOthers(CompositionalCase one, int token) {
        String type = WrongBridges.bridgeType(background, one);
        List<Integer> pool = cases.known().stream()
                .map(cases::get)
                .filter(other -> !other.bridge().equals(one.bridge())
                        && WrongBridges.bridgeType(background, other).equals(type))
                .map(other -> reader.separatingToken(type, other.bridge()))
                .filter(other -> other != token)
                .toList();
        SplittableRandom draws = SeededOrder.draws(options.seed(), "random entities", one.id());
        int[] tokens = new int[pool.isEmpty() ? 1 : 1 + options.randomEntities()];
        tokens[0] = token;
        for (int i = 1; i < tokens.length; i++) {
            tokens[i] = pool.get(draws.nextInt(pool.size()));
        }
        return tokens;
    }

    private void readFailing(List<CaseOutcome> batch) {
        List<CaseOutcome> missing = batch.stream()
                .filter(one -> !explored.readings.containsKey(one.id()))
                .toList();
        List<Lens.Entities> entities = missing.stream()
                .map(cases::get)
                .map(one -> new Lens.Entities(bridge(one), answer(one)))
                .toList();
        List<CaseLens> read = missing.isEmpty()
                ? List.of()
                : pieces.of(
                        named("failing cases in the lens", missing),
                        new TypeReference<List<CaseLens>>() {},
                        () -> lens.read(entities));
        for (int i = 0; i < missing.size(); i++) {
            explored.readings.put(missing.get(i).id(), read.get(i));
        }
    }

    private void mediate(List<CaseOutcome> batch, boolean phraseEnd) {
        String kind = "failing cases mediated" + (phraseEnd ? " at both places" : "");
        pieces.of(named(kind, batch), MEDIATIONS, () -> mediator.restore(asked(batch, explored.mediations, phraseEnd)))
                .forEach(mediation -> explored.mediations.put(mediation.id(), mediation));
    }

    private void noise(List<CaseOutcome> batch) {
        pieces.of(
                        named("right cases noised", batch),
                        MEDIATIONS,
                        () -> mediator.noise(asked(batch, explored.noised, options.mostAtPhraseEnd() > 0)))
                .forEach(mediation -> explored.noised.put(mediation.id(), mediation));
    }

    private static String named(String kind, List<CaseOutcome> batch) {
        return kind + ": " + batch.stream().map(CaseOutcome::id).collect(Collectors.joining("\n"));
    }

    private List<CaseMediator.Asked> asked(
            List<CaseOutcome> batch, Map<String, CaseMediation> known, boolean phraseEnd) {
        return batch.stream()
                .filter(one -> !known.containsKey(one.id()))
                .map(one -> new CaseMediator.Asked(
                        cases.get(one), one.failure() ? one.composition().predicted() : "", phraseEnd))
                .toList();
    }

    private EntityReading bridge(CompositionalCase one) {
        return reader.read(cases.composition(one), WrongBridges.bridgeType(background, one), one.bridge());
    }

    private EntityReading answer(CompositionalCase one) {
        return reader.read(cases.composition(one), background.objectType(one.lastHop()), one.answer());
    }

    private void timed(Part part, Runnable work) {
        Instant start = clock.instant();
        work.run();
        explored.spent.merge(part.name, Duration.between(start, clock.instant()), Duration::plus);
    }
}
