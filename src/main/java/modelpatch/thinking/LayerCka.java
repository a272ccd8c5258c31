package modelpatch.thinking;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.SeededOrder;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.Tally;
import modelpatch.guard.PatchedModel;
import modelpatch.model.ActivationCache;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.NextToken;
import modelpatch.model.Site;
import modelpatch.thinking.CkaReport.Against;
import modelpatch.thinking.CkaReport.Place;
import modelpatch.thinking.CkaReport.Position;

/** The use case {@code patch lens --cka}: fast and slow prompts of the same questions, compared layer by layer, with controls. */
public final class LayerCka {
    private static final int BATCH = 16;
    private static final int FEWEST = 8;
    private static final int HALVES = 200;

    private final PatchedModel opened;
    private final LanguageModel model;
    private final Questions questions;
    private final Options options;
    private final Map<Against, List<String>> prompts = new EnumMap<>(Against.class);
    private List<CompositionalCase> cases;
    private List<String> fast;

    /**
     * How representations are compared.
     *
     * @param biased the biased estimator instead of the debiased one
     * @param dropTopDims how many columns are left out, those that vary most in the fast run: a single massive one decides everything
     * @param zScore whether every column is scaled to variance 1
     */
    public record Options(boolean biased, int dropTopDims, boolean zScore, long seed) {}

    /** @throws BadInput where there are too few questions with a second wording, or no column is left */
    public LayerCka(PatchedModel opened, Questions questions, Options options) {
        this.opened = opened;
        this.model = opened.model();
        this.questions = questions;
        this.options = options;
        if (options.dropTopDims() < 0 || options.dropTopDims() >= model.config().dModel()) {
            throw new BadInput(
                    "no columns left",
                    "--drop-top-dims",
                    "0 to " + (model.config().dModel() - 1),
                    String.valueOf(options.dropTopDims()),
                    "drop fewer");
        }
    }

    /** Compares. */
    public CkaReport run(Mode slow, Onlooker onlooker) {
        write(slow, onlooker);
        States own;
        Map<Against, States> others = new EnumMap<>(Against.class);
        try (Onlooker.Part part = onlooker.begin("states")) {
            own = states(fast);
            for (Against against : prompts.keySet()) {
                others.put(against, states(prompts.get(against)));
                part.at(others.size(), prompts.size());
            }
        }
        int[] order = SeededOrder.shuffled(
                        IntStream.range(0, cases.size()).boxed().toList(),
                        SeededOrder.draws(options.seed(), "permuted"))
                .stream()
                .mapToInt(Integer::intValue)
                .toArray();
        others.put(Against.PERMUTED, others.get(Against.SLOW).in(order));
        List<CkaReport.Curve> curves = new ArrayList<>();
        for (Place place : Place.values()) {
            for (Position position : Position.values()) {
                others.forEach((against, states) -> curves.add(curve(place, position, against, own, states)));
            }
        }
        return new CkaReport(
                opened.reported(),
                cases.size(),
                slow.id(),
                options.biased() ? "biased" : "debiased",
                options.dropTopDims(),
                options.zScore(),
                curves,
                parting(curves));
    }

