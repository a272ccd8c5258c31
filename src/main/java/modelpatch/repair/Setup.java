package modelpatch.repair;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SuiteSplit;
import modelpatch.cases.TemplateSplit;
import modelpatch.edit.EstimatedMoments;
import modelpatch.edit.Forecast;
import modelpatch.edit.PromptMaker;
import modelpatch.edit.SecondMomentCache;
import modelpatch.edit.Workbench;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.EditProbes;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.KeptContinuations;
import modelpatch.evaluate.Knowledge;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.Findings;
import modelpatch.locate.WrongBridges;
import modelpatch.model.LanguageModel;

/**
 * The parts that an edit takes, put together for one model, suite and findings.
 *
 * @param suite the suite of the findings
 * @param background of the suite's entities
 * @param found what the cases were found by; empty where somebody named them
 * @param seed decides which other cases are asked and held
 * @param modelDigest names the model that is edited, with the patches below
 */
record Setup(
        CaseSuite suite,
        Background background,
        Optional<Findings> found,
        long seed,
        Protocol protocol,
        Patcher patcher,
        EditProbes test,
        Forecast forecast,
        String modelDigest) {
    private static final int DRIFT_PROMPTS = 60;
    private static final int BORROWED_CONTEXTS = 9;
    private static final int DRAWS = 2000;

    /** @param moments progress of estimating second moments */
    static Setup of(Repair.Task task, RepairOptions options, Surroundings around, Progress moments) {
        Findings findings = task.findings();
        requireSame(findings, task.questions().asked().suite(), task.questions().deciding());
        return of(
                task.model(),
                task.questions(),
                Optional.of(findings),
                findings.split().composed(),
                findings.seed(),
                options,
                around,
                moments);
    }

    /**
     * The parts for cases that somebody named.
     *
     * @param composed by the id of a case, whether its composition is right, as far as that is known
     */
    static Setup of(
            PatchedModel model,
            Questions questions,
            Optional<Findings> found,
            Map<String, Boolean> composed,
            long seed,
            RepairOptions options,
            Surroundings around,
            Progress moments) {
        Protocol protocol = questions.deciding();
        CaseSuite suite = questions.asked().suite();
        LanguageModel base = model.base();
        Examiner before = new Examiner(
                base,
                protocol,
                Examiner.DEFAULT_BATCH,
                KeptContinuations.in(around.cache().resolve("continuations"), model.baseIdentity(), protocol));
        Knowledge knowledge = new Knowledge(before, composed);
        PromptMaker plain =
                new PromptMaker(suite, protocol.form(), knowledge, base.parameters(), List.of("{}"), List.of(), seed);
        List<String> contexts = contexts(around.contexts(), base, plain);
        PromptMaker prompts = new PromptMaker(
                suite,
                protocol.form(),
                knowledge,
                base.parameters(),
                contexts,
                mentions(around.mentions(), base),
                seed);
        EstimatedMoments estimated = new EstimatedMoments(
                model.model(),
                model.digest(),
                protocol,
                prompts,
                SecondMomentCache.at(around.cache().resolve("moments")));
        Workbench editor = new Workbench(model.model(), protocol, estimated::of, moments);
        Judge judge = new Judge(
                before,
                knowledge,
                suite,
                options.gates(),
                DriftMeter.of(base, around.canary(), () -> prompts.generic(DRIFT_PROMPTS, true)),
                new ClusterBootstrap(DRAWS, seed),
                earlier(model, suite));
        EditProbes validation = new EditProbes(protocol.form(), TemplateSplit.VALIDATION, options.perSet(), seed);
        EditProbes test = new EditProbes(protocol.form(), TemplateSplit.TEST, options.perSet(), seed);
        Patcher patcher = new Patcher(
                base, model.stack(), editor, judge, prompts, validation, test, contexts, options.evidence());
        return new Setup(
                suite,
                questions.asked().background(),
                found,
                seed,
                protocol,
                patcher,
                test,
                new Forecast(editor, protocol, suite, prompts),
                model.digest());
    }

    /** What the cases were found by. */
    Findings findings() {
        return found.orElseThrow(() -> new IllegalStateException("cases that nobody has found"));
    }

    private static void requireSame(Findings findings, CaseSuite suite, Protocol protocol) {
        if (!findings.protocol().equals(protocol.identity())) {
            throw new BadInput(
                    "findings under another protocol",
                    "--findings",
                    findings.protocol(),
                    protocol.identity(),
                    "give the same --protocol, --few-shot and --new-tokens as for `patch find`");
        }
        findings.failures().stream()
                .filter(failure -> suite.find(failure.id()).isEmpty())
                .findFirst()
                .ifPresent(missing -> {
                    throw new BadInput(
                            "findings of another suite",
                            "--findings",
                            "a case " + missing.id(),
                            suite.cases().size() + " cases without it",
                            "give the same --facts, --suite, --relations and --hops as for `patch find`");
                });
    }

    private static List<String> mentions(Path file, LanguageModel model) {
        return slotted(file).stream().filter(line -> canWrite(model, line)).toList();
    }

    /** The texts of a file; sentences of the suite where the vocabulary cannot write those. */
    private static List<String> contexts(Path file, LanguageModel model, PromptMaker prompts) {
        List<String> lines = slotted(file);
        if (lines.stream().allMatch(line -> canWrite(model, line))) {
            return lines;
        }
        List<String> borrowed = new ArrayList<>(List.of("{}"));
        prompts.generic(BORROWED_CONTEXTS, true).forEach(sentence -> borrowed.add(sentence + " {}"));
        return borrowed;
    }

    private static boolean canWrite(LanguageModel model, String line) {
        return DriftMeter.canWrite(model, line.replace("{}", "").strip());
    }

    /** The lines of a file that have a slot. */
    private static List<String> slotted(Path file) {
        try {
            return Files.readString(file)
                    .lines()
                    .filter(line -> line.contains("{}"))
                    .toList();
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }

    /** The cases that the patches below had repaired, as far as the suite knows them. */
    private static List<CompositionalCase> earlier(PatchedModel model, CaseSuite suite) {
        return model.stack().patches().stream()
                .flatMap(patch -> patch.provenance().cases().stream())
                .distinct()
                .flatMap(id -> suite.find(id).stream())
                .toList();
    }

    CompositionalCase find(String id) {
        return suite.find(id).orElseThrow();
    }

    Set<String> reportIds() {
        Set<String> ids = new HashSet<>();
        suite.cases(SuiteSplit.REPORT).forEach(one -> ids.add(one.id()));
        return ids;
    }

    /** Controls for repairs, towards guides whose last hop the model knows. */
    Controls controls() {
        WrongBridges wrong = new WrongBridges(
                suite, background, findings().split().composed().keySet(), seed);
        return new Controls(patcher, findings(), wrong::of, test);
    }
}
