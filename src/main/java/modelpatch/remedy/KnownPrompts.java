package modelpatch.remedy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.evaluate.Frame;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.model.AnswerModel;
import modelpatch.tokenizer.Encoding;

/** The prompts of a suite by their token ids, so that a remedy knows of which question a sequence is. */
final class KnownPrompts {
    private final Map<Ids, Composition> compositions = new HashMap<>();
    private final Map<Ids, Integer> phraseEnds = new HashMap<>();
    private final PromptEncoder encoder;

    /** Token ids as a key. */
    private record Ids(List<Integer> ids) {
        static Ids of(int[] ids) {
            return new Ids(Arrays.stream(ids).boxed().toList());
        }
    }

    /** A composition in one of its wordings. */
    private record Composition(CompositionalCase one, Query query) {}

    /** All prompts of the protocol's form, in all wordings. */
    KnownPrompts(AnswerModel model, Protocol protocol, CaseSuite suite) {
        Frame frame = protocol.frame();
        encoder = new PromptEncoder(model, frame);
        for (CompositionalCase one : suite.cases()) {
            for (Query query : one.compositions()) {
                if (query.form() == protocol.form()) {
                    Ids ids = add(model, frame, query);
                    if (one.hops().size() > 1) {
                        compositions.put(ids, new Composition(one, query));
                    }
                }
            }
            one.singleHops()
                    .forEach(hop -> hop.stream()
                            .filter(query -> query.form() == protocol.form())
                            .forEach(query -> add(model, frame, query)));
        }
    }

    private Ids add(AnswerModel model, Frame frame, Query query) {
        Encoding encoding = frame.encodeWithOffsets(model.tokenizer(), frame.around(query.prompt(), ""));
        Ids ids = Ids.of(encoding.ids());
        encoding.tokenHolding(frame.before().length() + query.promptPhraseEnd() - 1)
                .ifPresent(position -> phraseEnds.put(ids, position));
        return ids;
    }

    /** The token ids of few-shot prefix and prompt. */
    int[] encode(String prompt) {
        return encoder.encode(prompt, 0);
    }

    /** The case whose composition this is; empty for a single hop and for any other text. */
    Optional<CompositionalCase> composition(int[] ids) {
        return Optional.ofNullable(compositions.get(Ids.of(ids))).map(Composition::one);
    }

    /** The composition that is asked, in its wording; empty for a single hop and for any other text. */
    Optional<Query> asked(int[] ids) {
        return Optional.ofNullable(compositions.get(Ids.of(ids))).map(Composition::query);
    }

    /** The position of the last token of the phrase, or of the entity, that the prompt asks about; empty for any other text. */
    Optional<Integer> phraseEnd(int[] ids) {
        return Optional.ofNullable(phraseEnds.get(Ids.of(ids)));
    }
}
