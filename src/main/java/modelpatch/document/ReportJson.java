package modelpatch.document;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.BadInput;

/** How the toolkit's records become JSON: what is undefined is {@code null} and never left out; unknown fields of a newer writer are skipped. */
public final class ReportJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(undefinedIsNull())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .enable(SerializationFeature.INDENT_OUTPUT)
            // a record's components in their order, then what it works out, by name: the Java machine promises no order
            // of methods
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
            .enable(MapperFeature.SORT_CREATOR_PROPERTIES_BY_DECLARATION_ORDER)
            .build();

    private ReportJson() {}

    /** For a mapper of someone else's: empty optionals, and numbers that JSON does not have, are {@code null}. */
    static SimpleModule undefinedIsNull() {
        return new SimpleModule("undefined is null")
                .addSerializer(OptionalDouble.class, new WriteOptionalDouble())
                .addDeserializer(OptionalDouble.class, new ReadOptionalDouble())
                .addSerializer(Instant.class, ToStringSerializer.instance)
                .addSerializer(Optional.class, new WriteOptional())
                .addDeserializer(Optional.class, new ReadOptional(null));
    }

    /** The mapper that writes and reads them, names in snake case; shared, so not to be reconfigured. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /** A record on one line. */
    public static String line(Object value) {
        try {
            return MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON: " + value.getClass(), e);
        }
    }

    /**
     * The record that a tree holds.
     *
     * @param what it should be, in a word
     * @param where the file, or what else holds the tree
     * @param remedy what the user can do about a tree that holds something else
     * @throws BadInput naming the first value that does not fit
     */
    public static <T> T read(JsonNode tree, Class<T> type, String what, String where, String remedy) {
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (JsonProcessingException e) {
            throw new BadInput("no " + what, where, "JSON as modelpatch writes it", Syntax.misfit(e), remedy)
                    .causedBy(e);
        }
    }

    private static final class WriteOptionalDouble extends JsonSerializer<OptionalDouble> {
        @Override
        public void serialize(OptionalDouble value, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            // JSON has no NaN and no infinity; a number that is neither is undefined there too.
            if (value.isPresent() && Double.isFinite(value.getAsDouble())) {
                json.writeNumber(value.getAsDouble());
            } else {
                json.writeNull();
            }
        }
    }

    private static final class ReadOptionalDouble extends JsonDeserializer<OptionalDouble> {
        @Override
        public OptionalDouble deserialize(JsonParser json, DeserializationContext context) throws IOException {
            return OptionalDouble.of(json.getDoubleValue());
        }

        @Override
        public OptionalDouble getNullValue(DeserializationContext context) {
            return OptionalDouble.empty();
        }
    }

    @SuppressWarnings("rawtypes") // Jackson registers serializers by raw class
    private static final class WriteOptional extends JsonSerializer<Optional> {
        @Override
        public void serialize(Optional value, JsonGenerator json, SerializerProvider provider) throws IOException {
            if (value.isPresent()) {
                provider.defaultSerializeValue(value.get(), json);
            } else {
                json.writeNull();
            }
        }
    }

    @SuppressWarnings("rawtypes") // Jackson registers deserializers by raw class; the content type is known in context
    private static final class ReadOptional extends JsonDeserializer<Optional> implements ContextualDeserializer {
        private final JavaType content;

        ReadOptional(JavaType content) {
            this.content = content;
        }

        @Override
        public JsonDeserializer<?> createContextual(DeserializationContext context, BeanProperty property) {
            return new ReadOptional(context.getContextualType().containedType(0));
        }

        @Override
        public Optional<?> deserialize(JsonParser json, DeserializationContext context) throws IOException {
            return Optional.of(context.<Object>readValue(json, content));
        }

        @Override
        public Optional<?> getNullValue(DeserializationContext context) {
            return Optional.empty();
        }
    }
}
