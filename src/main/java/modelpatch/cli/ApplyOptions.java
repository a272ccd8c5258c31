package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.edit.EditPlan;
import modelpatch.edit.EditedMatrix;
import modelpatch.edit.Method;
import modelpatch.model.HeadAddress;
import picocli.CommandLine.Option;

/** How an edit is made, and what it must keep. */
final class ApplyOptions {
    static final String AUTO = "auto";

    @Option(
            names = "--method",
            paramLabel = "NAME",
            defaultValue = AUTO,
            description =
                    "creme-paper, creme-protected, creme-templates, spread-residual or spread-restoring; auto tries them on"
                            + " choose cases")
    String method;

    @Option(
            names = "--layers",
            paramLabel = "N",
            split = ",",
            description = "the layers that are edited (default: those of the findings)")
    List<Integer> layers = List.of();

    @Option(
            names = "--matrix",
            paramLabel = "NAME",
            description =
                    "what is edited of a layer: W_O, where attention writes, or W_down, where the MLP does (default: W_O with"
                            + " --layers or --heads, else what the search finds)")
    String matrix;

    @Option(
            names = "--heads",
            paramLabel = "LxHy",
            split = ",",
            description = "edit only the columns of these heads, such as L5H3")
    List<String> heads = List.of();

    @Option(
            names = "--lambda",
            paramLabel = "X",
            description = "weight of the second moment (default: the method's own)")
    Double lambda;

    @Option(names = "--ridge", paramLabel = "X", description = "weight of the identity (default: the method's own)")
    Double ridge;

    @Option(
            names = "--scale",
            paramLabel = "X",
            description = "share of the way to the target (default: the method's own)")
    Double scale;

    @Option(
            names = "--hold",
            paramLabel = "X",
            description = "factor of the weights with which other prompts are held (default: 1; more for many cases)")
    Double hold;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description =
                    "how often the edit is solved, each time with more weight on what the last one missed (default: 1; 3"
                            + " for many cases)")
    Integer rounds;

    @Option(
            names = "--relations-along",
            paramLabel = "N",
            description =
                    "how many other questions about the same bridge are moved along with a case, and then not scored"
                            + " (default: the method's own)")
    Integer relations;

    @Option(
            names = "--gates",
            paramLabel = "FILE",
            description = "limits on harm and drift (default: configs/gates.yaml)")
    Path gates;

    @Option(
            names = "--per-set",
            paramLabel = "N",
            defaultValue = "8",
            description = "other cases that are asked for each edited case in each set")
    int perSet;

    @Option(
            names = "--search-cases",
            paramLabel = "N",
            defaultValue = "10",
            description = "failures of the choose side that the search tries its plans on")
    int searchCases;

    @Option(
            names = "--finalists",
            paramLabel = "N",
            defaultValue = "10",
            description = "plans that the search tries out")
    int finalists;

    List<HeadAddress> addresses() {
        if (!heads.isEmpty() && !layers.isEmpty()) {
            throw new BadInput(
                    "where to edit", "--layers, --heads", "one of them", "both", "heads name their layers themselves");
        }
        if (!heads.isEmpty() && matrix().filter(EditedMatrix.W_DOWN::equals).isPresent()) {
            throw new BadInput(
                    "where to edit", "--heads, --matrix", "heads of W_O", "heads and " + matrix, "leave one out");
        }
        return heads.stream().map(HeadAddress::parse).toList();
    }

    Optional<EditedMatrix> matrix() {
        return Optional.ofNullable(matrix).map(EditedMatrix::named);
    }

    /** @param jointly whether many cases are edited by one patch */
    List<Method> methods(boolean jointly) {
        List<Method> all = jointly ? Method.ofMany() : Method.ofOne();
        return method.equals(AUTO) ? all : List.of(Method.named(method));
    }

    /** The plan with what was typed in place of its own numbers. */
    EditPlan with(EditPlan plan) {
        EditPlan typed = lambda == null ? plan : plan.withLambda(lambda);
        typed = ridge == null ? typed : typed.withRidge(ridge);
        typed = hold == null ? typed : typed.withHold(hold);
        typed = rounds == null ? typed : typed.withRounds(rounds);
        typed = relations == null ? typed : typed.withRelations(relations);
        return scale == null ? typed : typed.withScale(scale);
    }

    void requireUsable() {
        require("--per-set", perSet);
        require("--search-cases", searchCases);
        require("--finalists", finalists);
        if (rounds != null) {
            require("--rounds", rounds);
        }
        addresses();
        matrix();
        methods(false);
    }

    private static void require(String option, int value) {
        if (value < 1) {
            throw new BadInput("too few", option, "1 or more", String.valueOf(value), "leave it out for the default");
        }
    }
}
