package modelpatch.guard;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.evaluate.Protocol;

/**
 * What must hold of an edited model, with its limits and the reason: one YAML file that a build can fail by.
 *
 * @param file where it was read, or will lie
 * @param digest SHA-256 of its text; empty before it is written
 * @param name of the suite
 * @param why it exists, in words
 * @param model name and digest of the base that it was made on; empty where it is for any model
 * @param protocol how questions are put; always the greedy continuation
 * @param tolerance multiplies the margin within which two tokens count as tied; 1 is the derived one, see
 *     {@link modelpatch.evaluate.RoundingTies}
 * @param drift on which text drift is measured; empty where it is not
 * @param limits by name, those of {@link #LIMITS}; a name that is absent has no limit
 * @param mayBeUndecided whether a limit whose value cannot be measured fails no build
 * @param sets in the order of the file
 */
public record RegressionSuite(
        Path file,
        String digest,
        String name,
        String why,
        Optional<Base> model,
        Protocol protocol,
        double tolerance,
        Optional<DriftText> drift,
        Map<String, Double> limits,
        boolean mayBeUndecided,
        List<GuardedSet> sets) {
    /** Most seconds that the questions may take. */
    public static final String SECONDS = "seconds_max";

    /** Most bytes that the model's files may have. */
    public static final String BYTES = "model_bytes_max";

    /** Names that the budgets of a suite may have. */
    public static final List<String> LIMITS = List.of(Gates.KL, Gates.FLIPS, Gates.PERPLEXITY, SECONDS, BYTES);

    public RegressionSuite {
        limits = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(limits));
        sets = List.copyOf(sets);
    }

    /**
     * The base that a suite was made on.
     *
     * @param digest of its checkpoint, without patches
     */
    public record Base(String name, String digest) {}

    /**
     * The text that drift is measured on.
     *
     * @param canary a file of passages parted by blank lines, resolved against the suite's folder; empty where prompts are given
     * @param prompts what the model can read where it cannot write the canary
     */
    public record DriftText(Optional<Path> canary, List<String> prompts) {
        public DriftText {
            prompts = List.copyOf(prompts);
        }

        /** The passages themselves. */
        public List<String> passages() {
            return canary.map(DriftMeter::passages).orElse(prompts);
        }

        public String title() {
            return canary.isPresent() ? "canary" : "prompts";
        }
    }

    /**
     * Reads a suite.
     *
     * @throws modelpatch.BadInput naming file, line and column of what is unknown, missing, given twice or out of range
     */
    public static RegressionSuite read(Path yaml) {
        return RegressionSuiteFile.read(yaml);
    }

    /** Writes the suite as a file that people can edit; what it reads back as is equal but for the digest. */
    void write() {
        RegressionSuiteFile.write(this);
    }

    /** Where the baseline of this suite lies: beside it, {@code NAME.baseline.json}. */
    Path baselineFile() {
        String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
        return file.resolveSibling(name + ".baseline.json");
    }

    /** The same suite with one of its cases and nothing else: no drift, no limits. */
    RegressionSuite only(GuardedSet set, GuardedCase one) {
        return new RegressionSuite(
                file,
                digest,
                name,
                why,
                model,
                protocol,
                tolerance,
                Optional.empty(),
                Map.of(),
                mayBeUndecided,
                List.of(new GuardedSet(set.name(), set.must(), 0, List.of(one))));
    }

    /** How many cases all sets have. */
    int size() {
        return sets.stream().mapToInt(set -> set.cases().size()).sum();
    }
}
