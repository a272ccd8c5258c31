package modelpatch.evaluate;

import java.util.List;
import java.util.Optional;

/**
 * What a model answered.
 *
 * @param prompt what it read, without the few-shot prefix; for a slow reply the last prompt, which holds the earlier steps
 * @param predicted what it said, up to the end of its first sentence; for the scored protocol the likeliest of answer and rivals
 * @param verdict whether that counts as right
 * @param whole whether it said an accepted name and nothing more
 * @param newTokens how many tokens it wrote, all steps of a slow reply counted
 * @param steps what a slow reply said on the way, first hop first
 * @param score the log-probability of the answer; the scored protocol only
 */
public record Reply(
        String prompt,
        String predicted,
        Verdict verdict,
        boolean whole,
        int newTokens,
        List<String> steps,
        Optional<Likelihood> score) {
    public Reply {
        steps = List.copyOf(steps);
    }

    public boolean right() {
        return verdict.right();
    }
}
