package modelpatch.cli;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import modelpatch.edit.EditedMatrix;
import modelpatch.edit.Method;
import modelpatch.guard.Gates;
import modelpatch.model.HeadAddress;
import modelpatch.repair.Wishes;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How an edit is made, and what it must keep. */
final class ApplyOptions {
    private static final int SEARCH_CASES = 10;

    private static final String AUTO = "auto";

    @Option(
            names = "--method",
            paramLabel = "NAME",
            defaultValue = AUTO,
            completionCandidates = Methods.class,
            description = "${COMPLETION-CANDIDATES}; auto tries them on choose cases")
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

    @Mixin
    GatesOption gates;

    @Option(
            names = "--per-set",
            paramLabel = "N",
            defaultValue = "8",
            description = "other cases that are asked for each edited case in each set")
    int perSet;

    @Option(
            names = "--search-cases",
            paramLabel = "N",
            description =
                    "failures of the choose side that the search tries its plans on; 0 for no search, which tries a few plans on the"
                            + " case itself (default: 10; 0 with one --case)")
    Integer searchCases;

    @Option(
            names = "--finalists",
            paramLabel = "N",
            defaultValue = "10",
            description = "plans that the search tries out")
    int finalists;

    /** The methods that can be typed. */
    static final class Methods implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Method.names().iterator();
        }
    }

    /**
     * How many cases the search may use.
     *
     * @param single whether one case is to be repaired, which is worth no search that nobody asked for
     */
    int searchCases(boolean single) {
        return searchCases == null ? (single ? 0 : SEARCH_CASES) : searchCases;
    }

    /** What was typed of what plans must be like. */
    Wishes wishes() {
        return new Wishes(
                method.equals(AUTO) ? Optional.empty() : Optional.of(Method.named(method)),
                layers,
                heads.stream().map(HeadAddress::parse).toList(),
                Optional.ofNullable(matrix).map(EditedMatrix::named),
                optional(lambda),
                optional(ridge),
                optional(scale),
                optional(hold),
                optional(rounds),
                optional(relations));
    }

    /** Questions of a set at most for a verdict. */
    int evidence(boolean study) {
        return gates.evidence(study);
    }

    Gates gates() {
        return gates.read();
    }

    private static OptionalDouble optional(Double typed) {
        return typed == null ? OptionalDouble.empty() : OptionalDouble.of(typed);
    }

    static OptionalInt optional(Integer typed) {
        return typed == null ? OptionalInt.empty() : OptionalInt.of(typed);
    }
}
