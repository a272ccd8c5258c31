package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Probes of an edit answered before and after it.
 *
 * @param protocol identity of the protocol
 * @param items in the order of the probes
 */
public record PairedEvaluation(String protocol, List<Item> items) {
    public PairedEvaluation {
        items = List.copyOf(items);
    }

    /** One probe and its two replies. */
    public record Item(Probe probe, Reply before, Reply after) {
        SetOutcome.Pair pair() {
            return new SetOutcome.Pair(probe.id(), probe.cluster(), before.verdict(), after.verdict());
        }
    }

    /**
     * Asks both models.
     *
     * @param before asks the model without the edit; what it knows already is not asked again
     * @param after asks the model with it, under the same protocol
     * @param progress counts the questions of both
     */
    public static PairedEvaluation of(List<Probe> probes, Examiner before, Examiner after, Progress progress) {
        if (!before.protocol().equals(after.protocol())) {
            throw new IllegalArgumentException(before.protocol() + " before and " + after.protocol() + " after");
        }
        List<Question> questions = probes.stream().map(Probe::question).toList();
        List<Reply> first = before.ask(questions, (done, total) -> progress.at(done, 2 * total));
        List<Reply> second = after.ask(questions, (done, total) -> progress.at(total + done, 2 * total));
        return of(probes, before.protocol(), first, second);
    }

    /** Pairs replies that are there already, one of each kind for each probe. */
    static PairedEvaluation of(List<Probe> probes, Protocol protocol, List<Reply> before, List<Reply> after) {
        if (before.size() != probes.size() || after.size() != probes.size()) {
            throw new IllegalArgumentException(
                    probes.size() + " probes, " + before.size() + " replies before, " + after.size() + " after");
        }
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < probes.size(); i++) {
            items.add(new Item(probes.get(i), before.get(i), after.get(i)));
        }
        return new PairedEvaluation(protocol.identity(), items);
    }

    /** The tables of several edits, each judged alone, as one. */
    public static PairedEvaluation pool(Collection<PairedEvaluation> evaluations) {
        List<String> protocols =
                evaluations.stream().map(PairedEvaluation::protocol).distinct().toList();
        if (protocols.size() != 1) {
            throw new IllegalArgumentException("pooling needs one protocol, found " + protocols);
        }
        return new PairedEvaluation(
                protocols.get(0),
                evaluations.stream().flatMap(one -> one.items().stream()).toList());
    }

    /** All items as one table, whatever their sets. */
    public PairedOutcome pairs() {
        return PairedOutcome.pool(
                items.stream().map(Item::pair).map(SetOutcome.Pair::outcome).toList());
    }

    /** The table of every set; a set without items is there, with zeros and undefined rates. */
    public Map<EditSet, SetOutcome> sets(ClusterBootstrap bootstrap) {
        Map<EditSet, SetOutcome> sets = new EnumMap<>(EditSet.class);
        for (EditSet set : EditSet.values()) {
            List<SetOutcome.Pair> pairs = items.stream()
                    .filter(item -> item.probe().set() == set)
                    .map(Item::pair)
                    .toList();
            sets.put(set, SetOutcome.of(pairs, bootstrap));
        }
        return sets;
    }
}
