package modelpatch.model;

import modelpatch.BadInput;

/**
 * How a model is opened.
 *
 * @param threads threads of the engine
 * @param allowNonFinite whether NaN or infinite weights are let through
 * @param maxMemoryBytes refuse a model that needs more, 0 for no limit
 */
public record LoadOptions(int threads, boolean allowNonFinite, long maxMemoryBytes) {
    public LoadOptions {
        if (threads < 1) {
            throw new BadInput(
                    "threads", "--threads", "1 or more", String.valueOf(threads), "leave it out to use all cores");
        }
    }

    /** All cores, finite weights only, no limit. */
    public static LoadOptions defaults() {
        return new LoadOptions(Runtime.getRuntime().availableProcessors(), false, 0);
    }

    public LoadOptions withThreads(int count) {
        return new LoadOptions(count, allowNonFinite, maxMemoryBytes);
    }
}
