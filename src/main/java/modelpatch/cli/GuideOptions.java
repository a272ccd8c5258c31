package modelpatch.cli;

import java.nio.file.Path;
import java.util.OptionalDouble;
import modelpatch.BadInput;
import modelpatch.guide.OpenGuider;
import modelpatch.guide.Strength;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import picocli.CommandLine.Option;

/** Which guider pulls, and how strongly. */
final class GuideOptions {
    @Option(
            names = "--guider-base",
            paramLabel = "MODEL",
            required = true,
            description = "the guider before it learned what it is to lend; the target's own name for itself")
    String base;

    @Option(
            names = "--guider",
            paramLabel = "PATH",
            required = true,
            description = "a PEFT adapter's folder or a patch file of the guider base, or a model of its own")
    Path guider;

    @Option(names = "--alpha", paramLabel = "X", defaultValue = "1", description = "how strongly it pulls")
    String alpha;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "0",
            description = "generated tokens that come first without any pull")
    int warmUp;

    @Option(
            names = "--gate",
            paramLabel = "NATS",
            description = "pull only where the entropy of the target's next token is at least this (default: always)")
    Double gate;

    @Option(
            names = "--map-tokens",
            description = "let vocabularies differ: tokens are mapped by how they are spelled, others are left alone")
    boolean mapTokens;

    Strength strength() {
        try {
            return new Strength(
                    Double.parseDouble(alpha), warmUp, gate == null ? OptionalDouble.empty() : OptionalDouble.of(gate));
        } catch (NumberFormatException e) {
            throw new BadInput("alpha is no number", "--alpha", "a number such as 1", alpha, "1 is usual").causedBy(e);
        }
    }

    OpenGuider open(LanguageModel target, Path with, CommonOptions common) {
        LoadOptions options = LoadOptions.defaults().withThreads(common.threads());
        return OpenGuider.open(target, ModelOptions.resolve("--guider-base", base), with, options);
    }
}
