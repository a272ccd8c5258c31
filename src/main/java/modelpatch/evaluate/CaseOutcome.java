package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What a model made of one case.
 *
 * @param id the case's id
 * @param side the side of the suite, {@code choose} or {@code report}
 * @param bridge the bridge entity; cases with the same one form a cluster
 * @param answer the answer's own name
 * @param composition the reply to the primary composition
 * @param hops the replies to the primary single-hop prompts, first hop first
 * @param compositionTemplates right replies among all compositions that were asked
 * @param hopTemplates the same for each hop
 * @param known whether every hop counts as known, by the rule of the evaluation
 */
public record CaseOutcome(
        String id,
        String side,
        String bridge,
        String answer,
        Reply composition,
        List<Reply> hops,
        Tally compositionTemplates,
        List<Tally> hopTemplates,
        boolean known) {
    public CaseOutcome {
        hops = List.copyOf(hops);
        hopTemplates = List.copyOf(hopTemplates);
    }

    /** Every hop is known and the primary composition is wrong. */
    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    public boolean failure() {
        return known && !composition.right();
    }

    /** Whether the last hop is right on its primary prompt. */
    public boolean lastHopRight() {
        return hops.get(hops.size() - 1).right();
    }

    /** Whether the composition, or every hop, is right on all prompts that were asked. */
    static boolean onAll(List<Tally> tallies) {
        return tallies.stream().allMatch(tally -> tally.successes() == tally.n());
    }

    /** Whether the composition, or every hop, is right on at least one prompt that was asked. */
    static boolean onAny(List<Tally> tallies) {
        return tallies.stream().allMatch(tally -> tally.successes() > 0);
    }
}
