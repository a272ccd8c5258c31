package modelpatch.edit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import modelpatch.model.LanguageModel;
import modelpatch.model.Remembered;
import modelpatch.model.Site;
import modelpatch.model.SteppedRun;

/**
 * What prompts do on the unedited model: activations at their last positions, and where their runs stand before a block. Plans differ in layers
 * and weights, seldom in prompts, so each list of prompts goes through the model once, and every edit of it begins at its own first layer.
 */
final class UneditedRuns {
    /** Prompts that take a block together: bounds what their hidden layers need at once. */
    private static final int SIDE_BY_SIDE = 256;

    /** Bytes of readings, and of standing runs, that are kept. */
    private static final long MOST = 192L << 20;

    private final LanguageModel model;
    private final Set<Site.Kind> kinds;
    private final int columns;
    private final TreeSet<Integer> expected = new TreeSet<>();
    private final TreeSet<Integer> starts = new TreeSet<>();
    private final Remembered<Place, Map<Site.Kind, float[][]>> readings;
    private final Remembered<Place, SteppedRun.Standing> standing = new Remembered<>(MOST, SteppedRun.Standing::bytes);

    /** Runs of a model, of which nothing is known yet. */
    UneditedRuns(LanguageModel model, EditedMatrix matrix) {
        this.model = model;
        this.kinds = EnumSet.of(matrix.reads(), matrix.stream(), Site.Kind.RESIDUAL_POST);
        this.columns = matrix.inputs(model.config())
                + (kinds.size() - 1) * model.config().dModel();
        this.readings = new Remembered<>(MOST, reading -> bytes(reading.get(Site.Kind.RESIDUAL_POST).length));
    }

    private long bytes(int prompts) {
        return (long) Float.BYTES * columns * prompts;
    }

    /**
     * A block that a list of prompts has come to.
     *
     * @param ids of prefix and prompts, each after its length
     * @param part the first prompt of those that run side by side
     */
    private record Place(List<Integer> ids, int part, int layer) {}

    private static List<Integer> name(int[] prefix, List<int[]> prompts) {
        int[] all = new int
                [1
                        + prefix.length
                        + prompts.stream().mapToInt(one -> 1 + one.length).sum()];
        int end = put(all, 0, prefix);
        for (int[] prompt : prompts) {
            end = put(all, end, prompt);
        }
        return Arrays.stream(all).boxed().toList();
    }

    private static int put(int[] all, int at, int[] part) {
        all[at] = part.length;
        System.arraycopy(part, 0, all, at + 1, part.length);
        return at + 1 + part.length;
    }

    /** Announces what plans will ask for, so that one run reads all of it. */
    void expect(Collection<EditPlan> plans) {
        for (EditPlan plan : plans) {
            expected.addAll(plan.layers());
            plan.layers().stream().min(Integer::compare).ifPresent(starts::add);
        }
    }

    /**
     * Activations at the last positions of prompts.
     *
     * @param layer the block that is wanted now
     * @param soon those that will be asked for too
     * @return by kind [prompt][columns]; not copies
     */
    Map<Site.Kind, float[][]> at(int[] prefix, List<int[]> prompts, int layer, Collection<Integer> soon) {
        List<Integer> name = name(prefix, prompts);
        Map<Site.Kind, float[][]> known =
                readings.get(new Place(name, 0, layer)).orElse(null);
        if (known != null) {
            return known;
        }
        TreeSet<Integer> layers = new TreeSet<>(soon);
        if (readings.fits(2L * expected.size() * bytes(prompts.size()))) {
            layers.addAll(expected);
        }
        layers.removeIf(other -> readings.has(new Place(name, 0, other)));
        layers.add(layer);
        Map<Integer, Map<Site.Kind, float[][]>> read = new TreeMap<>();
        for (int from = 0; from < prompts.size(); from += SIDE_BY_SIDE) {
            run(name, prefix, prompts, from, layers, read);
        }
        Map<Site.Kind, float[][]> wanted = read.remove(layer);
        read.forEach((other, reading) -> readings.put(new Place(name, 0, other), reading));
        readings.put(new Place(name, 0, layer), wanted);
        return wanted;
    }

    private void run(
            List<Integer> name,
            int[] prefix,
            List<int[]> prompts,
            int from,
            Set<Integer> layers,
            Map<Integer, Map<Site.Kind, float[][]>> read) {
        try (SteppedRun run = model.step(prefix, part(prompts, from))) {
            for (int layer : layers) {
                Place place = new Place(name, from, layer);
                if (starts.contains(layer) && !standing.has(place)) {
                    standing.put(place, run.standing(layer));
                }
                Map<Site.Kind, float[][]> whole = read.computeIfAbsent(layer, l -> new EnumMap<>(Site.Kind.class));
                run.read(layer, kinds)
                        .forEach((kind, rows) -> System.arraycopy(
                                rows,
                                0,
                                whole.computeIfAbsent(kind, k -> new float[prompts.size()][]),
                                from,
                                rows.length));
            }
        }
    }

    /** Runs that stand before a block where that is known, else at the beginning; part after part of the prompts. The caller closes them. */
    List<SteppedRun> before(int[] prefix, List<int[]> prompts, int layer) {
        List<Integer> name = name(prefix, prompts);
        List<SteppedRun> runs = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += SIDE_BY_SIDE) {
            List<int[]> part = part(prompts, from);
            runs.add(standing.get(new Place(name, from, layer))
                    .map(known -> model.step(prefix, part, known))
                    .orElseGet(() -> model.step(prefix, part)));
        }
        return runs;
    }

    private static List<int[]> part(List<int[]> prompts, int from) {
        return prompts.subList(from, Math.min(prompts.size(), from + SIDE_BY_SIDE));
    }
}
