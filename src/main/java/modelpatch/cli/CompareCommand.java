package modelpatch.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.adapt.AdaptOptions;
import modelpatch.adapt.AdaptRecipe;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.ReportJson;
import modelpatch.guard.PatchedModel;
import modelpatch.guide.OpenGuider;
import modelpatch.guide.Strength;
import modelpatch.remedy.Compare;
import modelpatch.remedy.CompareEditors;
import modelpatch.remedy.RemedyTable;
import modelpatch.repair.Repair;
import modelpatch.repair.RepairOptions;
import modelpatch.repair.Surroundings;
import modelpatch.report.RemedyView;
import modelpatch.thinking.Mode;
import modelpatch.thinking.ThinkingPlan;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch compare}: remedies on the same failing and control cases. */
@Command(
        name = "compare",
        header = "Compares remedies on the same failures and the same controls: what each corrects, breaks and costs.",
        description =
                "Takes the newest findings. Every remedy is judged on the failures of the report side, their paraphrases, siblings and"
                        + " other questions about the same bridge, and on controls that must stay right. Nothing is written but the report."
                        + " After Ctrl-C the remedies that were judged are shown.",
        footer = {
            "  patch compare --remedies none,slow,icl,backpatch,patch:patches/P.patch.safetensors --most 60",
            "  patch compare --remedies none,adapt,guide --level T4 --guider-base run/base --guider run/guider",
            "  patch compare --config configs/editors.yaml --report editors"
        })
final class CompareCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Mixin
    FindingsOptions findings;

    @Mixin
    ApplyOptions edit;

    @Option(
            names = "--remedies",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "none,slow,icl,creme,backpatch",
            description =
                    "none, slow (hop by hop), icl (demonstrations), creme (the patch of patch apply), adapt (adapters for the"
                            + " failures, see patch adapt), guide (the logits of --guider, see patch guide), backpatch (later states"
                            + " into earlier layers), patch:FILE (a patch that is there)")
    List<String> remedies;

    @Option(
            names = "--editors",
            paramLabel = "NAME",
            split = ",",
            description =
                    "editors instead of remedies, as --method names them: each gives every failure its own patch, judged alone, the tables"
                            + " pooled; plans are chosen on the choose side")
    List<String> editors = List.of();

    @Option(
            names = "--most",
            paramLabel = "N",
            defaultValue = "60",
            description = "failures on each side at most, drawn by the seed")
    int most;

    @Option(
            names = "--demonstrations",
            paramLabel = "N",
            defaultValue = "8",
            description = "compositions with their answers that icl shows, and adapt for each pair of relations")
    int demonstrations;

    @Mixin
    AdapterOptions adapter;

    @ArgGroup(exclusive = false, multiplicity = "0..1")
    GuideOptions guide;

    @Option(
            names = "--thinking",
            paramLabel = "FILE",
            description = "where the slow mode is from (default: configs/thinking.yaml of this project)",
            showDefaultValue = Visibility.NEVER)
    Path plan;

    @Option(names = "--output", paramLabel = "FILE", description = "write the report as JSON")
    Path output;

    @Mixin
    ReportOption report;

    CompareCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        ThinkingPlan thinking =
                ThinkingPlan.read(plan == null ? Installation.here().config("thinking.yaml") : plan);
        Mode slow = thinking.slow().stream()
                .filter(mode -> mode.kind() == Mode.Kind.HOPS)
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "no slow mode by hops", "--thinking", "one of kind: hops", "none", "add one to the file"));
        Optional<Strength> strength = Optional.ofNullable(guide).map(GuideOptions::strength);
        RepairOptions repair = new RepairOptions(
                List.of(),
                false,
                OptionalInt.of(most),
                false,
                edit.wishes(),
                edit.gates(),
                edit.perSet,
                edit.evidence(false),
                edit.searchCases(false),
                edit.finalists,
                common.seed);
        LongSupplier clock = processorTime();
        try (PatchedModel opened = model.open(this);
                Interruption.Scope keeping = terminal.interruption().keepingPartialResults()) {
            long begun = clock.getAsLong();
            try (OpenGuider guider = guide == null ? null : guide.open(opened.model(), guide.guider, common)) {
                Optional<Compare.Guidance> guidance = Optional.ofNullable(guider)
                        .map(one -> new Compare.Guidance(
                                one.beside(opened.model(), strength.orElseThrow(), guide.mapTokens),
                                (clock.getAsLong() - begun) / 1e9));
                Compare.Options options = new Compare.Options(
                        remedies, slow, demonstrations, training(), guidance, repair.gates(), common.seed);
                Repair.Task task = QuestionOptions.task(cases, protocol, model, findings, opened, this);
                Surroundings around = Surroundings.of(Installation.here(), Installation.cache());
                RemedyTable table = editors.isEmpty()
                        ? new Compare(task, repair, around, options, clock, this).run(resolvedOptions())
                        : new CompareEditors(task, repair, around, editors, clock, this).run(resolvedOptions());
                if (output != null) {
                    AtomicFile.write(output, out -> ReportJson.mapper().writeValue(out, table));
                }
                String kept = table.complete() ? "" : "interrupted: these are the remedies that were judged\n";
                String written = output == null ? "--output FILE keeps this table" : "written: " + output;
                Answer answer = new Answer(
                                table,
                                () -> RemedyView.text(table) + "\n\n" + kept + written,
                                table.complete() ? 0 : Interruption.EXIT_CODE)
                        .next(Hint.after(spec, "apply")
                                .with("--findings", findings.resolve())
                                .because("a permanent patch"));
                return report.of(
                        answer,
                        (editors.isEmpty() ? "Remedies" : "Editors") + " side by side on "
                                + opened.base().name(),
                        Path.of(task.source()).getFileName().toString(),
                        page -> RemedyView.plotted(page, table));
            }
        }
    }

    private Optional<Compare.Training> training() {
        return remedies.contains(Compare.ADAPT)
                ? Optional.of(new Compare.Training(
                        AdaptOptions.of(
                                adapter.level,
                                adapter.scope,
                                adapter.recipe(AdaptRecipe.USUAL_ALPHA, common.seed),
                                demonstrations),
                        common.threads()))
                : Optional.empty();
    }

    /** Nanoseconds of the processor's time that this process has had, in all its threads. */
    private static LongSupplier processorTime() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return system::getProcessCpuTime;
    }
}
