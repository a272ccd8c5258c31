package modelpatch.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.OutputStream;
import modelpatch.document.ReportJson;

/**
 * How results become JSON on stdout: records whose components are the fields, by the rules of {@link ReportJson}, two spaces of
 * indentation, arrays of numbers on one line, UTF-8, a newline at the end.
 */
final class Document {
    private static final ObjectWriter WRITER = ReportJson.mapper()
            .writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")))
            .without(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

    private Document() {}

    static String text(Object document) {
        try {
            return WRITER.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result that is no JSON: " + document.getClass(), e);
        }
    }

    /** Writes without holding the text: logits of all positions are hundreds of megabytes of it. */
    static void print(Object document, OutputStream target) throws IOException {
        WRITER.writeValue(target, document);
        target.write('\n');
        target.flush();
    }
}
