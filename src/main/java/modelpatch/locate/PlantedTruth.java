package modelpatch.locate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import modelpatch.cases.Planted;
import modelpatch.cases.SuiteSplit;
import modelpatch.evaluate.Tally;

/**
 * The diagnoses of an embedded model's failures against what its training withheld, which its world records: a first hop that never served
 * as one should show as a bridge that never formed or formed too late, a second hop that never served as one as a bridge that is not used.
 *
 * @param choose the side that the lens's threshold and the halfway layer were chosen on
 * @param report the other side
 */
public record PlantedTruth(Side choose, Side report) {
    private static final Set<Diagnosis> FIRST_HOP = Set.of(Diagnosis.BRIDGE_NEVER_FORMED, Diagnosis.FORMED_TOO_LATE);
    private static final Set<Diagnosis> SECOND_HOP = Set.of(Diagnosis.FORMED_BUT_NOT_USED);

    /**
     * One side of the suite.
     *
     * @param diagnoses how many failures have each diagnosis, by what was withheld
     * @param firstHop of the failures that the lens decides and whose first hop alone was withheld: those diagnosed so
     * @param secondHop the same for the second hop
     */
    public record Side(Map<Planted, Map<Diagnosis, Integer>> diagnoses, Tally firstHop, Tally secondHop) {
        /** The mean of both shares. */
        @JsonProperty("balanced_accuracy")
        public OptionalDouble balancedAccuracy() {
            OptionalDouble first = firstHop.rate();
            OptionalDouble second = secondHop.rate();
            return first.isPresent() && second.isPresent()
                    ? OptionalDouble.of((first.getAsDouble() + second.getAsDouble()) / 2)
                    : OptionalDouble.empty();
        }
    }

    /**
     * Compares the diagnoses of failures.
     *
     * @param planted what was withheld, by the case's id
     */
    static PlantedTruth of(List<FailureFinding> failures, Map<String, Planted> planted) {
        return new PlantedTruth(side(failures, SuiteSplit.CHOOSE, planted), side(failures, SuiteSplit.REPORT, planted));
    }

    private static Side side(List<FailureFinding> failures, SuiteSplit side, Map<String, Planted> planted) {
        Map<Planted, Map<Diagnosis, Integer>> diagnoses = new EnumMap<>(Planted.class);
        for (Planted withheld : Planted.values()) {
            Map<Diagnosis, Integer> counts = new EnumMap<>(Diagnosis.class);
            for (Diagnosis diagnosis : Diagnosis.values()) {
                counts.put(diagnosis, (int) failures.stream()
                        .filter(one -> one.side().equals(side.key())
                                && planted.get(one.id()) == withheld
                                && one.diagnosis() == diagnosis)
                        .count());
            }
            diagnoses.put(withheld, Collections.unmodifiableMap(counts));
        }
        return new Side(
                Collections.unmodifiableMap(diagnoses),
                tally(diagnoses.get(Planted.FIRST_HOP), FIRST_HOP, SECOND_HOP),
                tally(diagnoses.get(Planted.SECOND_HOP), SECOND_HOP, FIRST_HOP));
    }

    private static Tally tally(Map<Diagnosis, Integer> counts, Set<Diagnosis> right, Set<Diagnosis> wrong) {
        int hits = sum(counts, right);
        return new Tally(hits, hits + sum(counts, wrong));
    }

    private static int sum(Map<Diagnosis, Integer> counts, Set<Diagnosis> some) {
        return some.stream().mapToInt(counts::get).sum();
    }
}
