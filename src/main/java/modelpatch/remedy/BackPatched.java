package modelpatch.remedy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import modelpatch.model.ActivationCache;
import modelpatch.model.AnswerModel;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.NextToken;
import modelpatch.model.Site;
import modelpatch.model.TokenIds;
import modelpatch.repair.Remedy;

/**
 * Asking twice: a later layer's state of the first run takes the place of an earlier layer's in the second (back-patching, Biran et al. 2024,
 * arXiv 2406.12775). The same pair of layers for every prompt whose position is known; the others are asked once, as ever.
 */
public final class BackPatched implements Remedy {
    private final Twice answers;

    private BackPatched(Twice answers) {
        this.answers = answers;
    }

    /**
     * On a model.
     *
     * @param model stays the caller's
     * @param position of a whole sequence of ids, prefix included; empty to leave it alone
     */
    public static BackPatched of(LanguageModel model, BackPatch back, Function<int[], Optional<Integer>> position) {
        return new BackPatched(new Twice(model, back, position));
    }

    /** On the prompts of a suite. */
    static BackPatched of(LanguageModel model, BackPatch back, KnownPrompts known) {
        return of(
                model,
                back,
                ids -> known.phraseEnd(ids).map(end -> back.place() == BackPatch.Place.LAST ? ids.length - 1 : end));
    }

    @Override
    public String name() {
        return "backpatch";
    }

    @Override
    public AnswerModel answers() {
        return answers;
    }

    @Override
    public Footprint footprint() {
        return new Footprint(
                Set.of(), (long) Float.BYTES * answers.model.config().dModel());
    }

    @Override
    public void close() {}

    private static final class Twice extends Beside {
        private final LanguageModel model;
        private final Site source;
        private final Site target;
        private final Function<int[], Optional<Integer>> position;

        Twice(LanguageModel model, BackPatch back, Function<int[], Optional<Integer>> position) {
            super(model);
            this.model = model;
            this.source = new Site(Site.Kind.RESIDUAL_POST, back.from());
            this.target = new Site(Site.Kind.RESIDUAL_POST, back.to());
            this.position = position;
        }

        /** For each prompt what is changed in its second run; nothing where its position is unknown or lies in the prefix. */
        private List<List<Intervention>> changes(int[] prefix, List<int[]> prompts) {
            ActivationCache first = model.run(prefix, prompts, Set.of(source), List.of(), false);
            List<List<Intervention>> changes = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                int prompt = i;
                changes.add(position.apply(TokenIds.joined(prefix, prompts.get(i)))
                        .map(at -> at - prefix.length)
                        .filter(at -> at >= 0)
                        .map(at -> List.of(Intervention.replace(target, at, first.at(prompt, source, at))))
                        .orElse(List.of()));
            }
            return changes;
        }

        @Override
        public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
            return prompts.isEmpty() ? List.of() : logits(prefix, prompts, changes(prefix, prompts));
        }

        private List<float[]> logits(int[] prefix, List<int[]> prompts, List<List<Intervention>> changes) {
            ActivationCache second = model.run(prefix, prompts, Set.of(), changes);
            return IntStream.range(0, prompts.size()).mapToObj(second::logits).toList();
        }

        /** No keys are kept: every token is a run of its own, with the state of the prompt's first run where it was. */
        @Override
        public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
            List<int[]> written = new ArrayList<>();
            prompts.forEach(prompt -> written.add(new int[0]));
            if (prompts.isEmpty()) {
                return written;
            }
            List<List<Intervention>> changes = changes(prefix, prompts);
            List<Integer> open =
                    new ArrayList<>(IntStream.range(0, prompts.size()).boxed().toList());
            for (int step = 0; step < maxNewTokens && !open.isEmpty(); step++) {
                List<float[]> logits = logits(
                        prefix,
                        open.stream()
                                .map(i -> TokenIds.joined(prompts.get(i), written.get(i)))
                                .toList(),
                        open.stream().map(changes::get).toList());
                for (int i = 0; i < open.size(); i++) {
                    int next = NextToken.argmax(logits.get(i));
                    written.set(open.get(i), TokenIds.joined(written.get(open.get(i)), next));
                }
                open.removeIf(i -> stop.test(written.get(i)));
            }
            return written;
        }

        @Override
        public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
            List<List<Intervention>> changes = changes(prefix, prompts);
            List<double[]> all = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                int[] continuation = continuations.get(i);
                List<int[]> beginnings = new ArrayList<>();
                for (int length = 0; length < continuation.length; length++) {
                    beginnings.add(TokenIds.joined(prompts.get(i), Arrays.copyOf(continuation, length)));
                }
                List<Intervention> change = changes.get(i);
                List<float[]> logits = logits(
                        prefix,
                        beginnings,
                        beginnings.stream().map(one -> change).toList());
                double[] found = new double[continuation.length];
                for (int at = 0; at < found.length; at++) {
                    found[at] = logits.get(at)[continuation[at]] - NextToken.logSumExp(logits.get(at));
                }
                all.add(found);
            }
            return all;
        }
    }
}
