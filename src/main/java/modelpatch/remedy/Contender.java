package modelpatch.remedy;

import java.util.function.Supplier;
import modelpatch.repair.Remedy;

/**
 * A remedy before it is set up, and what stands beside its numbers.
 *
 * @param name as it is called in the table
 * @param supervision what it is given: nothing, the question's parts, demonstrations, gold answers, gold bridges
 * @param persistence how long it lasts: permanent, or while it is asked
 * @param already seconds of the processor's time that went into it before it is set up
 * @param note what else is to be known once it is set up
 */
record Contender(
        String name,
        String supervision,
        String persistence,
        double already,
        Supplier<Remedy> setUp,
        Supplier<String> note) {
    static Contender of(
            String name, String supervision, String persistence, Supplier<Remedy> setUp, Supplier<String> note) {
        return new Contender(name, supervision, persistence, 0, setUp, note);
    }
}
