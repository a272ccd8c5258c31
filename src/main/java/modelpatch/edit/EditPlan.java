package modelpatch.edit;

import java.util.List;
import java.util.stream.Collectors;
import modelpatch.Numbers;
import modelpatch.model.HeadAddress;
import modelpatch.model.LanguageModel;
import modelpatch.solve.Columns;

/**
 * A method with everything that a user or a search may choose.
 *
 * @param matrix which matrix of a block
 * @param layers the blocks that are edited, ascending
 * @param heads the heads whose columns of W_O the edit is confined to; empty for whole matrices
 * @param lambda weight of the second moment
 * @param ridge weight of the identity
 * @param scale share of the way to the target
 * @param hold factor of the weights with which neighbours and the bank are held; 0 for not at all
 * @param rounds how often the edit is solved, each time with more weight on the prompts that the last one did not move or did not keep
 * @param relations how many other questions about the same bridge are moved along with a case, at most; they are not scored
 */
public record EditPlan(
        Method method,
        EditedMatrix matrix,
        List<Integer> layers,
        List<HeadAddress> heads,
        double lambda,
        double ridge,
        double scale,
        double hold,
        int rounds,
        int relations) {
    public EditPlan {
        layers = layers.stream().distinct().sorted().toList();
        heads = List.copyOf(heads);
    }

    /** A method with its own numbers, on the matrix that it is for. */
    public static EditPlan of(Method method, List<Integer> layers) {
        Editor editor = method.editor();
        Editor.Numbers own = editor.numbers();
        return new EditPlan(
                method,
                editor.matrix(),
                layers,
                List.of(),
                own.lambda(),
                own.ridge(),
                own.scale(),
                1,
                1,
                method.relations());
    }

    /** A method with its own numbers on the layers that it edits where nobody says otherwise; on none where they are to be located. */
    public static EditPlan usual(Method method, LanguageModel model) {
        return of(method, method.editor().usualLayers(model.config().nLayers()));
    }

    /** The same on other layers, whole matrices. */
    public EditPlan on(List<Integer> others) {
        return new EditPlan(method, matrix, others, List.of(), lambda, ridge, scale, hold, rounds, relations);
    }

    /** The same on another matrix of other layers. */
    public EditPlan on(EditedMatrix other, List<Integer> others) {
        return new EditPlan(method, other, others, List.of(), lambda, ridge, scale, hold, rounds, relations);
    }

    /** The same confined to some heads' columns of W_O, whose layers become the edited ones. */
    public EditPlan within(List<HeadAddress> some) {
        List<Integer> theirs = some.stream().map(HeadAddress::layer).toList();
        return new EditPlan(method, EditedMatrix.W_O, theirs, some, lambda, ridge, scale, hold, rounds, relations);
    }

    public EditPlan withLambda(double other) {
        return new EditPlan(method, matrix, layers, heads, other, ridge, scale, hold, rounds, relations);
    }

    public EditPlan withRidge(double other) {
        return new EditPlan(method, matrix, layers, heads, lambda, other, scale, hold, rounds, relations);
    }

    public EditPlan withScale(double other) {
        return new EditPlan(method, matrix, layers, heads, lambda, ridge, other, hold, rounds, relations);
    }

    public EditPlan withRelations(int other) {
        return new EditPlan(method, matrix, layers, heads, lambda, ridge, scale, hold, rounds, other);
    }

    public EditPlan withHold(double other) {
        return new EditPlan(method, matrix, layers, heads, lambda, ridge, scale, other, rounds, relations);
    }

    public EditPlan withRounds(int other) {
        return new EditPlan(method, matrix, layers, heads, lambda, ridge, scale, hold, other, relations);
    }

    /** Whether every layer has the matrix. */
    public boolean isPossible(LanguageModel model) {
        return layers.stream().allMatch(layer -> matrix.isIn(model, layer));
    }

    /** @throws modelpatch.BadInput naming the first layer that has no such matrix */
    public void requirePossible(LanguageModel model) {
        layers.forEach(layer -> matrix.tensor(model, layer));
    }

    /** The inputs of the matrix that the edit of a layer may read. */
    Columns columns(LanguageModel model, int layer) {
        int width = matrix.inputs(model.config());
        if (heads.isEmpty()) {
            return Columns.all(width);
        }
        return Columns.ofHeads(
                width,
                model.config().dHead(),
                heads.stream()
                        .filter(head -> head.layer() == layer)
                        .map(HeadAddress::head)
                        .toList());
    }

    /** What is edited: {@code L2} for a whole W_O, {@code L2H3} for a head's columns of it, {@code L2 W_down} for the MLP's second matrix. */
    public List<String> sites() {
        String suffix = matrix == EditedMatrix.W_O ? "" : " " + matrix;
        return heads.isEmpty()
                ? layers.stream().map(layer -> "L" + layer + suffix).toList()
                : heads.stream().sorted().map(HeadAddress::toString).toList();
    }

    /** For people and as a name: {@code spread-residual on W_O L2 L3, lambda 1, ridge 1e-06, scale 1, hold 1}. */
    @Override
    public String toString() {
        return Numbers.format(
                "%s on %s %s, lambda %s, ridge %s, scale %s, hold %s%s%s",
                method,
                matrix,
                heads.isEmpty()
                        ? layers.stream().map(layer -> "L" + layer).collect(Collectors.joining(" "))
                        : String.join(" ", sites()),
                number(lambda),
                number(ridge),
                number(scale),
                number(hold),
                rounds == 1 ? "" : ", " + rounds + " rounds",
                relations == 0 ? "" : ", " + relations + " other relations moved along");
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
