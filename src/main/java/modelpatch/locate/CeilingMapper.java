package modelpatch.locate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.cases.SeededOrder;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.Estimate;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.Readout;
import modelpatch.model.RecordedRun;
import modelpatch.model.Site;
import modelpatch.model.WhatIf;

/**
 * Draws up a {@link CeilingMap}. An answer is read at the token that tells it from others of its type, and is right where that token is the
 * likeliest. States are put into recorded runs, which are resumed where they begin to differ.
 */
public final class CeilingMapper {
    /** Other questions about the bridge that are asked of one case. */
    private static final int ITEMS = 4;

    /** Blocks of a map: more would cost more than they show. */
    private static final int BLOCKS = 10;

    private static final int DRAWS = 2000;

    private final LanguageModel model;
    private final AskedSuite asked;
    private final Protocol protocol;
    private final EntityReader reader;
    private final long seed;
    private final List<Integer> blocks;
    private final ClusterBootstrap bootstrap;

    /** @param questions the suite of the failures, under the protocol that they were found by */
    public CeilingMapper(LanguageModel model, Questions questions, long seed) {
        this.model = model;
        this.asked = questions.asked();
        this.protocol = questions.deciding();
        this.reader = new EntityReader(model, asked.background(), protocol.frame());
        this.seed = seed;
        this.blocks = blocks(model.config().nLayers());
        this.bootstrap = new ClusterBootstrap(DRAWS, seed);
    }

    /** At most ten blocks at equal distances, the last one among them. */
    static List<Integer> blocks(int layers) {
        int step = (layers + BLOCKS - 1) / BLOCKS;
        return IntStream.iterate((layers - 1) % step, block -> block < layers, block -> block + step)
                .boxed()
                .toList();
    }

    /** What became of one question at every place: {@code phraseEnd} by source, then target, and {@code last} by block. */
    private record Item(String bridge, boolean own, List<Boolean> phraseEnd, List<Boolean> last) {}

    /** The map of some failures. */
    public CeilingMap of(List<CompositionalCase> failures, Progress progress) {
        List<Item> items = new ArrayList<>();
        int unread = 0;
        for (int i = 0; i < failures.size(); i++) {
            progress.at(i, failures.size());
            List<Item> found = items(failures.get(i));
            items.addAll(found);
            unread += found.isEmpty() ? 1 : 0;
        }
        progress.at(failures.size(), failures.size());
        List<Integer> phraseEnd =
                IntStream.range(0, blocks.size() * blocks.size()).boxed().toList();
        List<Integer> last = IntStream.range(0, blocks.size()).boxed().toList();
        Set<String> bridges = new TreeSet<>();
        items.forEach(item -> bridges.add(item.bridge()));
        return new CeilingMap(
                CeilingMap.FORMAT,
                protocol.identity(),
                seed,
                failures.size() - unread,
                unread,
                bridges.size(),
                (int) items.stream().filter(item -> !item.own()).count(),
                blocks,
                phraseEnd.stream().map(cell -> atPhraseEnd(items, cell)).toList(),
                last.stream()
                        .map(cell -> cell(
                                items,
                                blocks.get(cell),
                                blocks.get(cell),
                                item -> item.last().get(cell)))
                        .toList(),
                crossFit(items, List.copyOf(bridges)));
    }

    // ---- readings

    /** The case and other questions about its bridge; none where its guide is not right where the answer is read. */
    private List<Item> items(CompositionalCase one) {
        List<CompositionalCase> others =
                SeededOrder.shuffled(asked.suite().generalisation(one), SeededOrder.draws(seed, "map", one.id()));
        List<CompositionalCase> all = new ArrayList<>(List.of(one));
        all.addAll(others);
        List<EntityReading> compositions =
                all.stream().map(other -> read(other.compositions(), other)).toList();
        List<EntityReading> guides =
                all.stream().map(other -> read(other.guides(), other)).toList();
        List<EntityReading> prompts = new ArrayList<>(compositions);
        prompts.addAll(guides);
        List<Item> items = new ArrayList<>();
        try (RecordedRuns runs = new RecordedRuns(model, prompts)) {
            if (!isRight(runs, guides.get(0))) {
                return List.of();
            }
            RecordedRun donor = runs.of(guides.get(0));
            for (int i = 0; i < all.size() && items.size() <= ITEMS; i++) {
                EntityReading to = compositions.get(i);
                if (i == 0 || (isRight(runs, guides.get(i)) && !isRight(runs, to))) {
                    items.add(new Item(
                            one.bridge(),
                            i == 0,
                            right(runs.of(to), to, to.phraseEnd(), pairs(donor, guides.get(0), to)),
                            right(runs.of(to), to, to.last(), same(donor, guides.get(0), to))));
                }
            }
        }
        return items;
    }

