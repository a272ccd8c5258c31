package modelpatch.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import modelpatch.evaluate.Progress;

/**
 * How far a long piece of work has come: one line on stderr with the time that is left, gone when the work is done, and never there where
 * nobody watches. Every report is also the moment at which Ctrl-C takes effect.
 */
final class ProgressLine implements Progress, AutoCloseable {
    private static final int REFRESH_MILLISECONDS = 250;

    private final Terminal terminal;
    private final String task;
    private final boolean shown;
    private ProgressBar bar;

    /** @param quiet whether the user asked for silence */
    ProgressLine(Terminal terminal, String task, boolean quiet) {
        this.terminal = terminal;
        this.task = task;
        this.shown = terminal.watched() && !quiet;
    }

    /** @throws Interruption.Stopped after Ctrl-C */
    @Override
    public void at(int done, int total) {
        terminal.interruption().check();
        if (shown) {
            if (bar == null) {
                bar = bar();
            }
            bar.maxHint(total);
            bar.stepTo(done);
        }
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
