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
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteSplit;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.Piece;
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
    private final Background background;
    private final LocateOptions options;
    private final Clock clock;
    private final KnownCases cases;
    private final EntityReader reader;
    private final Lens lens;
    private final LanguageModel model;
    private final MediationPrompts prompts;
    private final int casesMediatedSideBySide;
    private final int windowWidth;
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
        prompts = new MediationPrompts(
                reader,
                background,
                new WrongBridges(suite, background, cases.lastHopRight(), options.seed()),
                protocol.form());
        casesMediatedSideBySide = CaseMediator.casesSideBySide(model);
        windowWidth = options.widthFor(model.config().nLayers());
        this.model = model;
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
     * A step of the work, between two reports of progress.
     *
     * @param name of the piece
     * @param type of what it gives: something for each case of the batch, in their order
     * @param piece made of the batch where it is to be done
     * @param into where that goes, by case
     */
    private record Step<R, V>(
            Part part,
            List<CaseOutcome> batch,
            String name,
            TypeReference<List<R>> type,
            Supplier<Piece<List<R>>> piece,
            BiFunction<CaseOutcome, R, V> read,
            Map<String, V> into) {
        int size() {
            return batch.size() * part.size;
        }

        boolean open() {
            return batch.stream().anyMatch(one -> !into.containsKey(one.id()));
        }

        void run(Pieces pieces, LanguageModel model, Clock clock) {
            List<R> given = pieces.of(name, type, () -> piece.get().on(model, clock));
            for (int i = 0; i < batch.size(); i++) {
                into.put(batch.get(i).id(), read.apply(batch.get(i), given.get(i)));
            }
        }
    }

    /**
     * Does the work that is not done yet: right cases in the lens, then failing ones, then mediation, the choose side first.
     *
     * @param progress counts readings of cases, a mediation as several of them; may end the work by throwing, what was found stays
     */
    void run(Progress progress) {
        List<Step<?, ?>> steps = steps();
        int total = steps.stream().mapToInt(Step::size).sum();
        int done = 0;
        pieces.ahead(steps.stream().filter(Step::open).map(step -> step.piece().get()));
        for (Step<?, ?> step : steps) {
            progress.at(done, total);
            if (step.open()) {
                timed(step.part(), () -> step.run(pieces, model, clock));
            }
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
    private List<Step<?, ?>> steps() {
        List<CaseOutcome> right = SeededOrder.some(
                cases.composed(SuiteSplit.CHOOSE), options.mostRight(), options.seed(), "right", CaseOutcome::id);
        List<Step<?, ?>> steps = new ArrayList<>();
        batches(right, lens.casesSideBySide()).map(this::ranks).forEach(steps::add);
        for (SuiteSplit side : SuiteSplit.values()) {
            batches(failing(side), lens.casesSideBySide()).map(this::readings).forEach(steps::add);
        }
        int both = options.mostAtPhraseEnd();
        for (SuiteSplit side : SuiteSplit.values()) {
            batches(first(mediated(side), both), casesMediatedSideBySide)
                    .map(batch -> restoring(batch, Part.MEDIATION_AT_BOTH))
                    .forEach(steps::add);
        }
        batches(first(right, options.mostNoised()), casesMediatedSideBySide)
                .map(this::noising)
                .forEach(steps::add);
        for (SuiteSplit side : SuiteSplit.values()) {
            List<CaseOutcome> mediated = mediated(side);
            List<CaseOutcome> rest = mediated.subList(Math.min(both, mediated.size()), mediated.size());
            batches(rest, casesMediatedSideBySide)
                    .map(batch -> restoring(batch, Part.MEDIATION))
                    .forEach(steps::add);
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

    private static Stream<List<CaseOutcome>> batches(List<CaseOutcome> outcomes, int most) {
        return IntStream.iterate(0, from -> from < outcomes.size(), from -> from + most)
                .mapToObj(from -> outcomes.subList(from, Math.min(outcomes.size(), from + most)));
    }

    /** The bridges of right cases at the end of their phrases, and other entities of their types beside them. */
    private Step<int[], LensThreshold.Reading> ranks(List<CaseOutcome> right) {
        String name = named("right cases in the lens", right);
        return new Step<>(
                Part.LENS,
                right,
                name,
                BridgeRanks.GIVES,
                () -> {
                    List<EntityReading> bridges =
                            right.stream().map(cases::get).map(this::bridge).toList();
                    List<int[]> tokens = IntStream.range(0, right.size())
                            .mapToObj(i -> withOthers(
                                    cases.get(right.get(i)), bridges.get(i).id()))
                            .toList();
                    return new BridgeRanks(name, bridges, tokens);
                },
                (one, ranks) ->
                        new LensThreshold.Reading(one.bridge(), ranks[0], Arrays.copyOfRange(ranks, 1, ranks.length)),
                explored.right);
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

    private Step<CaseLens, CaseLens> readings(List<CaseOutcome> failing) {
        String name = named("failing cases in the lens", failing);
        return new Step<>(
                Part.LENS,
                failing,
                name,
                LensReadings.GIVES,
                () -> new LensReadings(
                        name,
                        failing.stream()
                                .map(cases::get)
                                .map(one -> new Lens.Entities(bridge(one), answer(one)))
                                .toList()),
                (one, given) -> given,
                explored.readings);
    }

    private Step<CaseMediation, CaseMediation> restoring(List<CaseOutcome> failing, Part part) {
        boolean phraseEnd = part == Part.MEDIATION_AT_BOTH;
        return mediation(
                "failing cases mediated" + (phraseEnd ? " at both places" : ""),
                failing,
                part,
                one -> prompts.restoring(cases.get(one), one.composition().predicted(), phraseEnd),
                explored.mediations);
    }

    private Step<CaseMediation, CaseMediation> noising(List<CaseOutcome> right) {
        return mediation(
                "right cases noised",
                right,
                Part.MEDIATION_AT_BOTH,
                one -> prompts.noising(cases.get(one), options.mostAtPhraseEnd() > 0),
                explored.noised);
    }

    private Step<CaseMediation, CaseMediation> mediation(
            String kind,
            List<CaseOutcome> batch,
            Part part,
            Function<CaseOutcome, MediatedCase> asked,
            Map<String, CaseMediation> into) {
        String name = named(kind, batch);
        return new Step<>(
                part,
                batch,
                name,
                Mediation.GIVES,
                () -> new Mediation(name, batch.stream().map(asked).toList(), windowWidth),
                (one, given) -> given,
                into);
    }

    private static String named(String kind, List<CaseOutcome> batch) {
        return kind + ": " + batch.stream().map(CaseOutcome::id).collect(Collectors.joining("\n"));
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
