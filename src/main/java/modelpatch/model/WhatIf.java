package modelpatch.model;

import java.util.List;

/**
 * A question to a recorded run: what would it have said, had interventions been made at one position? Each set is made alone.
 *
 * @param run stays the caller's
 * @param position the position that every intervention names
 * @param sets interventions made together; a set's layers may differ
 * @param tokens whose logits are wanted; equally many in every question that is asked side by side with this one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record WhatIf(RecordedRun run, int position, List<List<Intervention>> sets, int[] tokens) {
    public WhatIf {
        if (position < 0 || position >= run.length()) {
            throw new IllegalArgumentException("position " + position + " of " + run.length());
        }
        for (List<Intervention> set : sets) {
            for (Intervention change : set) {
                if (change.position() != position) {
                    throw new IllegalArgumentException("an intervention at " + change.position() + ", not " + position);
                }
            }
        }
        sets = List.copyOf(sets);
    }

    /** Positions from the changed one to the end. */
    int block() {
        return run.length() - position;
    }
}
