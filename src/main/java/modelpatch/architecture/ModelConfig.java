package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalInt;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.family.Family;
import modelpatch.family.Setting;
import modelpatch.family.Switches.ProjectionKind;

/**
 * The sizes of a decoder.
 *
 * @param modelType the family, as config.json names it
 * @param dModel width of the residual stream
 * @param nLayers number of blocks
 * @param nHeads query heads per block
 * @param nKeyValueHeads key-value heads per block; each serves nHeads / nKeyValueHeads query heads
 * @param dHead width of one head, of its values where those of its keys are others
 * @param dKey width of a head's queries and keys
 * @param dMlp width of the MLP
 * @param dVocab rows of the unembedding
 * @param nCtx the longest sequence, in tokens
 */
public record ModelConfig(
        String modelType,
        int dModel,
        int nLayers,
        int nHeads,
        int nKeyValueHeads,
        int dHead,
        int dKey,
        int dMlp,
        int dVocab,
        int nCtx) {

    /** @throws BadInput naming the size that is missing or impossible */
    static ModelConfig of(Settings settings) {
        int dModel = settings.integer(Setting.D_MODEL);
        int nHeads = settings.listed(Setting.N_HEADS);
        int nKeyValueHeads = settings.maybeInteger(Setting.N_KEY_VALUE_HEADS).orElse(nHeads);
        if (nHeads % nKeyValueHeads != 0) {
            throw new BadInput(
                    "grouped heads",
                    settings.where(),
                    settings.name(Setting.N_HEADS) + " to be a multiple of " + settings.name(Setting.N_KEY_VALUE_HEADS),
                    nHeads + " and " + nKeyValueHeads,
                    "correct config.json");
        }
        int dHead = settings.maybeInteger(Setting.D_HEAD).orElse(dModel / nHeads);
        boolean latent = settings.family().projection() == ProjectionKind.LATENT;
        if (latent && nKeyValueHeads != nHeads) {
            throw settings.bad(Setting.N_KEY_VALUE_HEADS, nHeads + ", as many as queries", nKeyValueHeads + "");
        }
        return new ModelConfig(
                settings.family().modelType(),
                dModel,
                settings.listed(Setting.N_LAYERS),
                nHeads,
                nKeyValueHeads,
                dHead,
                latent ? settings.integer(Setting.D_STILL) + settings.integer(Setting.ROTARY_DIMENSIONS) : dHead,
                settings.maybeInteger(Setting.D_MLP).orElse(4 * dModel), // GPT-2 and GPT-J leave it out
                settings.integer(Setting.D_VOCAB),
                settings.integer(Setting.N_CTX));
    }

    /**
     * The longest sequence that a configuration names, in tokens; empty for an unknown family without the usual keys.
     *
     * @param config in the manner of config.json
     */
    public static OptionalInt contextLength(JsonNode config) {
        Family family = Family.known().get(config.path("model_type").asText(""));
        if (family != null) {
            return new Settings(config, family.variant(config), "config.json", false).maybeInteger(Setting.N_CTX);
        }
        return Stream.of("max_position_embeddings", "n_positions")
                .filter(key -> config.path(key).canConvertToInt())
                .mapToInt(key -> config.path(key).asInt())
                .findFirst();
    }

    /** @throws BadInput where an id is no row of the embedding */
    public void requireIds(int[] ids) {
        for (int id : ids) {
            if (id < 0 || id >= dVocab) {
                throw new BadInput(
                        "token id out of range",
                        "ids",
                        "0 to " + (dVocab - 1),
                        String.valueOf(id),
                        "the ids must come from this model's tokenizer");
            }
        }
    }
}
