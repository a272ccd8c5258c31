package modelpatch.guide;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.evaluate.Against;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.JudgedPairs;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Verdict;
import modelpatch.model.AnswerModel;
import modelpatch.model.LanguageModel;
import modelpatch.repair.FoundCases;
import modelpatch.repair.Repair;

/** The use case {@code patch guide eval}: whether target and guider together answer what neither does alone. */
public final class GuideStudy {
    private static final String TARGET = "target";
    private static final String GUIDED = "guided";
    private static final String GUIDER = "guider";
    private static final String PLACEBO = "placebo";
    private static final String SLOW = "slow";

    private final Repair.Task task;
    private final FoundCases found;
    private final Clock clock;
    private final ChainReader reader;
    private final Map<String, List<ChainReader.Read>> read = new LinkedHashMap<>();
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    /**
     * A study that has asked nothing yet.
     *
     * @param task what was found on the target
     * @param found what is asked
     * @param maxNewTokens that an answer with its way to it may have
     */
    public GuideStudy(Repair.Task task, FoundCases found, int maxNewTokens, Clock clock) {
        this.task = task;
        this.found = found;
        this.clock = clock;
        this.reader = new ChainReader(task.questions().deciding().frame(), maxNewTokens);
    }

    /** Guiders by what they are called in tables. */
    public record Named(String base, String guider) {}

    /**
     * Asks target, guider, both together, and the baselines.
     *
     * @param placebo of the same base, taught what cannot help
     * @throws modelpatch.BadInput where vocabularies differ
     */
    public GuideDocument run(
            OpenGuider guider,
            Optional<OpenGuider> placebo,
            Strength strength,
            boolean mapsTokens,
            Named names,
            Onlooker onlooker) {
        LanguageModel target = task.model().model();
        GuidedModel guided = GuidedModel.of(target, guider.guider(), guider.base(), strength, mapsTokens);
        try (Onlooker.Part part = onlooker.begin("asking")) {
            ask(TARGET, target);
            part.at(1, 5);
            ask(GUIDED, guided);
            part.at(2, 5);
            ask(GUIDER, guider.guider());
            part.at(3, 5);
            placebo.ifPresent(
                    one -> ask(PLACEBO, GuidedModel.of(target, one.guider(), one.base(), strength, mapsTokens)));
            part.at(4, 5);
            timed(SLOW, () -> read.put(SLOW, slow(target)));
        }
        return new GuideDocument(
                target.name(),
                names.base(),
                names.guider(),
                strength,
                task.questions().deciding().identity(),
                found.failures().size(),
                found.controls().size(),
                rows(),
                against(),
                items(),
                seconds);
    }

    private void ask(String name, AnswerModel model) {
        timed(name, () -> read.put(name, reader.read(model, found.all())));
    }

    /** The target asked hop by hop: what prompting alone does. */
    private List<ChainReader.Read> slow(LanguageModel target) {
        Protocol deciding = task.questions().deciding();
        List<Question> questions = new ArrayList<>();
        for (CompositionalCase one : found.all()) {
            List<Query> steps = one.singleHops().stream()
                    .map(hop -> Query.first(hop, deciding.form()).orElse(hop.get(0)))
                    .toList();
            questions.add(
                    Question.of(Query.first(one.compositions(), deciding.form()).orElse(one.primary()), one.answers())
                            .withHops(steps));
        }
        List<Reply> replies =
                new Examiner(target, deciding.as(Protocol.Kind.SLOW), Examiner.DEFAULT_BATCH).ask(questions);
        return replies.stream()
                .map(reply -> new ChainReader.Read(
                        String.join(". ", reply.steps()) + ". " + reply.predicted(),
                        !reply.steps().isEmpty(),
                        reply.predicted(),
                        reply.verdict()))
                .toList();
    }

    private <T> T timed(String part, Supplier<T> work) {
        Instant start = clock.instant();
        T result = work.get();
        seconds.merge(part, Duration.between(start, clock.instant()).toMillis() / 1e3, Double::sum);
        return result;
    }

    // ---- results

    private Map<String, GuideDocument.Row> rows() {
        Map<String, GuideDocument.Row> rows = new LinkedHashMap<>();
        for (String name : List.of(TARGET, GUIDED, GUIDER, PLACEBO, SLOW)) {
            if (read.containsKey(name)) {
                List<PairedOutcome> pairs = pairs(TARGET, name);
                rows.put(
                        name,
                        new GuideDocument.Row(
                                JudgedPairs.of(pairs),
                                (int) read.get(name).stream()
                                        .filter(one -> one.verdict().right())
                                        .count(),
                                (int) read.get(name).stream()
                                        .filter(ChainReader.Read::chain)
                                        .count(),
                                seconds.get(name) / pairs.size()));
            }
        }
        return rows;
    }

    private Verdict verdict(String name, int question) {
        return read.get(name).get(question).verdict();
    }

    private List<Against> against() {
        List<Against> pairs = new ArrayList<>();
        for (String other : List.of(TARGET, GUIDER, PLACEBO, SLOW)) {
            if (read.containsKey(other)) {
                pairs.add(against(GUIDED, other));
            }
        }
        if (read.containsKey(PLACEBO)) {
            pairs.add(against(PLACEBO, TARGET));
        }
        return pairs;
    }

    private Against against(String one, String other) {
        return Against.of(one, other, pairs(other, one));
    }

    private List<PairedOutcome> pairs(String before, String after) {
        return IntStream.range(0, found.all().size())
                .mapToObj(i -> PairedOutcome.of(verdict(before, i), verdict(after, i)))
                .toList();
    }

    private List<GuideDocument.Item> items() {
        List<GuideDocument.Item> items = new ArrayList<>();
        for (int i = 0; i < found.all().size(); i++) {
            int question = i;
            Map<String, String> said = new LinkedHashMap<>();
            read.forEach((name, all) -> said.put(name, all.get(question).text().strip()));
            CompositionalCase one = found.all().get(i);
            items.add(new GuideDocument.Item(one.id(), one.answer(), said));
        }
        return items;
    }
}
