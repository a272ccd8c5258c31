package modelpatch.cli;

import java.nio.file.Path;
import modelpatch.BadInput;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.FewShot;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.guard.PatchedModel;

/** What a command asks of a model, and how. */
final class QuestionOptions {
    private QuestionOptions() {}

    /** What the options name, or as many of its cases as were asked for. */
    static Questions questions(
            CaseOptions cases,
            ProtocolOptions protocol,
            ModelOptions model,
            PatchedModel opened,
            long seed,
            Subcommand command) {
        Questions all = all(cases, protocol, model, opened, seed, command);
        return new Questions(all.asked().with(suite -> cases.sampled(suite, seed)), all.deciding());
    }

    /** All that the options name. Cases of a suite file that a demonstration names something of are left out, with a remark. */
    static Questions all(
            CaseOptions cases,
            ProtocolOptions protocol,
            ModelOptions model,
            PatchedModel opened,
            long seed,
            Subcommand command) {
        AskedSuite all = cases.asked(model, opened, seed);
        Protocol deciding = protocol.deciding(model.embedded(), opened.model(), all.suite(), command);
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
