package modelpatch.edit;

import java.util.Arrays;
import java.util.List;
import modelpatch.BadInput;

/** The edits that a user can ask for by name; each is a recipe and the prompts that it is fed with. */
public enum Method {
    /** The CREME code: one key and target per case, means over contexts of the primary cloze, exact, C = I, nothing protected. */
    CREME_PAPER("creme-paper", Wording.CONTEXTS),
    /** The same with the guide and the case's single hops held exactly. */
    CREME_PROTECTED("creme-protected", Wording.CONTEXTS),
    /** Means over the edit templates instead of contexts, in the metric of the second moment, neighbours and a bank held softly. */
    CREME_TEMPLATES("creme-templates", Wording.TEMPLATES),
    /** Every edit template a row, the guide's residual as target, spread over the layers, neighbours and a bank held softly. */
    SPREAD_RESIDUAL("spread-residual", Wording.TEMPLATES),
    /** The same, and every layer takes back what the edits below it did to neighbours and bank. */
    SPREAD_RESTORING("spread-restoring", Wording.TEMPLATES);

    private final String key;
    private final Wording wording;

    Method(String key, Wording wording) {
        this.key = key;
        this.wording = wording;
    }

    /** How the prompts of a case are worded for its keys and targets. */
    public enum Wording {
        /** The primary cloze after each of a few unrelated sentences, and alone. */
        CONTEXTS,
        /** The case's own edit templates. */
        TEMPLATES
    }

    /** The method of that name. */
    public static Method named(String key) {
        return Arrays.stream(values())
                .filter(method -> method.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "no such method",
                        "--method " + key,
                        "auto or one of " + String.join(", ", names()),
                        key,
                        "leave it out to have one chosen"));
    }

    /** The names of all methods. */
    public static List<String> names() {
        return Arrays.stream(values()).map(method -> method.key).toList();
    }

    /** Those that compete for the patch of one case. Restoring, made for many edits at once, corrects fewer other questions about its bridge. */
    public static List<Method> ofOne() {
        return List.of(CREME_PAPER, CREME_PROTECTED, CREME_TEMPLATES, SPREAD_RESIDUAL);
    }

    /**
     * Those that compete when one patch is made of many cases. The exact ones have no solution there, as hundreds of keys depend on each
     * other; and over several layers restoring does less harm than holding for the same repair.
     */
    public static List<Method> ofMany() {
        return List.of(CREME_TEMPLATES, SPREAD_RESTORING);
    }

    /** The name that options and files use. */
    public String key() {
        return key;
    }

    public Wording wording() {
        return wording;
    }

    public EditRecipe recipe() {
        return switch (this) {
            case CREME_PAPER -> EditRecipe.cremePaper();
            case CREME_PROTECTED -> EditRecipe.protectedGuide();
            case CREME_TEMPLATES -> EditRecipe.cremeTemplates();
            case SPREAD_RESIDUAL -> EditRecipe.spreadResidual();
            case SPREAD_RESTORING -> EditRecipe.spreadRestoring();
        };
    }

    /**
     * How many other questions about a case's bridge (its capital, beside its language) are moved along with it unless somebody chooses
     * another number. What was lost on the way to the bridge is lost for all of them; a few as keys make the edit carry the bridge and
     * not only one answer.
     */
    public int relations() {
        return wording == Wording.TEMPLATES ? 3 : 0;
    }

    /** Whether the target is a residual stream, which any matrix that writes into it can aim at; else it is W_O's own output. */
    public boolean movesResidual() {
        return recipe().target() == EditRecipe.Target.GUIDE_RESIDUAL;
    }

    /** Whether the solve uses a second moment; the others have C = I. */
    public boolean usesMoments() {
        return recipe().momentScaledToKeys();
    }

    @Override
    public String toString() {
        return key;
    }
}
