package modelpatch.repair;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.edit.EditPlan;
import modelpatch.edit.EditedMatrix;
import modelpatch.edit.Method;
import modelpatch.locate.Findings;
import modelpatch.model.HeadAddress;
import modelpatch.model.LanguageModel;

/**
 * What somebody wants of a plan; what is left open is the method's own number, or is searched for.
 *
 * @param method empty for whichever does best
 * @param layers the layers to edit; empty for those of the findings
 * @param heads the heads whose columns of W_O the edit is confined to; empty for whole matrices
 * @param lambda weight of the second moment
 * @param ridge weight of the identity
 * @param scale share of the way to the target
 * @param hold factor of the weights with which other prompts are held
 * @param rounds how often the edit is solved
 * @param relations other last relations of the same bridge that are moved along with a case
 */
public record Wishes(
        Optional<Method> method,
        List<Integer> layers,
        List<HeadAddress> heads,
        Optional<EditedMatrix> matrix,
        OptionalDouble lambda,
        OptionalDouble ridge,
        OptionalDouble scale,
        OptionalDouble hold,
        OptionalInt rounds,
        OptionalInt relations) {
    /** Everything is left open. */
    public static final Wishes NONE = on(List.of());

    /** @throws BadInput where two wishes exclude each other, or a number is too small */
    public Wishes {
        layers = List.copyOf(layers);
        heads = List.copyOf(heads);
        if (!heads.isEmpty() && !layers.isEmpty()) {
            throw new BadInput(
                    "where to edit", "--layers, --heads", "one of them", "both", "heads name their layers themselves");
        }
        if (!heads.isEmpty() && matrix.filter(EditedMatrix.W_DOWN::equals).isPresent()) {
            throw new BadInput(
                    "where to edit",
                    "--heads, --matrix",
                    "heads of W_O",
                    "heads and " + matrix.orElseThrow(),
                    "leave one out");
        }
        RepairOptions.requirePositive("--rounds", rounds.orElse(1));
    }

    /** Some layers, whatever else. */
    public static Wishes on(List<Integer> layers) {
        OptionalDouble own = OptionalDouble.empty();
        OptionalInt usual = OptionalInt.empty();
        return new Wishes(Optional.empty(), layers, List.of(), Optional.empty(), own, own, own, own, usual, usual);
    }

    /** The same with one method. */
    public Wishes with(Method one) {
        return new Wishes(Optional.of(one), layers, heads, matrix, lambda, ridge, scale, hold, rounds, relations);
    }

    /** The same of one matrix of a layer. */
    public Wishes with(EditedMatrix one) {
        return new Wishes(method, layers, heads, Optional.of(one), lambda, ridge, scale, hold, rounds, relations);
    }

    /**
     * The plans that fulfil them and are possible with a model.
     *
     * @param together how many cases one edit will be of
     * @throws BadInput where none is, naming a layer that has no such matrix
     */
    List<EditPlan> plans(Findings findings, LanguageModel model, int together) {
        List<Method> methods = method.map(List::of).orElse(together > 1 ? Method.ofMany() : Method.ofOne());
        // an editor that is asked for by name knows its own layers
        List<Integer> sites = layers.isEmpty() && heads.isEmpty() && method.isPresent()
                ? EditPlan.usual(method.orElseThrow(), model).layers()
                : layers;
        List<EditPlan> plans = Candidates.of(findings, heads, sites, matrix, methods, together).stream()
                .map(this::with)
                .distinct()
                .toList();
        List<EditPlan> possible =
                plans.stream().filter(plan -> plan.isPossible(model)).toList();
        if (possible.isEmpty()) {
            plans.forEach(plan -> plan.requirePossible(model));
        }
        return possible;
    }

    /**
     * A few of the plans that fulfil them, to be tried without a search, in order of preference: of each method the strongest of what its
     * second moment may weigh, at the best located sites or where the method itself would edit.
     *
     * @param together how many cases one edit will be of
     * @throws BadInput where none is possible, naming a layer that has no such matrix
     */
    List<EditPlan> atOnce(Findings findings, LanguageModel model, int together) {
        if (method.isPresent() || !layers.isEmpty() || !heads.isEmpty() || together > 1) {
            return Candidates.strongest(plans(findings, model, together));
        }
        List<EditPlan> plans = new ArrayList<>();
        for (Method one : Method.atOnce()) {
            List<Integer> own = EditPlan.usual(one, model).layers();
            Optional<EditedMatrix> where =
                    matrix.or(() -> one.editor().movesResidual() ? Optional.of(EditedMatrix.W_DOWN) : Optional.empty());
            Candidates.strongest(Candidates.of(findings, heads, own, where, List.of(one), together)).stream()
                    .map(this::with)
                    .filter(plan -> plan.isPossible(model))
                    .findFirst()
                    .ifPresent(plans::add);
        }
        return plans.isEmpty() ? Candidates.strongest(plans(findings, model, together)) : List.copyOf(plans);
    }

    /**
     * The plan that fulfils them for facts that nobody has to find.
     *
     * @throws BadInput for a method that is told no answers, which has nothing to teach a fact by, and for a matrix that a layer has not
     */
    EditPlan teaching(LanguageModel model) {
        Method teacher = method.orElse(Method.ALPHA_EDIT);
        if (!teacher.isTold()) {
            throw new BadInput(
                    "a method that teaches no facts",
                    "--method " + teacher,
                    Method.names().stream()
                            .filter(name -> Method.named(name).isTold())
                            .collect(Collectors.joining(", ")),
                    teacher + ", which carries over what a guide says",
                    "leave it out to take " + Method.ALPHA_EDIT);
        }
        EditPlan usual = EditPlan.usual(teacher, model);
        EditPlan sited = heads.isEmpty()
                ? usual.on(matrix.orElse(usual.matrix()), layers.isEmpty() ? usual.layers() : layers)
                : usual.within(heads);
        sited.requirePossible(model);
        return with(sited);
    }

    /** The plan with what is wished for in place of its own numbers. */
    private EditPlan with(EditPlan plan) {
        EditPlan wished = lambda.isPresent() ? plan.withLambda(lambda.getAsDouble()) : plan;
        wished = ridge.isPresent() ? wished.withRidge(ridge.getAsDouble()) : wished;
        wished = hold.isPresent() ? wished.withHold(hold.getAsDouble()) : wished;
        wished = rounds.isPresent() ? wished.withRounds(rounds.getAsInt()) : wished;
        wished = relations.isPresent() ? wished.withRelations(relations.getAsInt()) : wished;
        return scale.isPresent() ? wished.withScale(scale.getAsDouble()) : wished;
    }
}
