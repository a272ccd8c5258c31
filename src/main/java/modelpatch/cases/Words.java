package modelpatch.cases;

import java.text.Normalizer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Small matters of spelling that sentences and ids share. */
final class Words {
    private Words() {}

    /** The phrase as a sentence opens with it; a first word of mixed case ({@code tvOS}) keeps its spelling. */
    static String capitalised(String phrase) {
        String firstWord = phrase.split(" ", 2)[0];
        boolean mixed = firstWord.codePoints().skip(1).anyMatch(Character::isUpperCase);
        if (phrase.isEmpty() || mixed) {
            return phrase;
        }
        int end = phrase.offsetByCodePoints(0, 1);
        return phrase.substring(0, end).toUpperCase(Locale.ROOT) + phrase.substring(end);
    }

    /** A name as ids spell it: lower case, accents gone, one hyphen for whatever is neither letter nor digit. */
    static String slug(String name) {
        String plain = Normalizer.normalize(name, Normalizer.Form.NFD).replaceAll("\\p{M}", "");
        return plain.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}]+", "-")
                .replaceAll("^-|-$", "");
    }

    /** A slug for each name; names that would share one, or have none, get some digits of their exact spelling. */
    static Map<String, String> slugs(Collection<String> names) {
        Map<String, List<String>> bySlug = new TreeSet<>(names).stream().collect(Collectors.groupingBy(Words::slug));
        Map<String, String> slugs = new HashMap<>();
        bySlug.forEach((slug, same) -> same.forEach(name -> slugs.put(
                name,
                same.size() == 1 && !slug.isEmpty()
                        ? slug
                        : slug + "~" + Long.toHexString(SeededOrder.number(0, "slug", name)))));
        return slugs;
    }
}
