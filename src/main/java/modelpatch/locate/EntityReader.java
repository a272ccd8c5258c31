package modelpatch.locate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import modelpatch.cases.Background;
import modelpatch.cases.Fact;
import modelpatch.cases.Query;
import modelpatch.evaluate.Frame;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.PromptEncoder.Continued;
import modelpatch.model.AnswerModel;
import modelpatch.model.TokenIds;
import modelpatch.tokenizer.Tokenizer;

/** Finds for entities the token at which they are read, and makes the sequences that predict it. */
final class EntityReader {
    private final Tokenizer tokenizer;
    private final Background background;
    private final Frame frame;
    private final PromptEncoder encoder;
    private final Map<String, Map<String, int[]>> names = new TreeMap<>();
    private final Map<String, int[]> pieces = new HashMap<>();

    /** @param frame what stands around every prompt */
    EntityReader(AnswerModel model, Background background, Frame frame) {
        this.tokenizer = model.tokenizer();
        this.encoder = new PromptEncoder(model, frame);
        this.background = background;
        this.frame = frame;
        for (Fact fact : background.facts().facts()) {
            String spoken = background.names().inSentence(fact.object());
            names.computeIfAbsent(background.objectType(fact), type -> new LinkedHashMap<>())
                    .computeIfAbsent(spoken, this::pieces);
        }
    }

    /** The token that names an entity of a type where nothing is forced, as for positions inside a prompt. */
    int separatingToken(String type, String entity) {
        String spoken = background.names().inSentence(entity);
        int[] own = pieces(spoken);
        int index = Math.min(shared(type, spoken, own), own.length - 1);
        // the same piece of the name as it is spelled behind a word
        int[] inside = tokenizer.encodeContinuation(" " + spoken);
        return inside[Math.min(index, inside.length - 1)];
    }

    /** A prompt that ends just before the separating token of an entity. */
    EntityReading read(Query query, String type, String entity) {
        String spoken = background.names().inSentence(entity);
        Continued continued = encoder.encode(query.prompt(), List.of(spoken));
        int[] own = continued.answers().get(0);
        int shared = shared(type, spoken, own);
        int index = Math.min(shared, own.length - 1);
        int[] all = TokenIds.joined(continued.prompt(), Arrays.copyOf(own, index));
        int[] prefix = encoder.shared(List.of(all));
        return new EntityReading(
                new EntityToken(spoken, own[index], tokenizer.token(own[index]), index, shared < own.length),
                prefix,
                Arrays.copyOfRange(all, prefix.length, all.length),
                Math.min(encoder.tokenOf(query.prompt(), query.promptPhraseEnd() - 1), all.length - 1) - prefix.length);
    }

    /**
     * The token that a text has where an entity is read.
     *
     * @return -1 where the text parts from the entity's name before that, or ends, or has the same token there
     */
    int tokenInstead(Query query, EntityReading reading, String text) {
        if (text.isBlank()) {
            return -1;
        }
        Continued continued = encoder.encode(query.prompt(), List.of(text));
        int[] all = TokenIds.joined(continued.prompt(), continued.answers().get(0));
        int[] before = TokenIds.joined(reading.prefix(), reading.sequence());
        boolean same = all.length > before.length && Arrays.mismatch(all, before) == before.length;
        return same && all[before.length] != reading.id() ? all[before.length] : -1;
    }

    /** How many tokens the name shares with the other name of its type that it shares most with. */
    private int shared(String type, String spoken, int[] own) {
        int most = 0;
        for (Map.Entry<String, int[]> other : names.getOrDefault(type, Map.of()).entrySet()) {
            if (!other.getKey().equals(spoken)) {
                int mismatch = Arrays.mismatch(own, other.getValue());
                most = Math.max(most, mismatch < 0 ? own.length : mismatch);
            }
        }
        return most;
    }

    private int[] pieces(String spoken) {
        return pieces.computeIfAbsent(spoken, name -> frame.answer(tokenizer, name));
    }
}
