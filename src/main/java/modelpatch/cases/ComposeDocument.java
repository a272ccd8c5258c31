package modelpatch.cases;

import java.util.List;

/**
 * A suite in numbers.
 *
 * @param counts of the suite as it is
 * @param capped of its part in which no answer has more than a tenth of the cases
 * @param templateOverlap prompts that serve both for editing and for results; 0
 * @param bridgeOverlap bridges with cases on both sides; 0
 * @param ambiguities subjects and relations with two objects, which no case uses
 * @param examples some cases
 * @param file where it was written; null where it was not
 */
public record ComposeDocument(
        Counts counts,
        Counts capped,
        int templateOverlap,
        int bridgeOverlap,
        List<String> ambiguities,
        List<Example> examples,
        String file) {
    private static final int EXAMPLES = 3;

    /** A case in short. */
    public record Example(String id, String prompt, String guide, String bridge, String answer) {
        static Example of(CompositionalCase one) {
            return new Example(
                    one.id(), one.primary().prompt(), one.primaryGuide().prompt(), one.bridge(), one.answer());
        }
    }

    /**
     * Counts a suite.
     *
     * @param seed draws the examples, and what the cap keeps
     * @param file null for none
     */
    public static ComposeDocument of(CaseSuite suite, long seed, String file) {
        return new ComposeDocument(
                suite.counts(),
                suite.capped(CaseSuite.USUAL_CAP, seed).counts(),
                suite.templateOverlap(),
                suite.bridgeOverlap(),
                suite.ambiguities().stream().map(Ambiguity::toString).toList(),
                suite.sample(EXAMPLES, seed).cases().stream().map(Example::of).toList(),
                file);
    }
}
