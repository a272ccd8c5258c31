package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collection;

/**
 * Two remedies on the same questions.
 *
 * @param onlyOne questions that only the first answers rightly
 * @param onlyOther questions that only the second answers rightly
 * @param pValue exact McNemar, two-sided
 */
public record Against(
        String one,
        String other,
        long onlyOne,
        long onlyOther,
        @JsonProperty("mcnemar_p") double pValue) {
    /** @param pairs by question, the second's answer as before, the first's as after */
    public static Against of(String one, String other, Collection<PairedOutcome> pairs) {
        McNemar test = PairedOutcome.pool(pairs).mcNemar();
        return new Against(one, other, test.improved(), test.worsened(), test.pValue());
    }
}
