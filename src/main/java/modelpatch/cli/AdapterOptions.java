package modelpatch.cli;

import java.util.EnumSet;
import java.util.List;
import modelpatch.adapt.AdaptRecipe;
import modelpatch.adapt.Level;
import modelpatch.adapt.Scope;
import picocli.CommandLine.Option;

/** What adapters are told, who shares one, and how they are trained. */
final class AdapterOptions {
    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            defaultValue = "T1",
            description =
                    "what an adapter may be told: T1 gold answers of other subjects; T2 also the model's own single hops; T3 also"
                            + " gold single hops; T4 nothing but the model's own slow answers")
    Level level;

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            defaultValue = "pair",
            description = "who shares an adapter: ${COMPLETION-CANDIDATES}")
    Scope scope;

    @Option(names = "--rank", paramLabel = "R", defaultValue = "8", description = "r of W x + (alpha / r) B A x")
    int rank;

    @Option(
            names = "--on",
            paramLabel = "PART",
            split = ",",
            defaultValue = "qkv,o,mlp",
            description = "linear layers of a block that get factors: ${COMPLETION-CANDIDATES}")
    List<AdaptRecipe.Part> on;

    @Option(names = "--learning-rate", paramLabel = "X", defaultValue = "0.001", description = "the peak")
    double learningRate;

    @Option(names = "--weight-decay", paramLabel = "X", defaultValue = "0", description = "of AdamW")
    double weightDecay;

    @Option(
            names = "--sequences",
            paramLabel = "N",
            defaultValue = "40",
            description = "sequences that an adapter is trained on, each a permutation")
    int sequences;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "5", description = "sequences of a step")
    int batch;

    @Option(
            names = "--loss",
            paramLabel = "WHICH",
            defaultValue = "all",
            description = "answers of a sequence that are learned: ${COMPLETION-CANDIDATES}")
    AdaptRecipe.Loss loss;

    @Option(
            names = "--format",
            paramLabel = "FORM",
            defaultValue = "in_context",
            description = "lessons in sequence, or each alone: ${COMPLETION-CANDIDATES}")
    AdaptRecipe.Format format;

    /** @param alpha of W x + (alpha / r) B A x */
    AdaptRecipe recipe(double alpha, long seed) {
        return new AdaptRecipe(
                rank, alpha, EnumSet.copyOf(on), learningRate, weightDecay, sequences, batch, loss, format, seed);
    }
}
