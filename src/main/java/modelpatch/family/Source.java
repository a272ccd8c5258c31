package modelpatch.family;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * Where a setting stands in config.json.
 *
 * @param keys in the order of trust: the first that is there counts; none where the family has one value for good
 * @param absent what the reference implementation takes where no key is there
 * @param nullable whether null, and absence without a default, mean that there is none
 */
public record Source(List<String> keys, Optional<JsonNode> absent, boolean nullable) {

    public Source {
        keys = List.copyOf(keys);
    }

    @JsonCreator
    static Source of(
            @JsonProperty("key") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<String> keys,
            @JsonProperty("default") JsonNode absent,
            @JsonProperty("nullable") boolean nullable) {
        return new Source(
                keys == null ? List.of() : keys, Optional.ofNullable(absent).filter(node -> !node.isNull()), nullable);
    }
}
