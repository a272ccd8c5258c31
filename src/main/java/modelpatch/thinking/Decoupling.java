package modelpatch.thinking;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.evaluate.EvaluationReport;

/**
 * What thinking adds to one model's answers and what it breaks (arXiv 2507.18178, with the 1/|D| that its equations 9 and 10 leave out).
 *
 * @param model what was asked
 * @param parameters how many it has
 * @param protocol identity of the protocol under which cases count as known
 * @param reading how answers were read
 * @param fast name of the fast mode
 * @param slow name of the slow mode
 * @param all every case
 * @param known the cases whose single hops are all known: where fast is wrong here, composing failed
 * @param byRelation every case, by the relation of its last hop
 * @param letters which letters were chosen; empty where answers are not letters
 * @param items every case
 */
public record Decoupling(
        EvaluationReport.Model model,
        long parameters,
        String protocol,
        Reading reading,
        String fast,
        String slow,
        FastAndSlow all,
        FastAndSlow known,
        Map<String, FastAndSlow> byRelation,
        Optional<LetterBias> letters,
        List<Item> items) {
    public Decoupling {
        items = List.copyOf(items);
    }

    /**
     * One case.
     *
     * @param steps what the slow answer said on the way
     */
    public record Item(
            String id,
            String relation,
            boolean known,
            String answer,
            String fast,
            boolean fastRight,
            String slow,
            boolean slowRight,
            List<String> steps) {}

    /**
     * How often each letter was right and was chosen, from A on; a model that does not read the options chooses one letter whatever stands
     * under it.
     */
    public record LetterBias(List<Integer> right, List<Integer> fast, List<Integer> slow) {
        public LetterBias {
            right = List.copyOf(right);
            fast = List.copyOf(fast);
            slow = List.copyOf(slow);
        }
    }
}
