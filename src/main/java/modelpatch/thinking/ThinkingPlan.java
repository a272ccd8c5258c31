package modelpatch.thinking;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.document.Located;

/**
 * How a model is asked fast and slowly, read from a YAML file (configs/thinking.yaml).
 *
 * @param fast asks without a thought
 * @param slow ways to think first, the usual one first; each is a run of its own, which never sees the fast answer
 * @param hints sentences that put an answer into the model's mind, with the slot {@code {hint}}; the first that a vocabulary can write is used
 * @param letters how options are laid out for an answer by letter
 */
public record ThinkingPlan(Mode fast, List<Mode> slow, List<String> hints, LetterLayout letters) {
    static final String HINT = "{hint}";
    private static final Set<String> KEYS =
            Set.of("id", "kind", "prompt", "wording", "answerAfter", "newTokens", "demonstrations");
    private static final int USUAL_THOUGHT = 96;

    public ThinkingPlan {
        slow = List.copyOf(slow);
        hints = List.copyOf(hints);
    }

    /**
     * Layout of a question with options.
     *
     * @param option one option, with the slots {@code {letter}} and {@code {option}}
     * @param answer what stands after the options, right before the letter
     * @param options how many there are
     */
    public record LetterLayout(String option, String answer, int options) {}

    /**
     * Reads a plan.
     *
     * @throws BadInput naming file, line and column
     */
    public static ThinkingPlan read(Path yaml) {
        Located root = Located.yaml(yaml);
        root.fields("file of thinking", Set.of("fast", "slow", "hints", "letters"));
        Mode fast = mode(root.field("fast"));
        if (fast.kind() != Mode.Kind.DIRECT) {
            throw root.field("fast").bad("a fast mode that thinks", "kind: direct", "put it under slow");
        }
        List<Mode> slow = new ArrayList<>();
        Set<String> ids = new HashSet<>(Set.of(fast.id()));
        for (Located item : root.field("slow").items("slow modes")) {
            Mode mode = mode(item);
            if (!ids.add(mode.id())) {
                throw item.field("id").bad("two modes of one name", "a name of its own", "rename one");
            }
            slow.add(mode);
        }
        if (slow.isEmpty()) {
            throw root.field("slow").bad("no slow mode", "at least one", "add one, such as kind: hops");
        }
        List<String> hints = new ArrayList<>();
        for (Located item : root.field("hints").items("hints")) {
            hints.add(withSlot(item, "hint", HINT));
        }
        Located letters = root.field("letters");
        letters.fields("letters", Set.of("option", "answer", "options"));
        withSlot(letters.field("option"), "option", "{letter}");
        return new ThinkingPlan(
                fast,
                slow,
                hints,
                new LetterLayout(
                        withSlot(letters.field("option"), "option", "{option}"),
                        letters.field("answer").text("answer"),
                        letters.field("options").whole("options", 2, 26)));
    }

    /** The slow mode of that name. */
    public Mode slow(String id, String option) {
        return slow.stream()
                .filter(mode -> mode.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "no such slow mode",
                        option + " " + id,
                        "one of "
                                + String.join(", ", slow.stream().map(Mode::id).toList()),
                        id,
                        "check the name, or add it to the file of --thinking"));
    }

    private static Mode mode(Located item) {
        item.fields("mode", KEYS);
        String id = item.field("id").text("id");
        Mode.Kind kind = item.field("kind").choice("kind", Mode.Kind.values(), Mode.Kind::key);
        String prompt = kind == Mode.Kind.HOPS ? "" : asking(item.field("prompt"));
        int wording = item.optional("wording")
                .map(one -> one.whole("wording", 1, 100))
                .orElse(1);
        String after = kind == Mode.Kind.WRITTEN ? item.field("answerAfter").text("answerAfter") : "";
        int tokens = item.optional("newTokens")
                .map(one -> one.whole("newTokens", 1, 4096))
                .orElse(USUAL_THOUGHT);
        List<String> demonstrations = new ArrayList<>();
        item.optional("demonstrations")
                .ifPresent(list -> list.items("demonstrations").forEach(one -> demonstrations.add(one.text("one"))));
        return new Mode(
                id,
                kind,
                prompt,
                wording,
                after,
                tokens,
                demonstrations.isEmpty() ? Optional.empty() : Optional.of(new FewShot(id, Form.CLOZE, demonstrations)));
    }

    private static String asking(Located item) {
        String text = item.text("prompt");
        if (!text.contains(Mode.QUESTION) && !text.contains(Mode.PROMPT)) {
            throw item.bad("a prompt that asks nothing", Mode.QUESTION + " or " + Mode.PROMPT, "add the slot");
        }
        return text;
    }

    private static String withSlot(Located item, String what, String slot) {
        String text = item.text(what);
        if (!text.contains(slot)) {
            throw item.bad("no slot in a " + what, slot, "add it");
        }
        return text;
    }
}
