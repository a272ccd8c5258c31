package modelpatch.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Greedy continuation where there is a guess: all tokens of a guess are looked at in one pass (as speculative decoding verifies a draft,
 * Leviathan et al. 2023, arXiv 2211.17192), and where the model would have said otherwise it goes on by itself from there. What comes out is what
 * it says token by token.
 */
final class DraftedGeneration {
    /** Rows whose logits are there at a time. */
    private static final int ROWS = 128;

    private final LanguageModel model;
    private final int[] prefix;
    private final List<int[]> prompts;
    private final List<int[]> drafts;
    private final int most;
    private final Predicate<int[]> stop;
    private final int[][] said;
    private final boolean[] finished;

    /** @param drafts by prompt what it will say, as far as anybody knows; empty for no guess */
    DraftedGeneration(
            LanguageModel model,
            int[] prefix,
            List<int[]> prompts,
            List<int[]> drafts,
            int most,
            Predicate<int[]> stop) {
        this.model = model;
        this.prefix = prefix;
        this.prompts = prompts;
        this.drafts = drafts.stream()
                .map(draft -> Arrays.copyOf(draft, Math.min(draft.length, most)))
                .toList();
        this.most = most;
        this.stop = stop;
        this.said = new int[prompts.size()][0];
        this.finished = new boolean[prompts.size()];
    }

    /** The new ids, by prompt. */
    List<int[]> run() {
        verify(IntStream.range(0, prompts.size())
                .filter(i -> drafts.get(i).length > 0 && prompts.get(i).length > 0)
                .boxed()
                .toList());
        goOn(IntStream.range(0, prompts.size())
                .filter(i -> !finished[i])
                .boxed()
                .toList());
        return List.of(said);
    }

    private void verify(List<Integer> guessed) {
        // the last token of a guess is looked for, not looked at
        List<int[]> sequences = guessed.stream()
                .map(i -> TokenIds.joined(prompts.get(i), Arrays.copyOf(drafts.get(i), drafts.get(i).length - 1)))
                .toList();
        WholePass pass = new WholePass(model, prefix, sequences);
        List<Runnable> pieces = new ArrayList<>();
        for (List<Integer> chunk : Batches.of(sequences, model.config())) {
            pieces.add(() -> {
                try (Engine.Scope scope = Engine.scope()) {
                    Ragged batch = pass.batch(chunk);
                    int[] rows = chunk.stream()
                            .flatMapToInt(i -> {
                                int prompt = guessed.get(i);
                                int first = batch.firstRow(i) + prompts.get(prompt).length - 1;
                                return IntStream.range(first, first + drafts.get(prompt).length);
                            })
                            .toArray();
                    int[] best = best(pass.run(batch, chunk).rows(rows));
                    int next = 0;
                    for (int i : chunk) {
                        int prompt = guessed.get(i);
                        int to = next + drafts.get(prompt).length;
                        accept(prompt, Arrays.copyOfRange(best, next, to));
                        next = to;
                    }
                }
            });
        }
        Engine.sideBySide(pieces);
    }

    /** @param best what it would say after the prompt, after the first token of the guess too, and so on */
    private void accept(int prompt, int[] best) {
        int[] draft = drafts.get(prompt);
        for (int i = 0; i < best.length; i++) {
            said[prompt] = TokenIds.joined(said[prompt], best[i]);
            finished[prompt] = said[prompt].length == most || stop.test(said[prompt]);
            if (finished[prompt] || best[i] != draft[i]) {
                return;
            }
        }
    }

    private int[] best(Tensor residual) {
        int[] best = new int[(int) residual.size(0)];
        for (int from = 0; from < best.length; from += ROWS) {
            int count = Math.min(ROWS, best.length - from);
            try (Engine.Scope scope = Engine.scope()) {
                Tensor logits = model.decoder().unembed(residual.narrow(0, from, count));
                long[] ids = Engine.run("argmax", logits).toLongs();
                for (int i = 0; i < count; i++) {
                    best[from + i] = Math.toIntExact(ids[i]);
                }
                int[] some = Arrays.copyOfRange(best, from, from + count);
                FiniteLogits.require(
                        Engine.run("pick", logits, Engine.ids(some)).toFloats());
            }
        }
        return best;
    }

    private void goOn(List<Integer> open) {
        List<int[]> begun =
                open.stream().map(i -> TokenIds.joined(prompts.get(i), said[i])).toList();
        int[][] results = open.stream().map(i -> said[i]).toArray(int[][]::new);
        Prefixes shared = Prefixes.of(model, prefix, begun, most);
        List<Runnable> pieces = new ArrayList<>();
        for (List<Integer> chunk : Batches.of(begun, model.config())) {
            pieces.add(() -> {
                try (Engine.Scope scope = Engine.scope()) {
                    new Generation(model, shared, begun, chunk).run(most, stop, results);
                }
            });
        }
        Engine.sideBySide(pieces);
        for (int i = 0; i < results.length; i++) {
            said[open.get(i)] = results[i];
        }
    }
}
