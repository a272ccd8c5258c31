package modelpatch.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Prompts that go on token by token with keys and values kept; whoever holds it chooses the tokens. A sequence that is finished leaves; one whose
 * positions turn otherwise from its next token on is run from its beginning again. What is by prompt is in the order of the prompts. Owns native
 * memory; the model must stay open for as long as this is.
 */
public final class OpenRun implements AutoCloseable {
    /** In place of a token: the sequence leaves. */
    public static final int LEAVES = -1;

    private final LanguageModel model;
    private final Prefixes prefixes;
    /** By prompt, with the tokens that were chosen. */
    private final int[][] sequences;

    private final int layers;
    private final Engine.Owner owner = Engine.owner();
    private List<Integer> alive;
    private List<Group> groups;
    private int[] ids;

    /** @param prompts each of at least one token */
    OpenRun(LanguageModel model, Prefixes prefixes, List<int[]> prompts) {
        this.model = model;
        this.prefixes = prefixes;
        this.sequences = prompts.toArray(int[][]::new);
        this.layers = model.config().nLayers();
        this.alive = Batches.byLength(prompts);
        Ragged batch = new Ragged(prompts, alive, prefixes::before, layers);
        this.groups = batch.groups();
        this.ids = batch.ids();
    }

    /** Whether every sequence has left. */
    boolean isOver() {
        return alive.isEmpty();
    }

    /** Logits of what comes next, [prompt][d_vocab]; null for a sequence that has left. To be asked once for each token. */
    public float[][] logits() {
        float[][] byPrompt = new float[sequences.length][];
        try (Engine.Scope scope = Engine.scope()) {
            float[][] rows = FiniteLogits.require(step().toRows());
            for (int i = 0; i < rows.length; i++) {
                byPrompt[alive.get(i)] = rows[i];
            }
        }
        return byPrompt;
    }

    /** The likeliest next token by prompt, {@link #LEAVES} for a sequence that has left; instead of {@link #logits}. */
    int[] best() {
        int[] byPrompt = new int[sequences.length];
        Arrays.fill(byPrompt, LEAVES);
        try (Engine.Scope scope = Engine.scope()) {
            Tensor logits = step();
            int[] best = Arrays.stream(Engine.run("argmax", logits).toLongs())
                    .mapToInt(Math::toIntExact)
                    .toArray();
            FiniteLogits.require(Engine.run("pick", logits, Engine.ids(best)).toFloats());
            for (int i = 0; i < best.length; i++) {
                byPrompt[alive.get(i)] = best[i];
            }
        }
        return byPrompt;
    }

    /** Runs the tokens at hand; logits of each sequence's last one, [alive, d_vocab]. */
    private Tensor step() {
        Tensor x = model.decoder().embed(ids, groups);
        Tensor after = model.decoder().blocks(x, groups, 0, layers, Hooks.NONE);
        List<Integer> last = new ArrayList<>();
        int row = 0;
        for (Group group : groups) {
            keep(group);
            for (int i = 0; i < group.count(); i++) {
                row += group.length();
                last.add(row - 1);
            }
        }
        return model.decoder().unembed(after.rows(ints(last)));
    }

    private void keep(Group group) {
        for (int layer = 0; layer < layers; layer++) {
            group.keys(layer).ownedBy(owner);
            group.values(layer).ownedBy(owner);
        }
    }

    /**
     * Goes on.
     *
     * @param next by prompt the token that was chosen, or {@link #LEAVES}
     */
    public void goOn(int[] next) {
        List<Integer> left = new ArrayList<>();
        List<Integer> tokens = new ArrayList<>();
        List<Group> going = new ArrayList<>();
        int first = 0;
        try (Engine.Scope scope = Engine.scope()) {
            for (Group group : groups) {
                List<Integer> kept = new ArrayList<>();
                boolean serves = prefixes.serveOneMoreThan(group.own());
                for (int i = 0; i < group.count(); i++) {
                    int prompt = alive.get(first + i);
                    if (next[prompt] != LEAVES) {
                        kept.add(i);
                        left.add(prompt);
                        sequences[prompt] = TokenIds.joined(sequences[prompt], next[prompt]);
                        IntStream.of(sequences[prompt])
                                .skip(serves ? group.own() : 0)
                                .forEach(tokens::add);
                    }
                }
                first += group.count();
                if (kept.isEmpty() || !serves) {
                    free(group);
                }
                if (!kept.isEmpty() && !serves) {
                    int length = group.own() + 1;
                    going.add(Group.keeping(prefixes.before(length), kept.size(), length, layers));
                } else if (!kept.isEmpty()) {
                    Group smaller = group.next(ints(kept));
                    keep(smaller);
                    going.add(smaller);
                }
            }
        }
        alive = left;
        groups = going;
        ids = ints(tokens);
    }

    private void free(Group group) {
        for (int layer = 0; layer < layers; layer++) {
            group.keys(layer).free();
            group.values(layer).free();
        }
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public void close() {
        owner.close();
    }
}
