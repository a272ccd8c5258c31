package modelpatch.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.model.LanguageModel;

/** The tokens that end a sequence, as the model's own configuration names them. */
final class EndOfSequence {
    private EndOfSequence() {}

    static Set<Integer> ids(LanguageModel model) {
        JsonNode named = model.checkpoint().config().path("eos_token_id");
        Set<Integer> ids = new LinkedHashSet<>();
        if (named.isInt()) {
            ids.add(named.intValue());
        }
        named.forEach(id -> ids.add(id.asInt()));
        JsonNode inGguf = model.checkpoint().metadata().get("tokenizer.ggml.eos_token_id");
        if (inGguf != null) {
            ids.add(inGguf.asInt());
        }
        if (ids.isEmpty()) {
            throw new BadInput(
                    "no end-of-sequence token",
                    model.name(),
                    "eos_token_id in its configuration",
                    "none",
                    "leave out --stop");
        }
        return ids;
    }
}
