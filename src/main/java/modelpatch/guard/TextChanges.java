package modelpatch.guard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import modelpatch.model.AnswerModel;

/** What a model writes on from the first half of each of some passages, so that changed wording is seen where probabilities hide it. */
public final class TextChanges {
    private static final int[] NO_PREFIX = {};
    private static final int LONGEST = 32;
    private static final int NEW_TOKENS = 16;

    private final AnswerModel base;
    private final List<int[]> beginnings;
    private final List<int[]> before;

    /**
     * Keeps what the base writes.
     *
     * @param base the unchanged model
     * @param passages each of four tokens or more; shorter ones, and those that begin as another does, are left out
     */
    TextChanges(AnswerModel base, List<String> passages) {
        this.base = base;
        this.beginnings = passages.stream()
                .map(passage -> base.tokenizer().encode(passage))
                .filter(ids -> ids.length >= 4)
                .map(ids -> Arrays.copyOf(ids, Math.min(LONGEST, ids.length / 2)))
                .collect(Collectors.toMap(Arrays::toString, ids -> ids, (one, same) -> one, LinkedHashMap::new))
                .values()
                .stream()
                .toList();
        this.before = written(base);
    }

    /** A passage that goes on otherwise. */
    public record Change(String beginning, String before, String after) {}

    /** How many passages are looked at. */
    int passages() {
        return beginnings.size();
    }

    /** The passages that a changed model continues with other tokens. */
    List<Change> of(AnswerModel changed) {
        List<int[]> after = written(changed);
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < beginnings.size(); i++) {
            if (!Arrays.equals(before.get(i), after.get(i))) {
                changes.add(new Change(
                        base.tokenizer().decode(beginnings.get(i)),
                        base.tokenizer().decode(before.get(i)),
                        base.tokenizer().decode(after.get(i))));
            }
        }
        return List.copyOf(changes);
    }

    private List<int[]> written(AnswerModel model) {
        return beginnings.isEmpty() ? List.of() : model.generate(NO_PREFIX, beginnings, NEW_TOKENS, ids -> false);
    }
}
