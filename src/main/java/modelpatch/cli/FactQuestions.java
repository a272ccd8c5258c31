package modelpatch.cli;

import java.util.List;
import modelpatch.BadInput;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.cases.Relations;
import modelpatch.cases.SuiteRecipe;
import modelpatch.cases.TypedFact;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.guard.PatchedModel;

/**
 * What is asked where facts are taught: every single fact that the options name, with the taught ones among them.
 *
 * @param facts that are taught
 */
record FactQuestions(Questions questions, List<Fact> facts) {
    /** @throws BadInput where a fact cannot be read, or the demonstrations name something of it */
    static FactQuestions of(
            List<String> typed,
            CaseOptions cases,
            ProtocolOptions protocol,
            ModelOptions model,
            PatchedModel opened,
            Subcommand command) {
        Background known = known(cases, model, opened, command.common.seed);
        List<Fact> facts = typed.stream()
                .map(one -> TypedFact.parse(one, known.relations()))
                .toList();
        FactTable all = known.facts().teaching(facts);
        CaseSuite suite =
                CaseSuite.compose(all, known.relations(), known.names(), new SuiteRecipe(1, 1, command.common.seed));
        Protocol deciding = protocol.deciding(model.embedded(), opened.model(), suite, cases, command);
        List<String> leaks = deciding.fewShot().leaks(FactTable.of(facts), known.names());
        if (!leaks.isEmpty()) {
            throw new BadInput(
                    "demonstrations that name something of the fact",
                    "--few-shot " + deciding.fewShot().id(),
                    "sentences about others",
                    leaks.get(0),
                    "use other demonstrations, or --few-shot none");
        }
        return new FactQuestions(
                new Questions(AskedSuite.of(suite, new Background(all, known.relations(), known.names())), deciding),
                facts);
    }

    /** The facts that must stay, however they join. */
    private static Background known(CaseOptions cases, ModelOptions model, PatchedModel opened, long seed) {
        if (cases.facts == null) {
            return cases.asked(model, opened, seed).background();
        }
        Relations relations = Relations.read(cases.relationsFile());
        EntityNames names = EntityNames.beside(cases.relationsFile());
        return new Background(FactTable.read(cases.facts), relations, names);
    }
}
