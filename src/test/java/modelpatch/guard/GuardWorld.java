package modelpatch.guard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.edit.TinyWorld;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import modelpatch.patch.GateVerdict;
import modelpatch.patch.Orientation;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStack;
import modelpatch.patch.Provenance;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;
import modelpatch.solve.Columns;

/**
 * A tiny model, a patch that changes some of its answers and leaves others, and the suite that says which: what is right is what the model
 * says with the patch, found here by the argmax of its logits and not by any code that is under test. Answers whose first words are nearly
 * tied are left out.
 */
public final class GuardWorld {
    private static final int PROMPTS = 30;
    private static final double CLEAR = 0.05;

    private final TinyWorld world;
    private final Path folder;
    private final Map<String, String> hops = new LinkedHashMap<>();
    private final Map<String, String> compositions = new LinkedHashMap<>();
    private int cases;

    private GuardWorld(TinyWorld world, Path folder) {
        this.world = world;
        this.folder = folder;
    }

    public static GuardWorld at(Path folder) throws IOException {
        GuardWorld made = new GuardWorld(TinyWorld.at(folder), folder);
        made.make();
        return made;
    }

    public Path model() {
        return world.model();
    }

    public LanguageModel open() {
        return world.open();
    }

    public Path suite() {
        return folder.resolve("suite.yaml");
    }

    public Path goodPatch() {
        return folder.resolve("good.patch.safetensors");
    }

    /** The sets that hold without the patch too, and the same limits. */
    public Path staySuite() {
        return folder.resolve("stay.yaml");
    }

    public int cases() {
        return cases;
    }

    /** Prompts of single hops with what the patched model says to them. */
    public Map<String, String> hops() {
        return hops;
    }

    /** Prompts of compositions that the patch leaves as they were, with what the model says to them. */
    public Map<String, String> compositions() {
        return compositions;
    }

    private void make() {
        Set<String> single = new LinkedHashSet<>();
        Set<String> composed = new LinkedHashSet<>();
        for (CompositionalCase one : world.suite().cases()) {
            single.add(one.singleHops().get(0).get(0).prompt());
            composed.add(one.compositions().get(0).prompt());
        }
        try (LanguageModel model = open()) {
            for (int seed = 1; ; seed++) {
                WeightPatch patch = noise(model, List.of(), 0.6, seed, Instant.EPOCH, Optional.empty());
                try (LanguageModel patched = patched(model, patch)) {
                    List<GuardedCase> changed = new ArrayList<>();
                    List<GuardedCase> kept = new ArrayList<>();
                    List<GuardedCase> known = new ArrayList<>();
                    sort(composed, 2 * PROMPTS, model, patched, changed, kept);
                    sort(single, PROMPTS, model, patched, new ArrayList<>(), known);
                    if (changed.size() >= 3 && kept.size() >= 10 && known.size() >= 10) {
                        known.forEach(
                                one -> hops.put(one.prompt(), one.answers().get(0)));
                        kept.forEach(one ->
                                compositions.put(one.prompt(), one.answers().get(0)));
                        write(model, changed, kept, known);
                        PatchFile.write(patch, goodPatch());
                        return;
                    }
                }
            }
        }
    }

    private static void sort(
            Set<String> prompts,
            int most,
            LanguageModel model,
            LanguageModel patched,
            List<GuardedCase> changed,
            List<GuardedCase> kept) {
        List<String> some = prompts.stream().limit(most).toList();
        Map<String, String> before = said(model, some);
        Map<String, String> after = said(patched, some);
        for (String prompt : some) {
            String first = before.get(prompt);
            String second = after.get(prompt);
            if (first != null && second != null) {
                (first.equals(second) ? kept : changed)
                        .add(new GuardedCase(prompt, prompt, List.of(second), Optional.of(first)));
            }
        }
    }

