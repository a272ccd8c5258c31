package modelpatch.thinking;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.evaluate.AnswerMatch;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Tally;
import modelpatch.tokenizer.Tokenizer;

/** Hints of every kind for some cases, and what they do to answers. */
final class Anchors {
    private final List<String> wordings;
    private final List<CompositionalCase> cases;
    private final Distractors distractors;
    private final EntityNames names;

    Anchors(ThinkingPlan plan, List<CompositionalCase> cases, Distractors distractors, EntityNames names) {
        this.wordings = plan.hints();
        this.cases = cases;
        this.distractors = distractors;
        this.names = names;
    }

    /** Every kind of hint in every mode. */
    List<Anchoring> of(
            Respondent respondent,
            Tokenizer tokenizer,
            boolean repaired,
            List<Mode> modes,
            ClusterBootstrap bootstrap,
            Onlooker onlooker) {
        String wording = wording(tokenizer);
        List<Anchoring> found = new ArrayList<>();
        for (Mode mode : modes) {
            try (Onlooker.Part progress = onlooker.begin(mode.id() + ", hints")) {
                List<Reply> without = respondent.ask(mode, cases, Collections.nCopies(cases.size(), ""), progress);
                for (Anchoring.Hint hint : Anchoring.Hint.values()) {
                    Map<Integer, String> hinted = hinted(hint);
                    List<CompositionalCase> some =
                            hinted.keySet().stream().map(cases::get).toList();
                    List<String> texts = hinted.values().stream()
                            .map(entity -> wording.replace(ThinkingPlan.HINT, names.inSentence(entity)) + "\n")
                            .toList();
                    List<Reply> with = respondent.ask(mode, some, texts, progress);
                    found.add(anchoring(hint, mode, repaired, wording, hinted, without, with, bootstrap));
                }
            }
        }
        return found;
    }

    private String wording(Tokenizer tokenizer) {
        return wordings.stream()
                .filter(one -> tokenizer.canWrite(one.replace(ThinkingPlan.HINT, "")))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "hints that the vocabulary cannot write",
                        "hints of --thinking",
                        "one whose words the model knows",
                        String.join(" / ", wordings),
                        "add one, such as '" + ThinkingPlan.HINT + ".'"));
    }

    /** The hinted entity by the case's place; cases without one are absent. */
    private Map<Integer, String> hinted(Anchoring.Hint hint) {
        Map<Integer, String> entities = new LinkedHashMap<>();
        for (int i = 0; i < cases.size(); i++) {
            int at = i;
            entity(hint, cases.get(i)).ifPresent(entity -> entities.put(at, entity));
        }
        return entities;
    }

    private Optional<String> entity(Anchoring.Hint hint, CompositionalCase one) {
        return switch (hint) {
            case WRONG -> distractors.ofAnswersType(one, 1, "wrong").stream().findFirst();
            case RIGHT -> Optional.of(one.answer());
            case IRRELEVANT -> distractors.irrelevant(one);
            case BRIDGE -> one.hops().size() > 1 ? Optional.of(one.bridge()) : Optional.empty();
            case SHORTCUT -> distractors.shortcut(one);
        };
    }

    private Anchoring anchoring(
            Anchoring.Hint hint,
            Mode mode,
            boolean repaired,
            String wording,
            Map<Integer, String> hinted,
            List<Reply> without,
            List<Reply> with,
            ClusterBootstrap bootstrap) {
        List<SetOutcome.Pair> pairs = new ArrayList<>();
        Tally saidWith = Tally.NONE;
        Tally saidWithout = Tally.NONE;
        int at = 0;
        for (Map.Entry<Integer, String> one : hinted.entrySet()) {
            CompositionalCase asked = cases.get(one.getKey());
            Reply before = without.get(one.getKey());
            Reply after = with.get(at++);
            pairs.add(new SetOutcome.Pair(asked.id(), asked.bridge(), before.verdict(), after.verdict()));
            saidWith = saidWith.plus(Tally.of(says(after, one.getValue())));
            saidWithout = saidWithout.plus(Tally.of(says(before, one.getValue())));
        }
        return new Anchoring(
                hint, mode.id(), repaired, wording, SetOutcome.of(pairs, bootstrap), saidWith, saidWithout);
    }

    private static boolean says(Reply reply, String entity) {
        return AnswerMatch.judge(reply.predicted(), List.of(entity)).right();
    }
}
