package modelpatch.remedy;

import java.util.List;
import modelpatch.evaluate.Tally;
import modelpatch.locate.Diagnosis;

/**
 * What to do about a diagnosis, with the evidence.
 *
 * @param remedy the one to take; empty where none helped within the harm that is allowed
 * @param command that does it
 * @param corrected by remedy, failures of this diagnosis that are right with it
 */
public record Route(Diagnosis diagnosis, String remedy, String command, List<Evidence> corrected) {
    public Route {
        corrected = List.copyOf(corrected);
    }

    /**
     * One remedy on the failures of a diagnosis.
     *
     * @param allowed whether no set of controls shows, by its 95 % interval, more harm than the limits allow
     */
    public record Evidence(String remedy, Tally corrected, boolean allowed) {}
}
