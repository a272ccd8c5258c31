package modelpatch.remedy;

import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import modelpatch.model.AnswerModel;

/** A model that counts what it is asked and what that costs. */
final class Metered extends Beside {
    private final AnswerModel model;
    private final LongSupplier clock;
    private long spent;
    private long queries;

    /** @param clock nanoseconds of the processor's time that this process has had */
    Metered(AnswerModel model, LongSupplier clock) {
        super(model);
        this.model = model;
        this.clock = clock;
    }

    /** Seconds of the processor's time for each prompt; NaN where nothing was asked. */
    double secondsPerQuery() {
        return spent / 1e9 / queries;
    }

    long queries() {
        return queries;
    }

    private <T> T timed(int prompts, Supplier<T> work) {
        long begun = clock.getAsLong();
        T result = work.get();
        spent += clock.getAsLong() - begun;
        queries += prompts;
        return result;
    }

    @Override
    public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
        return timed(prompts.size(), () -> model.generate(prefix, prompts, maxNewTokens, stop));
    }

    @Override
    public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
        return timed(prompts.size(), () -> model.logProbabilities(prefix, prompts, continuations));
    }

    @Override
    public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
        return timed(prompts.size(), () -> model.nextLogits(prefix, prompts));
    }
}
