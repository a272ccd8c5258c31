package modelpatch.guide;

import java.util.ArrayList;
import java.util.List;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.evaluate.AnswerMatch;
import modelpatch.evaluate.Frame;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Verdict;
import modelpatch.model.AnswerModel;

/** Lets a model write up to two sentences after a question, and reads the answer that they come to. The same rule for every model. */
final class ChainReader {
    private static final int BATCH = 64;

    private final Frame frame;
    private final int maxNewTokens;

    /** @param frame what stands around every prompt */
    ChainReader(Frame frame, int maxNewTokens) {
        this.frame = frame;
        this.maxNewTokens = maxNewTokens;
    }

    /**
     * What was written, and what it comes to.
     *
     * @param chain whether it went by way of a bridge
     */
    record Read(String text, boolean chain, String answer, Verdict verdict) {}

    /** The primary composition of each case. */
    List<Read> read(AnswerModel model, List<CompositionalCase> cases) {
        PromptEncoder encoder = new PromptEncoder(model, frame);
        List<Read> all = new ArrayList<>();
        for (int from = 0; from < cases.size(); from += BATCH) {
            List<CompositionalCase> some = cases.subList(from, Math.min(cases.size(), from + BATCH));
            List<int[]> ids = some.stream()
                    .map(one -> encoder.encode(one.primary().prompt(), maxNewTokens))
                    .toList();
            int[] shared = encoder.shared(ids);
            List<int[]> written = model.generate(
                    shared,
                    PromptEncoder.without(shared, ids),
                    maxNewTokens,
                    so -> Chain.finished(model.tokenizer().decode(so)));
            for (int i = 0; i < some.size(); i++) {
                all.add(read(model.tokenizer().decode(written.get(i)), some.get(i)));
            }
        }
        return all;
    }

    private static Read read(String text, CompositionalCase one) {
        Query asked = one.primary();
        String answer = Chain.answer(text, asked);
        return new Read(text, Chain.isChain(text, asked), answer, AnswerMatch.judge(answer, one.answers()));
    }
}
