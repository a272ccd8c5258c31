package modelpatch.thinking;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Rivals;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.SuiteEvaluation;
import modelpatch.guard.PatchedModel;
import modelpatch.model.LanguageModel;

/**
 * The use cases {@code patch eval --decouple} and {@code patch eval --anchor}: the same cases asked fast and slowly, in runs that know nothing
 * of each other, and with hints.
 */
public final class Decouple {
    private final Questions questions;
    private final ThinkingPlan plan;
    private final Reading reading;
    private final KnownRule rule;
    private final long seed;
    private final List<CompositionalCase> cases;
    private final Distractors distractors;
    private final ClusterBootstrap bootstrap;

    /**
     * A use case that has done nothing yet.
     *
     * @param rule when a hop counts as known
     * @param seed draws options, hints and bootstraps
     */
    public Decouple(Questions questions, ThinkingPlan plan, Reading reading, KnownRule rule, long seed) {
        this.questions = questions;
        this.plan = plan;
        this.reading = reading;
        this.rule = rule;
        this.seed = seed;
        this.cases = questions.asked().suite().cases();
        this.distractors = new Distractors(cases, questions.asked().background(), seed);
        this.bootstrap = new ClusterBootstrap(ClusterBootstrap.DEFAULT_DRAWS, seed);
    }

    /** Asks a model fast, and slowly in each of some modes. */
    public List<Decoupling> of(PatchedModel model, List<Mode> slow, Onlooker onlooker) {
        Evaluation hops = evaluation(model.model(), onlooker);
        Set<String> known = new HashSet<>();
        hops.cases().stream().filter(CaseOutcome::known).forEach(one -> known.add(one.id()));
        Letters letters = letters();
        Respondent respondent = respondent(model.model(), letters);
        List<Reply> fast = ask(respondent, plan.fast(), onlooker);
        List<Decoupling> results = new ArrayList<>();
        for (Mode mode : slow) {
            results.add(
                    decoupling(model, hops.protocol(), known, fast, mode, ask(respondent, mode, onlooker), letters));
        }
        return results;
    }

    /**
     * Asks a model with hints of every kind, fast and in one slow mode.
     *
     * @param repaired whether the model has patches on it that the others of a report have not
     */
    public List<Anchoring> anchored(LanguageModel model, boolean repaired, Mode slow, Onlooker onlooker) {
        Anchors anchors = new Anchors(
                plan, cases, distractors, questions.asked().background().names());
        Respondent respondent = respondent(model, letters());
        return anchors.of(respondent, model.tokenizer(), repaired, List.of(plan.fast(), slow), bootstrap, onlooker);
    }

    private Letters letters() {
        return new Letters(
                plan.letters(), distractors, questions.asked().background().names(), seed);
    }

    private Respondent respondent(LanguageModel model, Letters letters) {
        Protocol scored = questions.deciding().as(Protocol.Kind.SCORED);
        return new Respondent(
                model,
                questions.deciding(),
                reading,
                Rivals.neededBy(scored, questions.asked(), seed),
                Optional.of(letters));
    }

    /** Which cases are known: under the scored protocol where candidates are ranked, else by what is generated. */
    private Evaluation evaluation(LanguageModel model, Onlooker onlooker) {
        Protocol protocol =
                reading == Reading.RANKED ? questions.deciding().as(Protocol.Kind.SCORED) : questions.deciding();
        return new SuiteEvaluation(
                        new Examiner(model, protocol, model.promptsAtOnce()),
                        rule,
                        false,
                        Rivals.neededBy(protocol, questions.asked(), seed),
                        seed)
                .of(questions.asked().suite(), "single hops", onlooker);
    }

    private List<Reply> ask(Respondent respondent, Mode mode, Onlooker onlooker) {
        try (Onlooker.Part progress = onlooker.begin(mode.id())) {
            return respondent.ask(mode, cases, Collections.nCopies(cases.size(), ""), progress);
        }
    }

    private Decoupling decoupling(
            PatchedModel model,
            String protocol,
            Set<String> known,
            List<Reply> fast,
            Mode mode,
            List<Reply> slow,
            Letters letters) {
        List<SetOutcome.Pair> all = new ArrayList<>();
        List<SetOutcome.Pair> composable = new ArrayList<>();
        Map<String, List<SetOutcome.Pair>> byRelation = new TreeMap<>();
        List<Decoupling.Item> items = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            CompositionalCase one = cases.get(i);
            SetOutcome.Pair pair = new SetOutcome.Pair(
                    one.id(), one.bridge(), fast.get(i).verdict(), slow.get(i).verdict());
            String relation = one.lastHop().relationLabel();
            all.add(pair);
            byRelation.computeIfAbsent(relation, name -> new ArrayList<>()).add(pair);
            if (known.contains(one.id())) {
                composable.add(pair);
            }
            items.add(new Decoupling.Item(
                    one.id(),
                    relation,
                    known.contains(one.id()),
                    one.answer(),
                    fast.get(i).predicted(),
                    fast.get(i).right(),
                    slow.get(i).predicted(),
                    slow.get(i).right(),
                    slow.get(i).steps()));
        }
        Map<String, FastAndSlow> tables = new LinkedHashMap<>();
        byRelation.forEach((relation, pairs) -> tables.put(relation, FastAndSlow.of(pairs, bootstrap)));
        return new Decoupling(
                model.reported(),
                model.base().parameters(),
                protocol,
                reading,
                plan.fast().id(),
                mode.id(),
                FastAndSlow.of(all, bootstrap),
                FastAndSlow.of(composable, bootstrap),
                tables,
                reading == Reading.LETTERS ? Optional.of(bias(letters, fast, slow)) : Optional.empty(),
                items);
    }

    private Decoupling.LetterBias bias(Letters letters, List<Reply> fast, List<Reply> slow) {
        int[][] counts = new int[3][plan.letters().options()];
        for (int i = 0; i < cases.size(); i++) {
            List<String> options = letters.options(cases.get(i));
            counts[0][letters.right(cases.get(i))]++;
            count(counts[1], options.indexOf(fast.get(i).predicted()));
            count(counts[2], options.indexOf(slow.get(i).predicted()));
        }
        return new Decoupling.LetterBias(boxed(counts[0]), boxed(counts[1]), boxed(counts[2]));
    }

    private static void count(int[] counts, int index) {
        if (index >= 0) {
            counts[index]++;
        }
    }

    private static List<Integer> boxed(int[] counts) {
        return Arrays.stream(counts).boxed().toList();
    }
}
