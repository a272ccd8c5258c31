package modelpatch.cli;

import java.nio.file.Path;
import modelpatch.BadInput;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.FewShot;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.Findings;
import modelpatch.repair.Repair;
import modelpatch.thinking.SlowLabels;

/** What a command asks of a model, and how. */
final class QuestionOptions {
    private QuestionOptions() {}

    /**
     * What was found on an open model, with the questions that it was found by: all cases that the options name, as a remedy may be judged by
     * others than those that were asked to find the failures.
     */
    static Repair.Task task(
            CaseOptions cases,
            ProtocolOptions protocol,
            ModelOptions model,
            FindingsOptions findings,
            PatchedModel opened,
            Subcommand command) {
        Findings found = findings.read(opened.base());
        cases.requireSampleOf(found);
        Questions questions = every(cases, protocol, model, opened, found.seed(), command);
        return new Repair.Task(opened, questions, found, findings.resolve().toString());
    }

    /** What the options name, or as many of its cases as were asked for. */
    static Questions questions(
            CaseOptions cases,
            ProtocolOptions protocol,
            ModelOptions model,
            PatchedModel opened,
            long seed,
            Subcommand command) {
        Questions gold = gold(cases, protocol, model, opened, seed, command);
        Questions some = new Questions(gold.asked().with(suite -> cases.sampled(suite, seed)), gold.deciding());
        return labelled(cases, some, opened, seed, command);
    }

    /** All that the options name, by the answers that they ask for. */
    static Questions every(
            CaseOptions cases,
            ProtocolOptions protocol,
            ModelOptions model,
            PatchedModel opened,
            long seed,
            Subcommand command) {
        return labelled(cases, gold(cases, protocol, model, opened, seed, command), opened, seed, command);
    }

    private static Questions labelled(
            CaseOptions cases, Questions gold, PatchedModel opened, long seed, Subcommand command) {
        if (cases.labels == CaseOptions.Labels.GOLD) {
            return gold;
        }
        SlowLabels labels = SlowLabels.of(opened.base(), gold, seed, command);
        command.remark(labels.asked().suite().cases().size() + " of " + labels.cases()
                + " cases have an answer of the model's own on which two wordings agree");
        if (labels.asked().suite().cases().isEmpty()) {
            throw new BadInput(
                    "no answers of the model's own",
                    "--labels slow",
                    "a case whose hops it answers alike in two wordings",
                    "none of " + labels.cases(),
                    "use --labels gold, or another model");
        }
        return new Questions(labels.asked(), gold.deciding());
    }

    /**
     * All that the options name, by the answers of the cases, whosever they ask for. Cases of a suite file that a demonstration names something
     * of are left out, with a remark.
     */
    static Questions gold(
            CaseOptions cases,
            ProtocolOptions protocol,
            ModelOptions model,
            PatchedModel opened,
            long seed,
            Subcommand command) {
        AskedSuite all = cases.asked(model, opened, seed);
        Protocol deciding = protocol.deciding(model.embedded(), opened.model(), all.suite(), cases, command);
        if (cases.facts != null) {
            protocol.requireNoLeaks(deciding.fewShot(), cases);
        }
        AskedSuite untold = cases.suite == null ? all : untold(all, deciding.fewShot(), cases.suite, command);
        return new Questions(untold, deciding);
    }

    private static AskedSuite untold(AskedSuite all, FewShot demonstrations, Path source, Subcommand command) {
        AskedSuite untold = all.untoldBy(demonstrations);
        int cases = all.suite().cases().size();
        int told = cases - untold.suite().cases().size();
        if (told == cases) {
            throw new BadInput(
                    "demonstrations that give answers away",
                    "--few-shot " + demonstrations.id(),
                    "sentences that name nothing of the cases",
                    "something of all " + told + " cases of " + source,
                    "use other demonstrations, or --few-shot none");
        }
        if (told > 0) {
            command.remark(source + ": " + told + " of " + cases + " cases are left out, because the demonstrations of "
                    + demonstrations.id() + " name something of them");
        }
        return untold;
    }
}
