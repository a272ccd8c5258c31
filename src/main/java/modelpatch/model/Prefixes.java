package modelpatch.model;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import modelpatch.architecture.LengthClasses;

/** One prefix as sequences of some lengths see it: its keys, by the class of the whole sequence's length. The model owns them. */
final class Prefixes {
    private final LengthClasses classes;
    private final int length;
    private final Map<Integer, Prefix> byClass = new TreeMap<>();

    /**
     * @param ids of the prefix
     * @param prompts that go on after it
     * @param newTokens that are generated after those, at most
     */
    static Prefixes of(LanguageModel model, int[] ids, List<int[]> prompts, int newTokens) {
        Prefixes prefixes = new Prefixes(model.layout().lengthClasses(), ids.length);
        int shortest = prompts.stream().mapToInt(prompt -> prompt.length).min().orElse(0);
        int longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0) + newTokens;
        IntStream.rangeClosed(prefixes.classAfter(shortest), prefixes.classAfter(longest))
                .forEach(of -> prefixes.byClass.put(of, model.prefix(ids, of)));
        return prefixes;
    }

    private Prefixes(LengthClasses classes, int length) {
        this.classes = classes;
        this.length = length;
    }

    private int classAfter(int more) {
        return classes.of(length + more);
    }

    /** What a sequence sees that goes on with so many tokens. */
    Prefix before(int more) {
        return byClass.get(classAfter(more));
    }

    /** Whether keys that were kept with so many tokens after the prefix serve a sequence with one more. */
    boolean serveOneMoreThan(int more) {
        return classAfter(more) == classAfter(more + 1);
    }
}
