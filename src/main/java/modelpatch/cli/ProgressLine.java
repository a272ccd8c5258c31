package modelpatch.cli;

import java.time.Duration;
import java.time.Instant;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import modelpatch.Numbers;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Stopped;

/**
 * How far a long piece of work has come, on stderr: on a terminal one line with the time that is left, gone when the work is done; in a log
 * a plain line every half minute, so that a reader sees that it lives. Every report is also the moment at which Ctrl-C takes effect.
 */
final class ProgressLine implements Onlooker.Part {
    private static final int REFRESH_MILLISECONDS = 250;
    private static final Duration BETWEEN_PLAIN_LINES = Duration.ofSeconds(30);

    private final Terminal terminal;
    private final String task;
    private final boolean quiet;
    private final Instant begun;
    private Instant lastSaid;
    private ProgressBar bar;
    private String doing = "";

    /** @param quiet whether the user asked for silence */
    ProgressLine(Terminal terminal, String task, boolean quiet) {
        this.terminal = terminal;
        this.task = task;
        this.quiet = quiet;
        this.begun = terminal.clock().instant();
        this.lastSaid = begun;
    }

    /** @throws Stopped after Ctrl-C */
    @Override
    public void at(int done, int total) {
        terminal.interruption().check();
        if (quiet) {
            return;
        }
        if (terminal.watched()) {
            if (bar == null) {
                bar = bar();
            }
            bar.setExtraMessage(doing);
            bar.maxHint(total);
            bar.stepTo(done);
        } else {
            sayPlainly(done, total);
        }
    }

    @Override
    public void doing(String what) {
        doing = what;
    }

    private void sayPlainly(int done, int total) {
        Instant now = terminal.clock().instant();
        if (done > 0 && done < total && !now.isBefore(lastSaid.plus(BETWEEN_PLAIN_LINES))) {
            lastSaid = now;
            Duration elapsed = Duration.between(begun, now);
            Duration left = Duration.ofMillis(elapsed.toMillis() * (total - done) / done);
            terminal.err()
                    .println(Numbers.format(
                            "%s: %d %% after %s, about %s left%s",
                            task,
                            100L * done / total,
                            clock(elapsed),
                            clock(left),
                            doing.isEmpty() ? "" : "; " + doing));
        }
    }

    private static String clock(Duration time) {
        return Numbers.format("%d:%02d min", time.toMinutes(), time.toSecondsPart());
    }

    private ProgressBar bar() {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REFRESH_MILLISECONDS)
                .setConsumer(new ConsoleProgressBarConsumer(terminal.err(), terminal.width()))
                .clearDisplayOnFinish()
                .build();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
