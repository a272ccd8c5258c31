package modelpatch.edit;

import java.util.Arrays;
import java.util.List;
import modelpatch.BadInput;

/** The edits that a user can ask for by name: each is an {@link Editor} and the prompts that it is fed with. */
public enum Method {
    /** The CREME code: one key and target per case, means over contexts of the primary cloze, exact, C = I, nothing protected. */
    CREME_PAPER(Wording.CONTEXTS, new ClosedFormEditor(ClosedForm.cremePaper())),
    /** The same with the guide, the last hop asked of the bridge by name, held exactly. */
    CREME_PROTECTED(Wording.CONTEXTS, new ClosedFormEditor(ClosedForm.protectedGuide())),
    /** Means over the edit templates instead of contexts, in the metric of the second moment, neighbours and a bank held softly. */
    CREME_TEMPLATES(Wording.TEMPLATES, new ClosedFormEditor(ClosedForm.cremeTemplates())),
    /** Every edit template a row, the guide's residual as target, spread over the layers, neighbours and a bank held softly. */
    SPREAD_RESIDUAL(Wording.TEMPLATES, new ClosedFormEditor(ClosedForm.spreadResidual())),
    /** The same, and every layer takes back what the edits below it did to neighbours and bank. */
    SPREAD_RESTORING(Wording.TEMPLATES, new ClosedFormEditor(ClosedForm.spreadRestoring())),
    /** The bridge's state is written where the first hops' phrase ends, by W_down of one block. */
    BRIDGE_WRITER(Wording.TEMPLATES, new BridgeWriter()),
    /** The same, then a closed form at the last token for what is still wrong. */
    BRIDGE_THEN_FINISH(Wording.TEMPLATES, new BridgeThenFinish()),
    /** The answer is taught as what one MLP says of the subject, exactly. */
    ROME(Wording.CONTEXTS, new SubjectEditor(SubjectForm.rome())),
    /** The same spread over five MLPs, in the metric of the second moment. */
    MEMIT(Wording.CONTEXTS, new SubjectEditor(SubjectForm.memit())),
    /** The same projected onto what ordinary inputs leave free. */
    ALPHA_EDIT(Wording.CONTEXTS, new SubjectEditor(SubjectForm.alphaEdit())),
    /** The same with neighbours and bank held at every token. */
    RLS_EDIT(Wording.CONTEXTS, new SubjectEditor(SubjectForm.rlsEdit())),
    /** Fine-tuning by factors of low rank until the answer follows. */
    LORA(Wording.TEMPLATES, new LowRankTuning(LowRankTuning.ENOUGH));

    private final Wording wording;

    @SuppressWarnings("ImmutableEnumChecker") // editors hold no state
    private final Editor editor;

    Method(Wording wording, Editor editor) {
        this.wording = wording;
        this.editor = editor;
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
                .filter(method -> method.key().equals(key))
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
        return Arrays.stream(values()).map(Method::key).toList();
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

    /** Those that are tried without a search, in this order; each at one set of sites. */
    public static List<Method> atOnce() {
        return List.of(BRIDGE_WRITER, SPREAD_RESIDUAL, CREME_TEMPLATES);
    }

    /** Those that are made when they are asked for by name, and compete for no patch. */
    public static List<Method> byNameAlone() {
        return List.of(BRIDGE_WRITER, BRIDGE_THEN_FINISH, ROME, MEMIT, ALPHA_EDIT, RLS_EDIT, LORA);
    }

    /** The name that options and files use. */
    public String key() {
        return editor.name();
    }

    public Wording wording() {
        return wording;
    }

    /** What makes the edit. */
    public Editor editor() {
        return editor;
    }

    /**
     * How many other questions about a case's bridge (its capital, beside its language) are moved along with it unless somebody chooses
     * another number. What was lost on the way to the bridge is lost for all of them; a few as keys make the edit carry the bridge and
     * not only one answer.
     */
    public int relations() {
        return wording == Wording.TEMPLATES && !writesBridge() && !isTold() ? 3 : 0;
    }

    /** Whether it writes the bridge where the first hops' phrase ends, and so needs sentences that speak of it. */
    public boolean writesBridge() {
        return editor.writesBridge();
    }

    /** Whether it is told the answers: it can teach a single fact, which has no guide. */
    public boolean isTold() {
        return editor.isToldAnswers();
    }

    @Override
    public String toString() {
        return key();
    }
}
