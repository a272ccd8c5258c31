package modelpatch.remedy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.Protocol;
import modelpatch.model.AnswerModel;
import modelpatch.repair.Remedy;
import modelpatch.thinking.Mode;
import modelpatch.thinking.Respondent;

/**
 * Thinking in steps: a composition of the suite is asked hop by hop, and the model's own answer to a hop is put into the next. It knows the parts
 * of a question, not their answers. Every other prompt is left as it is, and so is one that a hop left unanswered.
 */
public record Slow(AnswerModel answers) implements Remedy {
    /**
     * On a model.
     *
     * @param model stays the caller's
     * @param suite whose compositions are known by their parts
     * @param mode how the hops are asked
     */
    public static Slow of(AnswerModel model, Protocol protocol, CaseSuite suite, Mode mode) {
        KnownPrompts known = new KnownPrompts(model, protocol, suite);
        Respondent respondent = Respondent.generating(model, protocol.as(Protocol.Kind.GENERATED));
        return new Slow(new Rephrased(model, prompts -> rewritten(prompts, known, respondent, mode)));
    }

    private static List<int[]> rewritten(List<int[]> prompts, KnownPrompts known, Respondent respondent, Mode mode) {
        List<Integer> places = new ArrayList<>();
        List<CompositionalCase> cases = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            Optional<CompositionalCase> one = known.composition(prompts.get(i));
            if (one.isPresent()) {
                places.add(i);
                cases.add(one.orElseThrow());
            }
        }
        List<int[]> rewritten = new ArrayList<>(prompts);
        List<Optional<String>> asked = respondent.lastPrompts(mode, cases);
        for (int i = 0; i < places.size(); i++) {
            int place = places.get(i);
            asked.get(i).ifPresent(prompt -> rewritten.set(place, known.encode(prompt)));
        }
        return rewritten;
    }

    @Override
    public String name() {
        return "slow";
    }

    @Override
    public Footprint footprint() {
        return new Footprint(Set.of(), 0);
    }

    @Override
    public void close() {}
}
