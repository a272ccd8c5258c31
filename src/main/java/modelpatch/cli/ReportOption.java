package modelpatch.cli;

import java.nio.file.Path;
import java.util.function.UnaryOperator;
import modelpatch.report.Page;
import picocli.CommandLine.Option;

/** Whether what was found is also written as a page. */
final class ReportOption {
    @Option(
            names = "--report",
            paramLabel = "DIR",
            description =
                    "also write a page to look at, DIR/index.html, which needs no network, and its figures as SVG")
    Path directory;

    /** The answer, with its page written where that was asked for. */
    Answer of(Answer answer, String title, String lead) {
        return of(answer, title, lead, page -> page);
    }

    /** The same with figures. */
    Answer of(Answer answer, String title, String lead, UnaryOperator<Page> figures) {
        return directory == null
                ? answer
                : written(
                        answer,
                        figures.apply(Page.ofText(title, lead, answer.text().get())));
    }

    /** The answer, which says where the page lies. */
    Answer written(Answer answer, Page page) {
        Path file = page.write(directory);
        return new Answer(
                answer.document(), () -> answer.text().get() + "\npage: " + file, answer.exitCode(), answer.hints());
    }
}
