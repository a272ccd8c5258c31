package modelpatch.export;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import modelpatch.BadInput;

/**
 * A regular expression that others wrote, to be matched against names of modules. Some take longer than anyone waits, so they are matched
 * {@linkplain #inTime within a time limit}.
 */
final class NamePattern {
    /** Thousands of times what honest expressions take for all modules of a model. */
    private static final long SECONDS = 2;

    private static final String AS_LIST = "give the names of the modules as a list instead";

    /** Characters of an expression in a message. */
    private static final int SHOWN = 80;

    private final Pattern pattern;

    private NamePattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** @throws BadInput where it is none, or none that Java reads as Python does */
    static NamePattern of(String expression, String where) {
        try {
            return new NamePattern(Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            throw new BadInput(
                            "regular expression that cannot be read",
                            where,
                            "one of Python's re that Java reads too",
                            (expression.length() > SHOWN ? expression.substring(0, SHOWN) + " .." : expression) + ": "
                                    + e.getDescription(),
                            AS_LIST)
                    .causedBy(e);
        }
    }

    /** Whether it matches a whole name. */
    boolean matches(String name) {
        return pattern.matcher(new Interruptible(name)).matches();
    }

    /** What a named group holds, where the whole name matches. */
    Optional<String> group(String name, String group) {
        Matcher matcher = pattern.matcher(new Interruptible(name));
        return matcher.matches() ? Optional.of(matcher.group(group)) : Optional.empty();
    }

    /**
     * Work that matches names, given up after a while.
     *
     * @param where the file whose expressions are matched
     * @throws BadInput where it takes too long
     */
    static <T> T inTime(String where, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "names");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new BadInput(
                            "regular expression that takes too long",
                            where,
                            "all modules matched within " + SECONDS + " s",
                            "one that goes on",
                            AS_LIST)
                    .causedBy(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BadInput trouble) {
                throw trouble;
            }
            if (e.getCause() instanceof StackOverflowError) {
                throw new BadInput(
                                "regular expression that nests too deeply",
                                where,
                                "one that matches names on a stack of usual size",
                                "an overflow",
                                AS_LIST)
                        .causedBy(e);
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            task.cancel(true);
        }
    }

    /** A name that cannot be read on once the thread is interrupted. */
    private record Interruptible(String name) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted");
            }
            return name.charAt(index);
        }

        @Override
        public int length() {
            return name.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Interruptible(name.substring(start, end));
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
