package modelpatch.guide;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import modelpatch.evaluate.Against;
import modelpatch.evaluate.JudgedPairs;

/**
 * What a guider does for a target; {@code patch guide eval --json} prints it.
 *
 * @param protocol of the findings; answers are read by way of a bridge, or at once
 * @param remedies by name, against the target alone: both together, the guider alone, with a placebo where there is one, and the target asked
 *     hop by hop
 * @param against pairs of them on the same questions
 * @param items what each said to each question
 */
public record GuideDocument(
        String target,
        String guiderBase,
        String guider,
        Strength strength,
        String protocol,
        int failures,
        int controls,
        Map<String, Row> remedies,
        List<Against> against,
        List<Item> items,
        Map<String, Double> seconds) {

    /**
     * One remedy against the target alone.
     *
     * @param right answers
     * @param chains answers that went by way of a bridge
     */
    public record Row(JudgedPairs pairs, int right, int chains, double secondsPerQuestion) {}

    /** One question. */
    public record Item(@JsonProperty("case") String caseId, String answer, Map<String, String> said) {}
}
