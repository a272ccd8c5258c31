package modelpatch.locate;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import modelpatch.evaluate.WrongAnswer;

/**
 * Why a model that knows every single fact fails to compose them. A missing hop is none of these: such a case is no failure of
 * composition and is never diagnosed.
 */
public enum Diagnosis {
    STOPS_AT_BRIDGE(
            "stops at the bridge",
            "it says the implicit result: the first hop is made, the second is not",
            List.of(
                    "edit W_O at the located layers, so that the last position receives what the guide prompt gives it: patch apply",
                    "ask in steps, as the bridge is there to be asked about: patch eval --protocol slow")),
    SHORTCUT(
            "shortcut",
            "it answers the last hop of the subject itself: the first hop is skipped",
            List.of(
                    "edit W_O at the located layers, the subject's own single hops held: patch apply --method creme-templates",
                    "ask in steps, which names the bridge: patch eval --protocol slow")),
    BRIDGE_NEVER_FORMED(
            "bridge never formed",
            "the implicit result never surfaces where its phrase ends",
            List.of(
                    "edit W_O at the located layers, which supplies the guide's output; it corrects this question more than its siblings: patch apply",
                    "ask in steps, so that the last hop is asked of a bridge by name: patch eval --protocol slow")),
    FORMED_TOO_LATE(
            "formed too late",
            "the implicit result surfaces when half of what would use it has acted",
            List.of(
                    "edit W_O at the located layers above the one where it surfaces: patch apply",
                    "ask in steps, which gives the bridge the time it needs: patch eval --protocol slow")),
    FORMED_BUT_NOT_USED(
            "formed but not used",
            "the implicit result surfaces in time and the second hop does not take it up",
            List.of(
                    "edit W_O at the located layers and heads: patch apply",
                    "where a whole relation fails so, edit W_down over several subjects together: patch apply --matrix W_down")),
    UNDETERMINED_BY_LENS(
            "undetermined by lens",
            "the lens tells the bridge from other entities of its type no better than chance; what is known is the mediation",
            List.of(
                    "edit W_O where restoring the guide's attention brings the answer back, and let the gates decide: patch apply",
                    "ask in steps, whatever the lens cannot tell: patch eval --protocol slow"));

    private final String words;
    private final String meaning;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> remedies;

    Diagnosis(String words, String meaning, List<String> remedies) {
        this.words = words;
        this.meaning = meaning;
        this.remedies = remedies;
    }

    /**
     * The rule: the predicted text decides first, then the lens at the end of the first hop's phrase. A bridge is late that surfaces after
     * block l* or a higher one: the attention of l* reads the stream before that block, so less than half of the effect can still use it.
     *
     * @param predicted what the wrong answer is
     * @param threshold what counts as surfaced, and whether the lens can tell
     * @param halfway the layer by which half of the mediated effect has acted; empty where no effect is positive, and then nothing is late
     * @param bridge the bridge in the lens at the end of the first hop's phrase
     */
    static Diagnosis of(WrongAnswer predicted, LensThreshold threshold, Optional<Integer> halfway, LensCurve bridge) {
        if (predicted == WrongAnswer.BRIDGE) {
            return STOPS_AT_BRIDGE;
        }
        if (predicted == WrongAnswer.SHORTCUT) {
            return SHORTCUT;
        }
        if (!threshold.informative()) {
            return UNDETERMINED_BY_LENS;
        }
        Optional<Integer> surfaced = bridge.firstWithin(threshold.k().orElseThrow());
        if (surfaced.isEmpty()) {
            return BRIDGE_NEVER_FORMED;
        }
        boolean late = halfway.isPresent() && surfaced.get() >= halfway.get();
        return late ? FORMED_TOO_LATE : FORMED_BUT_NOT_USED;
    }

    /** The name of the class, as people and files call it. */
    @JsonValue
    public String words() {
        return words;
    }

    @JsonCreator
    static Diagnosis named(String words) {
        return Arrays.stream(values())
                .filter(one -> one.words.equals(words))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no diagnosis: " + words));
    }

    /** One sentence that says what happened. */
    public String meaning() {
        return meaning;
    }

    /** What makes sense against it, best first; each ends in the command that does it. */
    public List<String> remedies() {
        return remedies;
    }
}
