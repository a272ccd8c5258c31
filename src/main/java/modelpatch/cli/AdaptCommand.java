package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import modelpatch.Installation;
import modelpatch.adapt.Adapt;
import modelpatch.adapt.AdaptDocument;
import modelpatch.adapt.AdaptOptions;
import modelpatch.adapt.Adaptation;
import modelpatch.adapt.SavedAdapter;
import modelpatch.cases.CompositionalCase;
import modelpatch.document.ReportJson;
import modelpatch.export.LoraAdapter;
import modelpatch.guard.Gates;
import modelpatch.guard.PatchedModel;
import modelpatch.repair.Promoted;
import modelpatch.repair.Promotion;
import modelpatch.repair.Repair;
import modelpatch.repair.RepairDocument;
import modelpatch.repair.RepairOptions;
import modelpatch.repair.Surroundings;
import modelpatch.report.AdaptView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch adapt}: adapters for the time of a question. */
@Command(
        name = "adapt",
        header = "Trains adapters for failures while they are asked, and lets them go again.",
        description =
                "Takes the newest findings. An adapter of low rank is trained on demonstrations of the same relations and stands beside"
                        + " the model while it answers; the model is never written. Beside it are asked: the same demonstrations in the"
                        + " prompt, and an adapter of shuffled answers.",
        footer = "  patch adapt --level T1 --scope pair --most 40")
final class AdaptCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Mixin
    FindingsOptions findings;

    @Mixin
    AdapterOptions adapter;

    @Option(
            names = "--case",
            paramLabel = "ID",
            description = "only this failure; several are given one after another (default: all of the report side)")
    List<String> ids = List.of();

    @Option(
            names = "--most",
            paramLabel = "N",
            description = "at most N failures, and N right compositions beside them, drawn by the seed (default: all)")
    Integer most;

    @Option(
            names = "--demonstration",
            paramLabel = "ID",
            description = "a case as a demonstration; several are given one after another (default: drawn)")
    List<String> demonstrations = List.of();

    @Option(
            names = "--demonstrations",
            paramLabel = "N",
            defaultValue = "8",
            description = "demonstrations that are drawn for a pair of relations")
    int perPair;

    @Option(names = "--alpha", paramLabel = "X", defaultValue = "16", description = "alpha of the same")
    double alpha;

    @Option(names = "--direct", description = "also try lessons each alone beside lessons in sequence")
    boolean direct;

    @Option(
            names = "--vote",
            paramLabel = "HOW",
            defaultValue = "none",
            description = "also make one answer of those to several wordings: ${COMPLETION-CANDIDATES}")
    AdaptOptions.Voting vote;

    @Option(names = "--save", paramLabel = "DIR", description = "write the adapter in the files of PEFT")
    Path save;

    @Option(
            names = "--promote",
            paramLabel = "FILE",
            description = "make the adapter a patch file, if the gates of `patch apply` hold")
    Path promote;

    @Mixin
    GatesOption gates;

    @Option(
            names = "--per-set",
            paramLabel = "N",
            defaultValue = "8",
            description = "other cases that the gates ask for each case in each set")
    int perSet;

    @Option(names = "--force", description = "write the patch though a gate failed; its metadata says so")
    boolean force;

    @Option(
            names = "--author",
            paramLabel = "NAME",
            description = "who makes the patch, as the patch file will tell it (default: nobody)")
    String author = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, in words", defaultValue = "a promoted adapter")
    String reason;

    AdaptCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        AdaptOptions options = options();
        Optional<Gates> limits = promote == null ? Optional.empty() : Optional.of(gates.read());
        if (promote != null) {
            Promotion.requireNew(promote);
        }
        if (save != null) {
            Promotion.requireNew(save);
        }
        try (PatchedModel opened = model.open(this)) {
            Repair.Task task = QuestionOptions.task(cases, protocol, model, findings, opened, this);
            Adapt.Result result = new Adapt(task, options, common.threads(), terminal.clock()).run(this);
            Optional<String> folder = Optional.empty();
            Optional<Promoted> promoted = Optional.empty();
            if (options.single()) {
                Adaptation.Trained kept = result.adapters().values().iterator().next();
                folder = Optional.ofNullable(save).map(directory -> {
                    SavedAdapter.write(
                            opened,
                            kept.adapter(),
                            ReportJson.mapper().valueToTree(options.recipe()),
                            common.seed,
                            terminal.clock().instant(),
                            directory);
                    return directory.toString();
                });
                promoted = limits.map(one -> promoted(task, result, kept, one));
            }
            AdaptDocument document = result.document().kept(folder, promoted);
            Answer answer = new Answer(
                    document,
                    () -> AdaptView.text(document) + "\n" + last(document),
                    document.promoted().filter(Promoted::failed).isPresent() ? 1 : 0);
            Optional<Hint> show = document.promoted().flatMap(Promoted::file).map(Hint.of("show")::on);
            Optional<Hint> use = folder.map(saved -> Hint.after(spec, "import").with("--lora", saved));
            return show.or(() -> use).map(answer::next).orElse(answer);
        }
    }

    private AdaptOptions options() {
        return new AdaptOptions(
                adapter.level,
                adapter.scope,
                adapter.recipe(alpha, common.seed),
                ids,
                most == null ? OptionalInt.empty() : OptionalInt.of(most),
                demonstrations,
                perPair,
                vote,
                direct,
                save != null || promote != null);
    }

    private Promoted promoted(Repair.Task task, Adapt.Result result, Adaptation.Trained kept, Gates limits) {
        Map.Entry<String, List<CompositionalCase>> asked =
                result.cases().entrySet().iterator().next();
        List<CompositionalCase> failures = asked.getValue().stream()
                .filter(one -> task.findings().find(one.id()).isPresent())
                .toList();
        RepairOptions judged = new RepairOptions(
                List.of(),
                false,
                OptionalInt.empty(),
                false,
                modelpatch.repair.Wishes.NONE,
                limits,
                perSet,
                gates.evidence(false),
                1,
                1,
                common.seed);
        Surroundings around = Surroundings.of(Installation.here(), Installation.cache());
        Promotion.Origin origin = new Promotion.Origin(
                "adapter", ReportJson.mapper().valueToTree(recordedOptions()), author, reason, force);
        return new Promotion(task, judged, around, terminal.clock())
                .promote(
                        LoraAdapter.deltas(kept.adapter(), task.model().base().layout()),
                        failures,
                        promote,
                        origin,
                        this);
    }

    private static String last(AdaptDocument document) {
        String saved =
                document.saved().map(folder -> "written: " + folder + "; ").orElse("");
        if (document.promoted().isPresent()) {
            Promoted promoted = document.promoted().get();
            return saved
                    + promoted.file()
                            .map(file -> "the gates "
                                    + (promoted.verdict().equals(RepairDocument.PASSED) ? "hold" : "do not hold")
                                    + "; written: " + file)
                            .orElse(
                                    promoted.verdict().equals(RepairDocument.UNDECIDED)
                                            ? "undecided: a gate rests on too few items; no patch was written"
                                            : "a gate failed; no patch was written");
        }
        return document.saved()
                .map(folder -> "written: " + folder)
                .orElse(
                        "nothing was written, the model is as it was; patch adapt --scope shared --promote FILE keeps it");
    }
}
