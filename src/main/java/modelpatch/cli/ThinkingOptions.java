package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.cases.FewShot;
import modelpatch.evaluate.Questions;
import modelpatch.guard.PatchedModel;
import modelpatch.report.ThinkingView;
import modelpatch.thinking.Anchoring;
import modelpatch.thinking.Decouple;
import modelpatch.thinking.Decoupling;
import modelpatch.thinking.Mode;
import modelpatch.thinking.Reading;
import modelpatch.thinking.ThinkingPlan;
import modelpatch.thinking.ThinkingReport;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Fast and slow answers, and hints, in place of the usual evaluation. */
final class ThinkingOptions {
    @Option(
            names = "--decouple",
            description = "ask every case fast and slowly: what thinking adds, what it breaks, where it pays")
    boolean decouple;

    @Option(
            names = "--anchor",
            description =
                    "ask every case with hints before it, wrong, right, irrelevant, the bridge, the shortcut: how far "
                            + "they pull; with --patch, before and after it")
    boolean anchor;

    @Option(
            names = "--thinking",
            paramLabel = "FILE",
            description = "fast and slow prompts, hints and options (default: configs/thinking.yaml of this project)",
            showDefaultValue = Visibility.NEVER)
    Path plan;

    @Option(
            names = "--slow",
            paramLabel = "ID",
            split = ",",
            description = "slow modes of that file, by name (default: its first)",
            showDefaultValue = Visibility.NEVER)
    List<String> slow = List.of();

    @Option(
            names = "--reading",
            paramLabel = "KIND",
            defaultValue = "generated",
            description = "how answers are read after fast and slow thinking: ${COMPLETION-CANDIDATES}")
    Reading reading;

    @Option(
            names = "--also-model",
            paramLabel = "MODEL",
            split = ",",
            description = "with --decouple: further models to ask the same cases, shown by size")
    List<String> others = List.of();

    boolean asked() {
        return decouple || anchor;
    }

    /** @param output the report's file, or null */
    Answer answer(CaseOptions cases, ProtocolOptions protocol, ModelOptions model, Path output, Subcommand command) {
        if (decouple && anchor) {
            throw new BadInput("two questions at once", "--decouple, --anchor", "one of them", "both", "leave one out");
        }
        ThinkingPlan read = ThinkingPlan.read(plan == null ? Installation.here().config("thinking.yaml") : plan);
        List<Mode> modes = slow.isEmpty()
                ? List.of(read.slow().get(0))
                : slow.stream().map(id -> read.slow(id, "--slow")).toList();
        requireNoLeaks(modes, cases, protocol);
        List<Decoupling> decoupled = new ArrayList<>();
        List<Anchoring> anchored = new ArrayList<>();
        List<ModelOptions> models = new ArrayList<>(List.of(model));
        others.forEach(other -> models.add(model.another(other)));
        for (ModelOptions one : models) {
            try (PatchedModel opened = one.open(command)) {
                Questions questions =
                        QuestionOptions.questions(cases, protocol, one, opened, command.common.seed, command);
                Decouple use =
                        new Decouple(questions, read, reading, protocol.known(one.embedded()), command.common.seed);
                if (decouple) {
                    decoupled.addAll(use.of(opened, modes, command));
                } else {
                    anchored.addAll(use.anchored(opened.base(), false, modes.get(0), command));
                    if (!opened.stack().isEmpty()) {
                        anchored.addAll(use.anchored(opened.model(), true, modes.get(0), command));
                    }
                }
            }
        }
        decoupled.sort(Comparator.comparingLong(Decoupling::parameters));
        ThinkingReport report = new ThinkingReport(command.resolvedOptions(), command.common.seed, decoupled, anchored);
        Optional.ofNullable(output).ifPresent(report::write);
        String written = output == null ? "--output FILE keeps every reply" : "written: " + output;
        return Answer.of(report, () -> ThinkingView.text(report) + "\n\n" + written)
                .next(Hint.after(command.spec, "find").because("why compositions fail"));
    }

    private static void requireNoLeaks(List<Mode> modes, CaseOptions cases, ProtocolOptions protocol) {
        if (cases.facts != null) {
            for (Mode mode : modes) {
                Optional<FewShot> shown = mode.demonstrations();
                shown.ifPresent(one -> protocol.requireNoLeaks(one, cases));
            }
        }
    }
}
