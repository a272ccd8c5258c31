package modelpatch.document;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import modelpatch.BadInput;

/** What a parser has against a text, said in our words; the parser's own are for people who write parsers. */
final class Syntax {
    /** How much of a line is shown before and after the place. */
    private static final int AROUND = 20;

    /** The only trouble of a parser that is told apart by its text. */
    private static final Pattern TWICE = Pattern.compile("Duplicate .*?['\"](.*)['\"].*", Pattern.DOTALL);

    private Syntax() {}

    /**
     * The message for a text that a parser stumbled over.
     *
     * @param format JSON or YAML
     * @param where the file, or what else holds the text
     * @param firstLine the number of the text's first line in the file
     */
    static BadInput malformed(String format, String where, String text, int firstLine, IOException trouble) {
        JsonLocation at = trouble instanceof JacksonException known ? known.getLocation() : null;
        String place = at == null || at.getLineNr() < 1
                ? where
                : where + ":" + (at.getLineNr() + firstLine - 1) + ":" + at.getColumnNr();
        Matcher twice = TWICE.matcher(String.valueOf(trouble.getMessage()));
        if (twice.lookingAt()) {
            return new BadInput(
                            "key given twice", place, "every key once", "'" + twice.group(1) + "' again", "keep one")
                    .causedBy(trouble);
        }
        if (trouble instanceof StreamConstraintsException) {
            return new BadInput(
                            "more than is read",
                            place,
                            format + " of reasonable depth",
                            "too many levels, or a number or text too long",
                            "is this another file under that name?")
                    .causedBy(trouble);
        }
        String near = near(text, at);
        boolean ended = trouble instanceof JsonEOFException || near.isEmpty();
        String message = ended
                ? "malformed " + format + ": the text ends too early; close what is open, or get the file again"
                : "malformed " + format + " at '" + near
                        + "'; correct it there: often a comma, a quote or a bracket is missing or too many";
        return BadInput.of(place, message).causedBy(trouble);
    }

    /** The part of the line around a place, empty where there is none. */
    private static String near(String text, JsonLocation at) {
        if (at == null || at.getLineNr() < 1) {
            return "";
        }
        String line =
                text.lines().skip(at.getLineNr() - 1L).findFirst().orElse("").replaceAll("\\p{Cntrl}", "?");
        int column = Math.min(Math.max(at.getColumnNr() - 1, 0), line.length());
        int from = Math.max(0, column - AROUND);
        int to = Math.min(line.length(), column + AROUND);
        return (from > 0 ? ".." : "") + line.substring(from, to).strip() + (to < line.length() ? ".." : "");
    }

    /** What in a document does not fit the record that it should become. */
    static String misfit(JacksonException trouble) {
        String key = trouble instanceof JsonMappingException mapping ? key(mapping.getPath()) : "";
        String what = ourOwn(trouble);
        if (what.isEmpty()) {
            what = trouble instanceof JsonMappingException ? "a value of another kind" : "malformed JSON";
        }
        return key.isEmpty() ? what : what + " at '" + key + "'";
    }

    /** What a record of ours said when it refused its values; empty where it was not asked. */
    static String ourOwn(JacksonException trouble) {
        return trouble instanceof ValueInstantiationException
                        && trouble.getCause() instanceof IllegalArgumentException refused
                ? String.valueOf(refused.getMessage())
                : "";
    }

    /** Where in a document, as {@code world.kinds[1].name}. */
    static String key(List<JsonMappingException.Reference> path) {
        return path.stream()
                .map(step -> step.getFieldName() != null ? "." + step.getFieldName() : "[" + step.getIndex() + "]")
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }
}
