package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import modelpatch.model.LanguageModel;

/** The use case {@code patch eval}: a suite under one deciding protocol, and others beside it. */
public final class Evaluate {
    private final LanguageModel model;
    private final Questions questions;
    private final Options options;
    private final Pieces pieces;

    /**
     * How a suite is asked.
     *
     * @param beside other protocols, in the order in which they are asked; one that is named twice is asked once
     * @param rule when a hop counts as known
     * @param allTemplates whether compositions are asked in every prompt of the form, not only in the primary one
     * @param seed of bootstraps, caps and rivals
     */
    public record Options(List<Protocol> beside, KnownRule rule, boolean allTemplates, long seed) {
        public Options {
            beside = List.copyOf(beside);
        }

        /** The deciding protocol alone; primary prompts decide and are all that is asked. */
        public static Options defaults(long seed) {
            return new Options(List.of(), KnownRule.PRIMARY, false, seed);
        }
    }

    /**
     * A use case that has done nothing yet.
     *
     * @param model is asked; stays the caller's
     */
    public Evaluate(LanguageModel model, Questions questions, Options options) {
        this(model, questions, options, Pieces.UNKEPT);
    }

    /**
     * The same, which need not ask what is kept.
     *
     * @param pieces keep what was done, see {@link #key}
     */
    public Evaluate(LanguageModel model, Questions questions, Options options, Pieces pieces) {
        this.model = model;
        this.questions = questions;
        this.options = options;
        this.pieces = pieces;
    }

    /**
     * Names the work by all that its pieces follow from.
     *
     * @param modelDigest of the model with its patches
     */
    public static String key(String modelDigest, Questions questions, Options options) {
        return questions.key(modelDigest, "eval", options);
    }

    /** The evaluations, the deciding one first; after an interruption those that were begun, the last one as far as it came. */
    public List<Evaluation> run(Onlooker onlooker) {
        Set<Protocol> protocols = new LinkedHashSet<>(List.of(questions.deciding()));
        protocols.addAll(options.beside());
        List<Evaluation> evaluations = new ArrayList<>();
        for (Protocol protocol : protocols) {
            Evaluation evaluation = new SuiteEvaluation(
                            new Examiner(model, protocol, model.promptsAtOnce(), pieces),
                            options.rule(),
                            options.allTemplates(),
                            Rivals.neededBy(protocol, questions.asked(), options.seed()),
                            options.seed())
                    .of(questions.asked().suite(), protocol.kind().key(), onlooker);
            evaluations.add(evaluation);
            if (!evaluation.complete()) {
                break;
            }
        }
        return evaluations;
    }
}
