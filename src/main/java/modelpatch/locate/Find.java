package modelpatch.locate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.CaseSuite;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.KnownSample;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Pieces;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.Rivals;
import modelpatch.evaluate.Stopped;
import modelpatch.evaluate.SuiteEvaluation;
import modelpatch.model.LanguageModel;

/**
 * The use case {@code patch find}: asks a model all single hops and compositions of a suite, and explains the failures, the known cases whose
 * composition is wrong. After an interruption the findings are those of the cases that were reached.
 */
public final class Find {
    private final LanguageModel model;
    private final AskedSuite asked;
    private final Protocol deciding;
    private final Options options;
    private final Clock clock;
    private final Instant begun;
    private final Pieces pieces;

    /**
     * How a suite is asked and explained.
     *
     * @param rule when a hop counts as known
     * @param allTemplates whether compositions are asked in every prompt of the form, not only in the primary one
     * @param mostKnown the suite is asked, in the order that the seed draws, until so many cases are known; 0 for all of it
     * @param bare the deciding protocol without its demonstrations, under which the known cases are asked too; empty, or the deciding one,
     *     for not at all
     * @param locate what explaining computes; its seed is that of everything here
     */
    public record Options(
            KnownRule rule, boolean allTemplates, int mostKnown, Optional<Protocol> bare, LocateOptions locate) {
        /** Primary prompts decide and are all that is asked; every failure is explained. */
        public static Options defaults(long seed) {
            return new Options(KnownRule.PRIMARY, false, 0, Optional.empty(), LocateOptions.defaults(seed));
        }
    }

    /**
     * A use case that has done nothing yet.
     *
     * @param model is asked; stays the caller's
     * @param clock times the work
     */
    public Find(LanguageModel model, Questions questions, Options options, Clock clock) {
        this(model, questions, options, clock, clock.instant(), Pieces.UNKEPT);
    }

    /**
     * The same, when more than the finding is to be timed.
     *
     * @param begun when work on this began, such as the model's loading
     * @param pieces keep what was done, see {@link #key}
     */
    public Find(LanguageModel model, Questions questions, Options options, Clock clock, Instant begun, Pieces pieces) {
        this.model = model;
        this.asked = questions.asked();
        this.deciding = questions.deciding();
        this.options = options;
        this.clock = clock;
        this.begun = begun;
        this.pieces = pieces;
    }

    /**
     * Names the work by all that its pieces follow from.
     *
     * @param modelDigest of the model with its patches
     */
    public static String key(String modelDigest, Questions questions, Options options) {
        return questions.key(modelDigest, "find", options);
    }

    /** Asks the suite and explains its failures. */
    public FindDocument run(Onlooker onlooker) {
        Instant loaded = clock.instant();
        Rivals rivals = Rivals.neededBy(deciding, asked, seed());
        SuiteEvaluation asking = asking(deciding, options.rule(), options.allTemplates(), rivals);
        int mostKnown = options.mostKnown();
        Evaluation evaluation = mostKnown == 0
                ? asking.of(asked.suite(), "asking", onlooker)
                : asking.untilKnown(asked.suite(), mostKnown, "asking", onlooker);
        Optional<Evaluation> taught = evaluation.complete()
                ? taught().map(suite -> asking.of(suite, "asking what was taught", onlooker))
                : Optional.empty();
        Optional<Evaluation> bare = evaluation.complete() ? bare(evaluation, rivals, onlooker) : Optional.empty();
        Instant evaluated = clock.instant();
        Findings findings = explain(evaluation, onlooker)
                .withSeconds("loading", seconds(begun, loaded))
                .withSeconds("evaluation", seconds(loaded, evaluated))
                .withSeconds("all", seconds(begun, clock.instant()))
                .withSample(KnownSample.of(evaluation, mostKnown, asked.suite()));
        Optional<PlantedTruth> planted = asked.planted().isEmpty()
                ? Optional.empty()
                : Optional.of(PlantedTruth.of(findings.failures(), asked.planted()));
        return new FindDocument(findings, evaluation, taught, bare, planted, Optional.empty());
    }

    /** Of what was taught no more than of the others: it is counted only. */
    private Optional<CaseSuite> taught() {
        return asked.taught()
                .map(suite -> options.mostKnown() == 0 ? suite : suite.sample(options.mostKnown(), seed()));
    }

    /** How much of it is the demonstrations' doing: the known cases without them, each question by its primary prompt alone. */
    private Optional<Evaluation> bare(Evaluation evaluation, Rivals rivals, Onlooker onlooker) {
        Set<String> known = evaluation.cases().stream()
                .filter(CaseOutcome::known)
                .map(CaseOutcome::id)
                .collect(Collectors.toSet());
        return options.bare()
                .filter(bare -> !bare.identity().equals(deciding.identity()))
                .map(bare -> asking(bare, KnownRule.PRIMARY, false, rivals)
                        .of(
                                asked.suite().only(one -> known.contains(one.id())),
                                "asking without demonstrations",
                                onlooker));
    }

    private SuiteEvaluation asking(Protocol protocol, KnownRule rule, boolean allTemplates, Rivals rivals) {
        return new SuiteEvaluation(
                new Examiner(model, protocol, model.promptsAtOnce(), pieces), rule, allTemplates, rivals, seed());
    }

    private Findings explain(Evaluation evaluation, Onlooker onlooker) {
        Finder finder = new Finder(
                model, asked.background(), asked.suite(), deciding, evaluation, options.locate(), clock, pieces);
        if (evaluation.complete()) {
            onlooker.detail("explaining: " + evaluation.failures().size() + " failures");
            try (Onlooker.Part progress = onlooker.begin("explaining")) {
                finder.run(progress);
            } catch (Stopped e) {
                onlooker.detail("interrupted: keeping what was found so far");
            }
        }
        return finder.findings();
    }

    private long seed() {
        return options.locate().seed();
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1e3;
    }
}
