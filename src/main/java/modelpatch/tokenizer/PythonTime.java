package modelpatch.tokenizer;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import modelpatch.BadInput;

/** Times as Python's strftime writes them. */
final class PythonTime {
    private static final Map<Character, String> PATTERNS = Map.ofEntries(
            Map.entry('Y', "yyyy"),
            Map.entry('y', "yy"),
            Map.entry('m', "MM"),
            Map.entry('B', "MMMM"),
            Map.entry('b', "MMM"),
            Map.entry('d', "dd"),
            Map.entry('A', "EEEE"),
            Map.entry('a', "EEE"),
            Map.entry('H', "HH"),
            Map.entry('I', "hh"),
            Map.entry('M', "mm"),
            Map.entry('S', "ss"),
            Map.entry('p', "a"),
            Map.entry('j', "DDD"));

    private PythonTime() {}

    /** @throws BadInput for a letter that is not known here */
    static String formatted(ZonedDateTime time, String format) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                text.append(c);
                continue;
            }
            boolean plain = format.charAt(i + 1) == '-' && i + 2 < format.length();
            i += plain ? 2 : 1;
            char letter = format.charAt(i);
            if (letter == '%') {
                text.append('%');
            } else if (!PATTERNS.containsKey(letter)) {
                throw BadInput.of("strftime_now(" + format + ")", "%" + letter + " is not known here");
            } else {
                String one = DateTimeFormatter.ofPattern(PATTERNS.get(letter), Locale.ENGLISH)
                        .format(time);
                text.append(plain ? one.replaceFirst("^0+(?=.)", "") : one);
            }
        }
        return text.toString();
    }
}
