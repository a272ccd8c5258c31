package modelpatch.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;

/**
 * How results become JSON: records whose components are the fields, in snake case and in their order; an undefined number is null. Two
 * spaces of indentation, arrays of numbers on one line, UTF-8, a newline at the end.
 */
final class Document {
    private static final ObjectWriter WRITER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .build()
            .writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

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
