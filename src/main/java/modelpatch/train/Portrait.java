package modelpatch.train;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.cases.Background;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Planted;
import modelpatch.evaluate.PredictedText;
import modelpatch.evaluate.WrongAnswer;
import modelpatch.model.LanguageModel;
import modelpatch.model.LensReading;
import modelpatch.model.Site;
import modelpatch.tokenizer.Encoding;

/**
 * What a trained model is like on the held-out compositions whose hops it knows: for its card.
 *
 * @param byPlanted compositions by what training withheld from them
 * @param wrong wrong answers by what they are
 */
record Portrait(Map<Planted, Share> byPlanted, Map<WrongAnswer, Integer> wrong) {
    /**
     * Counts of one kind of composition.
     *
     * @param right answered rightly
     * @param rightWithBridge of these, the bridge is the lens's first token at the end of the first hop's phrase
     * @param wrong answered wrongly
     * @param wrongWithBridge as before, of the wrong ones
     */
    record Share(int right, int rightWithBridge, int wrong, int wrongWithBridge) {
        static final Share NONE = new Share(0, 0, 0, 0);

        Share with(boolean isRight, boolean bridge) {
            int seen = bridge ? 1 : 0;
            return isRight
                    ? new Share(right + 1, rightWithBridge + seen, wrong, wrongWithBridge)
                    : new Share(right, rightWithBridge, wrong + 1, wrongWithBridge + seen);
        }
    }

    /**
     * @param heldOut compositions to ask; those whose hops the model does not know are left out
     * @param layer the block after which the lens reads, from 0
     */
    static Portrait of(
            LanguageModel model, World world, WorldExaminer examiner, List<CompositionalCase> heldOut, int layer) {
        Set<Fact> hops = new LinkedHashSet<>();
        heldOut.forEach(one -> hops.addAll(one.hops()));
        Map<Fact, Boolean> known = examiner.known(model, hops);
        List<CompositionalCase> cases = heldOut.stream()
                .filter(one -> one.hops().stream().allMatch(known::get))
                .toList();
        List<String> answers = examiner.answers(
                model, cases.stream().map(CompositionalCase::primary).toList());
        boolean[] bridges = bridges(model, cases, layer);
        Map<Planted, Share> shares = new EnumMap<>(Planted.class);
        PredictedText text = new PredictedText(new Background(world.facts(), world.relations(), world.names()));
        Map<WrongAnswer, Integer> wrong = new EnumMap<>(WrongAnswer.class);
        for (int i = 0; i < cases.size(); i++) {
            CompositionalCase one = cases.get(i);
            boolean right = one.answer().equals(answers.get(i));
            Planted planted = world.planted(one);
            shares.put(planted, shares.getOrDefault(planted, Share.NONE).with(right, bridges[i]));
            if (!right) {
                wrong.merge(text.kind(one, answers.get(i)), 1, Integer::sum);
            }
        }
        return new Portrait(shares, wrong);
    }

    /** Whether the bridge's last token is the lens's first at the end of the first hop's phrase, through the final norm. */
    private static boolean[] bridges(LanguageModel model, List<CompositionalCase> cases, int layer) {
        Site site = new Site(Site.Kind.RESIDUAL_POST, layer);
        List<int[]> prompts = new ArrayList<>();
        List<Integer> ends = new ArrayList<>();
        for (CompositionalCase one : cases) {
            Encoding encoding =
                    model.tokenizer().encodeWithOffsets(one.primary().prompt());
            prompts.add(encoding.ids());
            ends.add(encoding.tokenHolding(one.primary().promptPhraseEnd() - 1).orElseThrow());
        }
        var cache = model.run(new int[0], prompts, Set.of(site), List.of(), false);
        List<float[]> residuals = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            residuals.add(cache.at(i, site, ends.get(i)));
        }
        LensReading reading = model.lens(residuals, new int[0], true);
        boolean[] bridges = new boolean[cases.size()];
        for (int i = 0; i < bridges.length; i++) {
            int[] name = model.tokenizer().encodeContinuation(cases.get(i).bridge());
            bridges[i] = reading.top()[i] == name[name.length - 1];
        }
        return bridges;
    }
}
