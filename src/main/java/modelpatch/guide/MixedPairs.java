package modelpatch.guide;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import modelpatch.adapt.Sentences;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteSplit;
import modelpatch.evaluate.AnswerMatch;
import modelpatch.evaluate.Frame;
import modelpatch.model.AdapterTraining.Preference;
import modelpatch.model.AdapterTraining.Sequence;
import modelpatch.model.LanguageModel;
import modelpatch.train.World;

/**
 * Preferences of both kinds that ThinkLogit mixes (arXiv 2507.12759): what the target got right over what the guider got wrong, and what the
 * guider got right over what the target got wrong. Questions are of the choose side, which no result comes from.
 *
 * @param targetOverGuider how many of the first kind
 * @param guiderOverTarget how many of the second
 */
record MixedPairs(List<Preference> pairs, int targetOverGuider, int guiderOverTarget) {
    private static final int NEW_TOKENS = 32;

    /** @param reference the guider with its adapter off, whose log-probabilities are taken once */
    static MixedPairs of(
            World world, LanguageModel target, LanguageModel guider, LanguageModel reference, int most, long seed) {
        List<CompositionalCase> cases = SeededOrder.shuffled(
                world.heldOut().cases(SuiteSplit.CHOOSE), most, SeededOrder.draws(seed, "preference", "questions"));
        ChainReader reader = new ChainReader(Frame.NONE, NEW_TOKENS);
        List<ChainReader.Read> ofTarget = reader.read(target, cases);
        List<ChainReader.Read> ofGuider = reader.read(guider, cases);
        Sentences sentences = new Sentences(reference.tokenizer(), reference.contextLength());
        List<Preference> pairs = new ArrayList<>();
        int[] kinds = new int[2];
        for (int i = 0; i < cases.size(); i++) {
            boolean first = ofTarget.get(i).verdict().right();
            if (first != ofGuider.get(i).verdict().right()) {
                String prompt = cases.get(i).primary().prompt();
                ChainReader.Read right = first ? ofTarget.get(i) : ofGuider.get(i);
                ChainReader.Read wrong = first ? ofGuider.get(i) : ofTarget.get(i);
                Sequence chosen = GuiderTraining.completion(sentences, prompt, told(right));
                Sequence rejected = GuiderTraining.completion(sentences, prompt, told(wrong));
                pairs.add(new Preference(
                        chosen, rejected, logProbability(reference, chosen) - logProbability(reference, rejected)));
                kinds[first ? 0 : 1]++;
            }
        }
        return new MixedPairs(pairs, kinds[0], kinds[1]);
    }

    /** What was said, without a sentence behind the answer. */
    private static String told(ChainReader.Read read) {
        return read.chain() ? read.text().strip() : AnswerMatch.answer(read.text()) + ".";
    }

    private static double logProbability(LanguageModel model, Sequence sequence) {
        int from = 0;
        while (sequence.importance()[from] == 0) {
            from++;
        }
        int[] ids = sequence.ids();
        double[] log = model.logProbabilities(
                        new int[0],
                        List.of(Arrays.copyOf(ids, from)),
                        List.of(Arrays.copyOfRange(ids, from, ids.length)))
                .get(0);
        return Arrays.stream(log).sum();
    }
}