    private EntityReading read(List<Query> queries, CompositionalCase one) {
        return reader.read(
                MediationPrompts.first(queries, protocol.form()),
                asked.background().objectType(one.lastHop()),
                one.answer());
    }

    private static boolean isRight(RecordedRuns runs, EntityReading reading) {
        return runs.of(reading).readout(new int[] {reading.id()}).isLikeliest(0);
    }

    /** The guide's state at the bridge after every block, put in at the end of the phrase after every block. */
    private List<List<Intervention>> pairs(RecordedRun donor, EntityReading guide, EntityReading to) {
        List<List<Intervention>> sets = new ArrayList<>();
        for (int source : blocks) {
            float[] state = donor.at(new Site(Site.Kind.RESIDUAL_POST, source), guide.phraseEnd());
            for (int target : blocks) {
                sets.add(List.of(
                        Intervention.replace(new Site(Site.Kind.RESIDUAL_POST, target), to.phraseEnd(), state)));
            }
        }
        return sets;
    }

    /** The guide's state at its last token after every block, put in at the last token after the same one. */
    private List<List<Intervention>> same(RecordedRun donor, EntityReading guide, EntityReading to) {
        return blocks.stream()
                .map(block -> new Site(Site.Kind.RESIDUAL_POST, block))
                .map(site -> List.of(Intervention.replace(site, to.last(), donor.at(site, guide.last()))))
                .toList();
    }

    private List<Boolean> right(RecordedRun run, EntityReading to, int position, List<List<Intervention>> sets) {
        WhatIf question = new WhatIf(run, position, sets, new int[] {to.id()});
        List<Readout> readouts = model.resume(List.of(question), true).get(0);
        return readouts.stream().map(readout -> readout.isLikeliest(0)).toList();
    }

    // ---- rates

    private CeilingMap.Cell atPhraseEnd(List<Item> items, int cell) {
        int source = blocks.get(cell / blocks.size());
        int target = blocks.get(cell % blocks.size());
        return cell(items, source, target, item -> item.phraseEnd().get(cell));
    }

    private CeilingMap.Cell cell(List<Item> items, int source, int target, Function<Item, Boolean> right) {
        return new CeilingMap.Cell(source, target, rate(items, true, right), rate(items, false, right));
    }

    private Estimate rate(List<Item> items, boolean own, Function<Item, Boolean> right) {
        return Estimate.mean(
                items.stream().filter(item -> item.own() == own).toList(),
                Item::bridge,
                item -> right.apply(item) ? 1 : 0,
                bootstrap);
    }

    private Optional<CeilingMap.CrossFit> crossFit(List<Item> items, List<String> bridges) {
        if (bridges.size() < 2) {
            return Optional.empty();
        }
        List<String> order = SeededOrder.shuffled(bridges, SeededOrder.draws(seed, "halves"));
        Set<String> half = new HashSet<>(order.subList(0, order.size() / 2));
        int first =
                best(items.stream().filter(item -> half.contains(item.bridge())).toList());
        int second = best(
                items.stream().filter(item -> !half.contains(item.bridge())).toList());
        Function<Item, Boolean> right = item -> item.phraseEnd().get(half.contains(item.bridge()) ? second : first);
        return Optional.of(new CeilingMap.CrossFit(
                atPhraseEnd(items, first),
                atPhraseEnd(items, second),
                rate(items, true, right),
                rate(items, false, right)));
    }

    /** The cell of greatest merit; of several the first. */
    private int best(List<Item> items) {
        ClusterBootstrap quick = new ClusterBootstrap(1, seed);
        return IntStream.range(0, blocks.size() * blocks.size())
                .boxed()
                .max(Comparator.comparingDouble((Integer cell) -> merit(items, cell, quick))
                        .thenComparing(Comparator.reverseOrder()))
                .orElseThrow();
    }

    private static double merit(List<Item> items, int cell, ClusterBootstrap quick) {
        Function<Boolean, Estimate> rate = own -> Estimate.mean(
                items.stream().filter(item -> item.own() == own).toList(),
                Item::bridge,
                item -> item.phraseEnd().get(cell) ? 1 : 0,
                quick);
        return new CeilingMap.Cell(0, 0, rate.apply(true), rate.apply(false)).merit();
    }
}
