package modelpatch.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.engine.Device;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Resumes recorded runs where interventions act. A change at position p leaves every earlier position and every lower block as it was: each
 * set of interventions becomes a row block of the positions p to the end that joins the batch at its first layer. Sets of several runs share
 * the matrix products; only attention knows which run's keys and values a row block goes with.
 */
final class ResumedBatches {
    /** Numbers in the widest activation of a batch, 2 MB: the batch stays near the cores and keeps their products busy; on a GPU more. */
    private static final int WIDEST = 1 << 19;

    /** With fewer rows a batch of their own takes longer than it saves. */
    private static final int WORTH_A_BATCH = 64;

    private final LanguageModel model;
    private final int layers;
    private final int mostRows;

    ResumedBatches(LanguageModel model) {
        this.model = model;
        this.layers = model.config().nLayers();
        this.mostRows = Math.max(
                1,
                WIDEST
                        * Device.room()
                        / Math.max(model.config().dModel(), model.config().dMlp()));
    }

    int mostRows() {
        return mostRows;
    }

    /**
     * Some of one question's sets.
     *
     * @param index the question's among all
     */
    private record Part(int index, WhatIf whatIf, List<Integer> sets) {
        int firstLayer(int index) {
            return ResumedBatches.firstLayer(whatIf.sets().get(sets.get(index)));
        }
    }

    List<List<Readout>> of(List<WhatIf> asked, boolean whole) {
        List<Readout[]> readouts =
                asked.stream().map(one -> new Readout[one.sets().size()]).toList();
        List<Runnable> pieces = new ArrayList<>();
        for (List<Part> batch : batches(asked)) {
            pieces.add(() -> {
                List<Readout> found = run(batch, whole);
                int next = 0;
                for (Part part : batch) {
                    Readout[] own = readouts.get(part.index());
                    for (int set : part.sets()) {
                        own[set] = found.get(next++);
                    }
                }
            });
        }
        Engine.sideBySide(pieces);
        return readouts.stream().map(List::of).toList();
    }

    /**
     * Sets in an order of their first layers, cut into batches of bounded size; those of one question stay neighbours. There are at
     * least {@link Batches#atOnce} batches where that is worth it: the ones of low layers take longest and come first.
     */
    private List<List<Part>> batches(List<WhatIf> asked) {
        int total =
                asked.stream().mapToInt(one -> one.sets().size() * one.block()).sum();
        int worthwhile = Math.min(Batches.atOnce(), total / WORTH_A_BATCH);
        int most = Math.min(mostRows, total / Math.max(1, worthwhile) + 1);
        List<List<Part>> batches = new ArrayList<>();
        List<Part> batch = new ArrayList<>();
        int rows = 0;
        for (int index = 0; index < asked.size(); index++) {
            WhatIf one = asked.get(index);
            List<Integer> order = IntStream.range(0, one.sets().size())
                    .boxed()
                    .sorted(Comparator.comparingInt(set -> firstLayer(one.sets().get(set))))
                    .toList();
            int from = 0;
            while (from < order.size()) {
                int room = Math.max(batch.isEmpty() ? 1 : 0, (most - rows) / one.block());
                int to = Math.min(order.size(), from + room);
                if (to > from) {
                    batch.add(new Part(index, one, order.subList(from, to)));
                    rows += (to - from) * one.block();
                    from = to;
                }
                if (from < order.size()) {
                    batches.add(batch);
                    batch = new ArrayList<>();
                    rows = 0;
                }
            }
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    private static int firstLayer(List<Intervention> set) {
        return set.stream().mapToInt(change -> change.site().layer()).min().orElseThrow();
    }

    /** The readouts of every part's sets, in their order. */
    private List<Readout> run(List<Part> parts, boolean whole) {
        int[] entered = new int[parts.size()];
        try (Engine.Scope scope = Engine.scope()) {
            Tensor x = null;
            for (int layer = 0; layer < layers; layer++) {
                try (Engine.Scope inner = Engine.scope()) {
                    Tensor rows = joined(parts, x, layer, entered);
                    if (rows != null) {
                        x = inner.keep(model.decoder()
                                .blocks(
                                        rows,
                                        groups(parts, entered, layer),
                                        layer,
                                        layer + 1,
                                        changes(parts, entered, layer)::apply));
                    }
                }
            }
            return model.readouts(x.rows(lastRows(parts)), tokens(parts), whole);
        }
    }

    /** The rows that have entered, and behind each part's the ones whose first intervention is in this layer; counts those in. */
    private static Tensor joined(List<Part> parts, Tensor x, int layer, int[] entered) {
        List<Tensor> pieces = new ArrayList<>();
        long row = 0;
        boolean someEnter = false;
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            int entering = 0;
            while (entered[i] + entering < part.sets().size() && part.firstLayer(entered[i] + entering) == layer) {
                entering++;
            }
            long present = (long) entered[i] * part.whatIf().block();
            if (present > 0) {
                pieces.add(x.narrow(0, row, present));
                row += present;
            }
            if (entering > 0) {
                Tensor before = part.whatIf().run().before(layer, part.whatIf().position());
                pieces.add(Engine.run("repeat", before, (long) entering));
                entered[i] += entering;
                someEnter = true;
            }
        }
        return someEnter ? Tensor.concatenate(0, pieces.toArray(Tensor[]::new)) : x;
    }

    private static List<Group> groups(List<Part> parts, int[] entered, int layer) {
        List<Group> groups = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            if (entered[i] > 0) {
                WhatIf one = parts.get(i).whatIf();
                groups.add(Group.of(one.run().upTo(one.position(), layer), entered[i], one.block()));
            }
        }
        return groups;
    }

    /** The interventions of one layer, bound to the rows that have entered. */
    private static Rows changes(List<Part> parts, int[] entered, int layer) {
        Rows changes = new Rows();
        int row = 0;
        for (int i = 0; i < parts.size(); i++) {
            WhatIf one = parts.get(i).whatIf();
            for (int set = 0; set < entered[i]; set++) {
                for (Intervention change : one.sets().get(parts.get(i).sets().get(set))) {
                    if (change.site().layer() == layer) {
                        changes.add(row, change);
                    }
                }
                row += one.block();
            }
        }
        return changes;
    }

    private static int[] lastRows(List<Part> parts) {
        int[] last = new int[parts.stream().mapToInt(part -> part.sets().size()).sum()];
        int row = 0;
        int next = 0;
        for (Part part : parts) {
            for (int set = 0; set < part.sets().size(); set++) {
                row += part.whatIf().block();
                last[next++] = row - 1;
            }
        }
        return last;
    }

    private static int[][] tokens(List<Part> parts) {
        return parts.stream()
                .flatMap(part -> part.sets().stream().map(set -> part.whatIf().tokens()))
                .toArray(int[][]::new);
    }
}
