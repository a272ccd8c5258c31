package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Collection;
import java.util.Optional;

/**
 * Independent items before and after a remedy, with what can be said for sure of them.
 *
 * @param correctionInterval Wilson's interval of r_C; empty where nothing was wrong before
 * @param harmInterval Wilson's interval of r_O; empty where nothing was right before
 * @param pValue exact McNemar, two-sided
 */
public record JudgedPairs(
        @JsonUnwrapped PairedOutcome pairs,
        @JsonProperty("r_C_ci") Optional<Interval> correctionInterval,
        @JsonProperty("r_O_ci") Optional<Interval> harmInterval,
        @JsonProperty("mcnemar_p") double pValue) {
    public static JudgedPairs of(Collection<PairedOutcome> items) {
        PairedOutcome all = PairedOutcome.pool(items);
        return new JudgedPairs(
                all,
                all.corrected().wilson(),
                all.harmed().wilson(),
                all.mcNemar().pValue());
    }
}
