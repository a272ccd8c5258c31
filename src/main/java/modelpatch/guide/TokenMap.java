package modelpatch.guide;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.model.LanguageModel;
import modelpatch.tokenizer.Tokenizer;

/** Which token of a guider is which token of a target: the tokens that both spell alike. */
final class TokenMap {
    private static final int NONE = -1;
    private static final int SHOWN = 3;
    private static final List<String> FILLERS = List.of("<unk>", "<|endoftext|>", "<pad>", "<s>", "</s>");

    private final int[] toGuider;
    private final int[] common;
    private final int filler;
    private final boolean identical;

    private TokenMap(int[] toGuider, int filler, boolean identical) {
        this.toGuider = toGuider;
        this.common = IntStream.range(0, toGuider.length)
                .filter(id -> toGuider[id] != NONE)
                .toArray();
        this.filler = filler;
        this.identical = identical;
    }

    /**
     * The map of two vocabularies that are one: every id that both have is the same token, checked string by string. Of longer tails, which
     * rows of an embedding may be filled up with, nothing is taken.
     *
     * @throws BadInput naming tokens that differ
     */
    static TokenMap identity(Tokenizer target, Tokenizer guider) {
        int size = Math.min(target.size(), guider.size());
        List<String> different = new ArrayList<>();
        int count = 0;
        for (int id = 0; id < size; id++) {
            String one = target.token(id);
            String other = guider.token(id);
            if (!one.equals(other)) {
                count++;
                if (different.size() < SHOWN) {
                    different.add(id + " is '" + one + "' and '" + other + "'");
                }
            }
        }
        if (count > 0) {
            throw new BadInput(
                    "guider of another vocabulary",
                    "--guider",
                    "the target's tokens, id by id",
                    count + " of " + size + " differ: " + String.join(", ", different),
                    "take a guider of the same vocabulary, or map tokens by their text (--map-tokens)");
        }
        return new TokenMap(IntStream.range(0, size).toArray(), 0, true);
    }

    /** As {@link #identity(Tokenizer, Tokenizer)}; of models without tokenizers, which speak in ids alone, all that both have a row for. */
    static TokenMap identity(LanguageModel target, LanguageModel guider) {
        if (target.hasTokenizer() || guider.hasTokenizer()) {
            return identity(target.tokenizer(), guider.tokenizer());
        }
        int size = Math.min(target.config().dVocab(), guider.config().dVocab());
        return new TokenMap(IntStream.range(0, size).toArray(), 0, true);
    }

    /**
     * The map of two vocabularies by how tokens are spelled.
     *
     * @throws BadInput where they have no token in common
     */
    static TokenMap byText(Tokenizer target, Tokenizer guider) {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = guider.size() - 1; id >= 0; id--) {
            ids.put(guider.token(id), id);
        }
        int[] map = new int[target.size()];
        for (int id = 0; id < map.length; id++) {
            map[id] = ids.getOrDefault(target.token(id), NONE);
        }
        if (Arrays.stream(map).allMatch(id -> id == NONE)) {
            throw new BadInput(
                    "guider of another vocabulary",
                    "--map-tokens",
                    "tokens that both spell alike",
                    "none of " + target.size() + " and " + guider.size(),
                    "take another guider");
        }
        int filler = FILLERS.stream()
                .filter(ids::containsKey)
                .map(ids::get)
                .findFirst()
                .orElse(0);
        return new TokenMap(map, filler, false);
    }

    /** Whether ids mean the same on both sides. */
    boolean isIdentity() {
        return identical;
    }

    /** Ids of the target that the guider has too, in rising order. */
    int[] common() {
        return common.clone();
    }

    /** The guider's id of a token of the target that both have. */
    int guiderId(int targetId) {
        return toGuider[targetId];
    }

    /** What the guider reads in place of a generated token: itself, or for one that it does not have its unknown token. */
    int read(int targetId) {
        boolean known = targetId < toGuider.length && toGuider[targetId] != NONE;
        return known ? toGuider[targetId] : filler;
    }

    /** The ids of the target's text as the guider reads it. */
    int[] prompt(int[] targetIds, LanguageModel target, LanguageModel guider) {
        return identical
                ? targetIds
                : guider.tokenizer().encode(target.tokenizer().decode(targetIds));
    }
}