    /** The questions in all their prompts; those without a second wording, and those that a hop left unanswered, are left out. */
    private void write(Mode slow, Onlooker onlooker) {
        if (slow.kind() != Mode.Kind.HOPS || questions.deciding().form() != Form.CLOZE) {
            throw new BadInput(
                    "nothing to put before the question",
                    "--cka",
                    "a slow mode of kind: hops, and clozes",
                    slow.kind().key() + ", " + questions.deciding().form().key(),
                    "choose another --slow, or --form cloze");
        }
        Respondent respondent = Respondent.generating(model, questions.deciding());
        List<CompositionalCase> all = questions.asked().suite().cases().stream()
                .filter(one -> one.hops().size() > 1 && wordings(one).size() > 1)
                .toList();
        List<Optional<String>> thoughts;
        try (Onlooker.Part part = onlooker.begin("own answers")) {
            thoughts = respondent.lastPrompts(slow, all);
            part.at(all.size(), all.size());
        }
        cases = new ArrayList<>();
        List<String> slowly = new ArrayList<>();
        List<String> before = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (thoughts.get(i).isPresent()) {
                String thought = thoughts.get(i).orElseThrow();
                cases.add(all.get(i));
                slowly.add(thought);
                before.add(thought.substring(0, thought.lastIndexOf('\n') + 1));
            }
        }
        if (cases.size() < FEWEST) {
            throw new BadInput(
                    "too few questions",
                    "--cka",
                    FEWEST + " two-hop questions with two wordings and an answer to their first hop",
                    String.valueOf(cases.size()),
                    "give more cases");
        }
        fast = cases.stream().map(one -> wordings(one).get(0).prompt()).toList();
        List<String> told = new ArrayList<>();
        List<String> formal = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            told.add(before.get(i) + fast.get(i));
            formal.add(before.get(stranger(i)) + fast.get(i));
        }
        prompts.put(Against.SLOW, slowly);
        prompts.put(Against.TOLD, told);
        prompts.put(
                Against.PARAPHRASE,
                cases.stream().map(one -> wordings(one).get(1).prompt()).toList());
        prompts.put(Against.FORMAT, formal);
    }

    /** The next case with another bridge; itself where there is none. */
    private int stranger(int i) {
        return IntStream.range(1, cases.size())
                .map(step -> (i + step) % cases.size())
                .filter(j -> !cases.get(j).bridge().equals(cases.get(i).bridge()))
                .findFirst()
                .orElse(i);
    }

    private List<Query> wordings(CompositionalCase one) {
        return one.compositions().stream()
                .filter(query -> query.form() == questions.deciding().form())
                .toList();
    }

    /** States by place, position and layer, [item][column]. */
    private record States(Map<Place, Map<Position, double[][][]>> values) {
        double[][] at(Place place, Position position, int layer) {
            return values.get(place).get(position)[layer];
        }

        /** The items in another order. */
        States in(int[] order) {
            Map<Place, Map<Position, double[][][]>> others = new EnumMap<>(Place.class);
            values.forEach((place, byPosition) -> {
                Map<Position, double[][][]> moved = new EnumMap<>(Position.class);
                byPosition.forEach((position, layers) -> moved.put(
                        position,
                        Arrays.stream(layers)
                                .map(rows -> rows == null
                                        ? null
                                        : Arrays.stream(order)
                                                .mapToObj(i -> rows[i])
                                                .toArray(double[][]::new))
                                .toArray(double[][][]::new)));
                others.put(place, moved);
            });
            return new States(others);
        }
    }

    private Site site(Place place, int layer) {
        return switch (place) {
            case RESIDUAL ->
                layer == 0 ? new Site(Site.Kind.RESIDUAL_PRE, 0) : new Site(Site.Kind.RESIDUAL_POST, layer - 1);
            case ATTENTION -> new Site(Site.Kind.ATTENTION_OUT, layer - 1);
            case MLP -> new Site(Site.Kind.MLP_OUT, layer - 1);
        };
    }

    private static int first(Place place) {
        return place == Place.RESIDUAL ? 0 : 1;
    }

    /** Runs prompts; the question's own tokens are the last of each, as many as it has alone. */
    private States states(List<String> texts) {
        int layers = model.config().nLayers();
        Map<Place, Map<Position, double[][][]>> values = new EnumMap<>(Place.class);
        Set<Site> reads = new LinkedHashSet<>();
        for (Place place : Place.values()) {
            Map<Position, double[][][]> byPosition = new EnumMap<>(Position.class);
            for (Position position : Position.values()) {
                double[][][] rows = new double[layers + 1][][];
                for (int layer = first(place); layer <= layers; layer++) {
                    rows[layer] = new double[texts.size()][];
                }
                byPosition.put(position, rows);
            }
            values.put(place, byPosition);
            for (int layer = first(place); layer <= layers; layer++) {
                reads.add(site(place, layer));
            }
        }
        PromptEncoder encoder = new PromptEncoder(model, questions.deciding().frame());
        for (int from = 0; from < texts.size(); from += BATCH) {
            List<String> some = texts.subList(from, Math.min(texts.size(), from + BATCH));
            PromptEncoder.Parted parted = encoder.parted(some);
            ActivationCache cache = model.run(parted.prefix(), parted.ids(), reads, List.of(), false);
            for (int i = 0; i < some.size(); i++) {
                int length = parted.ids().get(i).length;
                int own = Math.min(length, tokens(some.get(i)));
                for (Place place : Place.values()) {
                    for (int layer = first(place); layer <= layers; layer++) {
                        Site site = site(place, layer);
                        double[] mean = new double[model.config().dModel()];
                        for (int at = length - own; at < length; at++) {
                            float[] row = cache.at(i, site, at);
                            for (int j = 0; j < mean.length; j++) {
                                mean[j] += row[j] / (double) own;
                            }
                        }
                        values.get(place).get(Position.QMEAN)[layer][from + i] = mean;
                        values.get(place).get(Position.LAST)[layer][from + i] = wide(cache.at(i, site, length - 1));
                    }
                }
            }
        }
        return new States(values);
    }

    /** Tokens of the last line of a prompt, which is the question. */
    private int tokens(String prompt) {
        String question = prompt.substring(prompt.lastIndexOf('\n') + 1);
        return Math.max(1, model.tokenizer().encodeContinuation(question).length);
    }

    private static double[] wide(float[] row) {
        return IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray();
    }

    private CkaReport.Curve curve(Place place, Position position, Against against, States fastStates, States others) {
        List<CkaReport.Point> points = new ArrayList<>();
        for (int layer = first(place); layer <= model.config().nLayers(); layer++) {
            double[][] x = fastStates.at(place, position, layer);
            double[][] y = others.at(place, position, layer);
            int[] kept = kept(x);
            Cka.Kernel k = Cka.Kernel.of(prepared(x, kept));
            Cka.Kernel l = Cka.Kernel.of(prepared(y, kept));
            points.add(new CkaReport.Point(layer, cka(k, l), interval(k, l)));
        }
        return new CkaReport.Curve(place, position, against, points);
    }

    private OptionalDouble cka(Cka.Kernel k, Cka.Kernel l) {
        return options.biased() ? Cka.biased(k, l) : Cka.debiased(k, l);
    }

    /** All columns but those that vary most, in their order. */
    private int[] kept(double[][] x) {
        double[] spread = new double[x[0].length];
        for (int j = 0; j < spread.length; j++) {
            spread[j] = variance(x, j);
        }
        Set<Integer> dropped = new LinkedHashSet<>(IntStream.range(0, spread.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer j) -> -spread[j]))
                .limit(options.dropTopDims())
                .toList());
        return IntStream.range(0, spread.length)
                .filter(j -> !dropped.contains(j))
                .toArray();
    }

    private double[][] prepared(double[][] x, int[] kept) {
        double[][] features = new double[x.length][kept.length];
        for (int j = 0; j < kept.length; j++) {
            double scale = options.zScore() ? Math.sqrt(variance(x, kept[j])) : 1;
            for (int i = 0; i < x.length; i++) {
                features[i][j] = scale > 0 ? x[i][kept[j]] / scale : 0;
            }
        }
        return features;
    }

    private static double variance(double[][] x, int column) {
        double mean = Arrays.stream(x).mapToDouble(row -> row[column]).average().orElse(0);
        return Arrays.stream(x)
                .mapToDouble(row -> (row[column] - mean) * (row[column] - mean))
                .average()
                .orElse(0);
    }

    /**
     * Random halves of the bridges: their spread about the whole is that of the whole about the truth (Efron 1982, chapter 8), and unlike a
     * bootstrap with replacement no item meets its own copy, which would pass for likeness.
     */
    private Optional<Interval> interval(Cka.Kernel k, Cka.Kernel l) {
        Map<String, List<Integer>> byBridge = new LinkedHashMap<>();
        for (int i = 0; i < cases.size(); i++) {
            byBridge.computeIfAbsent(cases.get(i).bridge(), bridge -> new ArrayList<>())
                    .add(i);
        }
        if (byBridge.size() < FEWEST) {
            return Optional.empty();
        }
        SplittableRandom random = new SplittableRandom(options.seed());
        double[] values = IntStream.range(0, HALVES)
                .mapToObj(draw -> SeededOrder.shuffled(byBridge.keySet(), byBridge.size() / 2, random).stream()
                        .flatMap(bridge -> byBridge.get(bridge).stream())
                        .mapToInt(Integer::intValue)
                        .toArray())
                .map(items -> cka(k.of(items), l.of(items)))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .sorted()
                .toArray();
        if (values.length < HALVES / 2) {
            return Optional.empty();
        }
        int tail = (int) Math.floor(values.length * (1 - Interval.LEVEL) / 2);
        return Optional.of(new Interval(values[tail], values[values.length - 1 - tail]));
    }

    private Optional<CkaReport.Parting> parting(List<CkaReport.Curve> curves) {
        Map<Against, List<CkaReport.Point>> last = new EnumMap<>(Against.class);
        curves.stream()
                .filter(curve -> curve.place() == Place.RESIDUAL && curve.position() == Position.LAST)
                .forEach(curve -> last.put(curve.against(), curve.points()));
        Map<Integer, Double> gaps = new HashMap<>();
        for (int layer = 1; layer <= model.config().nLayers(); layer++) {
            OptionalDouble slow = last.get(Against.SLOW).get(layer).value();
            OptionalDouble paraphrase = last.get(Against.PARAPHRASE).get(layer).value();
            OptionalDouble format = last.get(Against.FORMAT).get(layer).value();
            if (slow.isPresent() && paraphrase.isPresent() && format.isPresent()) {
                gaps.put(layer, Math.min(paraphrase.getAsDouble(), format.getAsDouble()) - slow.getAsDouble());
            }
        }
        if (gaps.isEmpty()) {
            return Optional.empty();
        }
        Comparator<Map.Entry<Integer, Double>> byGap =
                Map.Entry.<Integer, Double>comparingByValue().thenComparing(Map.Entry.comparingByKey());
        int widest = gaps.entrySet().stream().max(byGap).orElseThrow().getKey();
        int least = gaps.entrySet().stream().min(byGap).orElseThrow().getKey();
        return Optional.of(confirmed(widest, gaps.get(widest), least));
    }

    /** Puts other runs' states at the last token into the fast run, where fast is wrong and the slow prompt brings the answer. */
    private CkaReport.Parting confirmed(int layer, double gap, int elsewhere) {
        PromptEncoder encoder = new PromptEncoder(model, questions.deciding().frame());
        Tally withSlow = Tally.NONE;
        Tally withFormat = Tally.NONE;
        Tally control = Tally.NONE;
        Set<Site> reads = Set.of(site(Place.RESIDUAL, layer), site(Place.RESIDUAL, elsewhere));
        for (int i = 0; i < cases.size(); i++) {
            PromptEncoder.Continued answer = encoder.encode(fast.get(i), List.of(spoken(cases.get(i))));
            int wanted = answer.answers().get(0)[0];
            int[] own = answer.prompt();
            int[] none = new int[0];
            List<int[]> donors = List.of(
                    encoder.encode(prompts.get(Against.SLOW).get(i), 0),
                    encoder.encode(prompts.get(Against.FORMAT).get(i), 0));
            ActivationCache donor = model.run(none, donors, reads, List.of());
            boolean fastRight =
                    NextToken.argmax(model.nextLogits(none, List.of(own)).get(0)) == wanted;
            if (fastRight || NextToken.argmax(donor.logits(0)) != wanted) {
                continue;
            }
            List<Boolean> says = says(
                    own,
                    wanted,
                    List.of(
                            state(donor, 0, donors, layer, own),
                            state(donor, 1, donors, layer, own),
                            state(donor, 0, donors, elsewhere, own)));
            withSlow = withSlow.plus(Tally.of(says.get(0)));
            withFormat = withFormat.plus(Tally.of(says.get(1)));
            control = control.plus(Tally.of(says.get(2)));
        }
        return new CkaReport.Parting(layer, gap, (int) withSlow.n(), withSlow, withFormat, control, elsewhere);
    }

    private Intervention state(ActivationCache donor, int run, List<int[]> donors, int layer, int[] own) {
        float[] row = donor.at(run, site(Place.RESIDUAL, layer), donors.get(run).length - 1);
        return Intervention.replace(site(Place.RESIDUAL, layer), own.length - 1, row);
    }

    private List<Boolean> says(int[] own, int wanted, List<Intervention> changes) {
        List<int[]> copies = changes.stream().map(change -> own).toList();
        ActivationCache patched = model.run(
                new int[0], copies, Set.of(), changes.stream().map(List::of).toList());
        return IntStream.range(0, copies.size())
                .mapToObj(i -> NextToken.argmax(patched.logits(i)) == wanted)
                .toList();
    }

    private String spoken(CompositionalCase one) {
        return questions.asked().background().names().inSentence(one.answer());
    }
}