    /** The word that a model says next after each prompt; none where another comes near. */
    public static Map<String, String> said(LanguageModel model, Collection<String> prompts) {
        List<String> asked = List.copyOf(prompts);
        List<float[]> all = model.nextLogits(
                new int[0],
                asked.stream().map(prompt -> model.tokenizer().encode(prompt)).toList());
        Map<String, String> words = new LinkedHashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            clear(model, all.get(i)).ifPresent(put(words, asked.get(i)));
        }
        return words;
    }

    private static Consumer<String> put(Map<String, String> words, String prompt) {
        return word -> words.put(prompt, word);
    }

    private static Optional<String> clear(LanguageModel model, float[] logits) {
        int top = 0;
        double second = Double.NEGATIVE_INFINITY;
        for (int id = 1; id < logits.length; id++) {
            if (logits[id] > logits[top]) {
                second = logits[top];
                top = id;
            } else {
                second = Math.max(second, logits[id]);
            }
        }
        String word = model.tokenizer().decode(new int[] {top}).strip();
        return logits[top] - second > CLEAR && word.matches("\\w+") ? Optional.of(word) : Optional.empty();
    }

    private void write(LanguageModel base, List<GuardedCase> changed, List<GuardedCase> kept, List<GuardedCase> known) {
        List<GuardedSet> sets = List.of(
                new GuardedSet("correction", GuardedSet.Must.CHANGE, 0, changed),
                new GuardedSet("specificity_relation", GuardedSet.Must.STAY, 0, kept),
                new GuardedSet("hops", GuardedSet.Must.STAY, 0, known));
        cases = changed.size() + kept.size() + known.size();
        Map<String, Double> limits = new LinkedHashMap<>();
        limits.put(Gates.KL, 0.5);
        RegressionSuite suite = new RegressionSuite(
                suite(),
                "",
                "tiny",
                "a test",
                Optional.of(new RegressionSuite.Base(base.name(), base.digest())),
                new Protocol(Protocol.Kind.GENERATED, FewShot.none(Form.CLOZE), 3),
                1,
                Optional.of(new RegressionSuite.DriftText(
                        Optional.empty(), List.copyOf(hops.keySet()).subList(0, 8))),
                limits,
                false,
                sets);
        suite.write();
        new RegressionSuite(
                        staySuite(),
                        "",
                        "stay",
                        suite.why(),
                        suite.model(),
                        suite.protocol(),
                        1,
                        suite.drift(),
                        limits,
                        false,
                        sets.subList(1, 3))
                .write();
    }

    /** A random rank-one change of one block's W_O, as large as a share of it. */
    public WeightPatch noise(
            LanguageModel model,
            List<WeightPatch> below,
            double share,
            long seed,
            Instant time,
            Optional<Instant> expires) {
        return noise(model, below, model.outputName(1 + (int) (seed % 2)), share, seed, time, expires);
    }

    /** A random rank-one change of a tensor, as large as a share of it. */
    public WeightPatch noise(
            LanguageModel model,
            List<WeightPatch> below,
            String tensor,
            double share,
            long seed,
            Instant time,
            Optional<Instant> expires) {
        Random random = new Random(seed);
        List<Long> shape = model.checkpoint().tensor(tensor).shape();
        int rows = Math.toIntExact(shape.get(0));
        int columns = Math.toIntExact(shape.get(1));
        double norm = 0;
        for (float weight : model.weight(tensor)) {
            norm += (double) weight * weight;
        }
        float[] left = gaussian(rows, random);
        float[] right = gaussian(columns, random);
        double scale = share * Math.sqrt(norm) / (norm(left) * norm(right));
        for (int i = 0; i < left.length; i++) {
            left[i] *= (float) scale;
        }
        Provenance provenance = new Provenance(
                "noise",
                JsonNodeFactory.instance.objectNode(),
                seed,
                List.of(),
                JsonNodeFactory.instance.objectNode(),
                GateVerdict.PASSED,
                "tester",
                "a plant of seed " + seed,
                time,
                Optional.empty(),
                expires);
        return WeightPatch.of(
                model.checkpoint(),
                PatchStack.of(below),
                List.of(new TensorDelta(tensor, rows, Columns.all(columns), 1, Orientation.OUT_IN, left, right)),
                provenance);
    }

    public static LanguageModel patched(LanguageModel model, WeightPatch... patches) {
        return model.with(PatchStack.of(List.of(patches)).weights(model.checkpoint()));
    }

    private static float[] gaussian(int n, Random random) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }
}
