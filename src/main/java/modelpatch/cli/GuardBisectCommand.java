package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.evaluate.Progress;
import modelpatch.guard.Bisection;
import modelpatch.guard.GuardedCase;
import modelpatch.guard.GuardedSet;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.RegressionSuite;
import modelpatch.guard.SuiteResult;
import modelpatch.guard.SuiteRunner;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;
import modelpatch.report.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guard bisect}: which patch breaks a case. */
@Command(
        name = "bisect",
        header = "Finds which patch of a stack breaks a case.",
        description =
                "By halves over the lower parts of the stack, and the answer is checked: the stack without that patch must hold."
                        + " Where it does not, several patches work together, and the smallest sets of them are found by trying all.",
        footer = "  patch guard bisect --patch a.patch.safetensors b.patch.safetensors --suite eval/a.yaml")
final class GuardBisectCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Option(names = "--suite", paramLabel = "FILE", required = true, description = "the suite of the case")
    Path suite;

    @Option(
            names = "--case",
            paramLabel = "ID",
            description =
                    "the case; several are given one after another (default: every case that fails on the whole stack)")
    List<String> ids = List.of();

    @Option(names = "--most-runs", paramLabel = "N", defaultValue = "4096", description = "stacks to try for one case")
    int mostRuns;

    GuardBisectCommand(Terminal terminal) {
        super(terminal);
    }

    /**
     * One case.
     *
     * @param culprits the smallest sets of patches, ids, without which the rest of the stack holds
     * @param monotone whether halves were enough
     * @param verdict broken by patches, broken on the base, or holds
     */
    record Bisected(String set, String id, String verdict, boolean monotone, List<List<String>> culprits, int runs) {}

    /** What {@code --json} prints. */
    record BisectDocument(List<String> patches, List<Bisected> cases) {}

    @Override
    Answer answer() {
        RegressionSuite asked = RegressionSuite.read(suite);
        List<Bisected> found = new ArrayList<>();
        List<String> patches;
        try (PatchedModel opened = model.open(this);
                ProgressLine progress = begin("cases")) {
            List<WeightPatch> stack = opened.stack().patches();
            patches = stack.stream().map(WeightPatch::id).toList();
            if (stack.isEmpty()) {
                throw new BadInput("no patches", "--patch", "the stack, lowest first", "none", "give --patch FILE ...");
            }
            Map<GuardedSet, List<GuardedCase>> cases = cases(asked, opened);
            int total = cases.values().stream().mapToInt(List::size).sum();
            cases.forEach((set, all) -> all.forEach(one -> {
                progress.at(found.size(), total);
                found.add(bisected(asked, set, one, opened));
            }));
        }
        boolean broken = found.stream().anyMatch(one -> !one.verdict().equals("holds"));
        BisectDocument document = new BisectDocument(patches, found);
        return new Answer(document, () -> text(document), broken ? 1 : 0);
    }

    private Map<GuardedSet, List<GuardedCase>> cases(RegressionSuite asked, PatchedModel opened) {
        Map<GuardedSet, List<GuardedCase>> cases = new LinkedHashMap<>();
        SuiteResult whole = ids.isEmpty() ? run(asked, opened.base(), opened.stack()) : null;
        for (GuardedSet set : asked.sets()) {
            List<GuardedCase> chosen = set.cases().stream()
                    .filter(one -> whole == null
                            ? ids.contains(one.id())
                            : whole.failing().stream()
                                    .anyMatch(failing -> failing.set().equals(set.title())
                                            && failing.id().equals(one.id())))
                    .toList();
            if (!chosen.isEmpty()) {
                cases.put(set, chosen);
            }
        }
        ids.stream()
                .filter(id -> cases.values().stream()
                        .flatMap(List::stream)
                        .noneMatch(one -> one.id().equals(id)))
                .findFirst()
                .ifPresent(id -> {
                    throw new BadInput(
                            "no such case", "--case " + id, "the id of a case of " + suite, "none", "check it");
                });
        return cases;
    }

    private Bisected bisected(RegressionSuite asked, GuardedSet set, GuardedCase one, PatchedModel opened) {
        List<WeightPatch> stack = opened.stack().patches();
        RegressionSuite single = asked.only(set, one);
        Bisection bisection = new Bisection(
                stack.size(),
                kept -> run(
                                single,
                                opened.base(),
                                PatchStack.of(kept.stream().mapToObj(stack::get).toList()))
                        .failing()
                        .isEmpty());
        Bisection.Found result = bisection.search(mostRuns);
        String verdict =
                !result.culprits().isEmpty() ? "broken" : bisection.baseHolds() ? "holds" : "fails on the base";
        return new Bisected(
                set.title(),
                one.id(),
                verdict,
                result.monotone(),
                result.culprits().stream()
                        .map(culprits -> culprits.stream()
                                .map(patch -> stack.get(patch).id())
                                .toList())
                        .toList(),
                result.runs());
    }

    private SuiteResult run(RegressionSuite suite, LanguageModel base, PatchStack stack) {
        SuiteRunner runner = new SuiteRunner(terminal.clock(), Progress.UNWATCHED);
        if (stack.isEmpty()) {
            return runner.run(suite, new PatchedModel(base, stack, base).target(Optional.empty()));
        }
        try (LanguageModel patched = base.with(stack.weights(base.checkpoint()))) {
            return runner.run(suite, new PatchedModel(base, stack, patched).target(Optional.empty()));
        }
    }

    private static String text(BisectDocument document) {
        if (document.cases().isEmpty()) {
            return "no case of the suite fails on this stack";
        }
        Table table = Table.of("case", "verdict", "patches to blame", "how", "stacks run>");
        for (Bisected one : document.cases()) {
            String culprits = String.join(
                    " or ",
                    one.culprits().stream()
                            .map(ids -> String.join(
                                    " with ",
                                    ids.stream().map(id -> id.substring(0, 12)).toList()))
                            .toList());
            table.row(
                    one.set() + ": " + one.id(),
                    one.verdict(),
                    culprits,
                    one.monotone() ? "halves, checked" : "all sets",
                    one.runs());
        }
        return table + "\n\nnext: patch revert ID takes a patch off; patch guard run shows what then holds";
    }
}
