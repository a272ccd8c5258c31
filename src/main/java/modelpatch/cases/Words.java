package modelpatch.cases;

import java.text.Normalizer;
import java.util.Locale;

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
}
