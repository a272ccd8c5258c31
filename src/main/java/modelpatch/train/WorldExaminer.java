package modelpatch.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Query;
import modelpatch.cases.SeededOrder;
import modelpatch.model.AnswerModel;
import modelpatch.tokenizer.Tokenizer;

/** Asks a model what its world taught and what it held out. */
final class WorldExaminer {
    private final World world;
    private final long seed;

    WorldExaminer(World world, long seed) {
        this.world = world;
        this.seed = seed;
    }

    /** Asks about so many facts, taught and held-out compositions, each; always the same ones. */
    Exam sample(AnswerModel model, int size) {
        List<CompositionalCase> heldOut = drawn(world.heldOut().cases(), size, "held out");
        Set<Fact> facts = new LinkedHashSet<>(drawn(world.facts().facts(), size, "facts"));
        return exam(model, facts, drawn(world.taught().cases(), size, "taught"), heldOut);
    }

    /** Asks about everything. */
    Exam whole(AnswerModel model) {
        return exam(
                model,
                new LinkedHashSet<>(world.facts().facts()),
                world.taught().cases(),
                world.heldOut().cases());
    }

    /**
     * The greedy continuation of each prompt up to the full stop, which is left out.
     *
     * @param longest how many tokens an answer may have; a longer one is cut
     */
    static List<String> answers(AnswerModel model, List<String> prompts, int longest) {
        Tokenizer tokenizer = model.tokenizer();
        List<int[]> ids = prompts.stream().map(tokenizer::encode).toList();
        int stop = tokenizer.encodeContinuation(WordTokenizer.STOP)[0];
        List<String> answers = new ArrayList<>();
        for (int[] answer : model.generate(new int[0], ids, longest + 1, so -> so[so.length - 1] == stop)) {
            boolean stopped = answer[answer.length - 1] == stop;
            answers.add(tokenizer.decode(stopped ? Arrays.copyOf(answer, answer.length - 1) : answer));
        }
        return answers;
    }

    List<String> answers(AnswerModel model, List<Query> queries) {
        int longest = world.facts().facts().stream()
                .mapToInt(fact -> Words.of(fact.object()).size())
                .max()
                .orElse(1);
        return answers(model, queries.stream().map(Query::prompt).toList(), longest);
    }

    /** Of each fact whether it is answered rightly in every template. */
    Map<Fact, Boolean> known(AnswerModel model, Set<Fact> facts) {
        List<Query> queries = new ArrayList<>();
        List<Fact> asked = new ArrayList<>();
        for (Fact fact : facts) {
            String name = world.names().inSentence(fact.subject());
            world.relations().get(fact.relation()).templates().forEach(template -> {
                queries.add(template.fill(name));
                asked.add(fact);
            });
        }
        List<String> answers = answers(model, queries);
        Map<Fact, Boolean> known = new LinkedHashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            known.merge(asked.get(i), answers.get(i).equals(asked.get(i).object()), Boolean::logicalAnd);
        }
        return known;
    }

    private Exam exam(
            AnswerModel model, Set<Fact> facts, List<CompositionalCase> taught, List<CompositionalCase> heldOut) {
        Set<Fact> asked = new LinkedHashSet<>(facts);
        heldOut.forEach(one -> asked.addAll(one.hops()));
        Map<Fact, Boolean> known = known(model, asked);
        List<CompositionalCase> knownCases = heldOut.stream()
                .filter(one -> one.hops().stream().allMatch(known::get))
                .toList();
        return new Exam(
                facts.size(),
                (int) facts.stream().filter(known::get).count(),
                taught.size(),
                known(model, taught),
                knownCases.size(),
                right(model, knownCases));
    }

    /** How many compositions are answered rightly in every template. */
    private int known(AnswerModel model, List<CompositionalCase> cases) {
        List<Query> queries =
                cases.stream().flatMap(one -> one.compositions().stream()).toList();
        List<String> answers = answers(model, queries);
        int known = 0;
        int first = 0;
        for (CompositionalCase one : cases) {
            int next = first + one.compositions().size();
            known += answers.subList(first, next).stream().allMatch(one.answer()::equals) ? 1 : 0;
            first = next;
        }
        return known;
    }

    private int right(AnswerModel model, List<CompositionalCase> cases) {
        List<String> answers =
                answers(model, cases.stream().map(CompositionalCase::primary).toList());
        int right = 0;
        for (int i = 0; i < cases.size(); i++) {
            right += cases.get(i).answer().equals(answers.get(i)) ? 1 : 0;
        }
        return right;
    }

    private <T> List<T> drawn(List<T> all, int size, String purpose) {
        return SeededOrder.shuffled(all, size, Draw.of(seed, "exam", purpose));
    }
}
