package modelpatch.locate;

import java.util.List;
import java.util.Optional;
import modelpatch.evaluate.Estimate;

/**
 * How far a repair could get on a model, and where it would have to act: what becomes of failures when the bridge's state, as their guides have
 * it, is put in their place, block by block. No weight is changed.
 *
 * @param format 1
 * @param protocol under which the failures were found
 * @param cases failures that were asked: those whose guide the model answers where the answer is read
 * @param unread failures that were left out, because the guide does not
 * @param bridges of the cases
 * @param items other questions about the bridges of the cases that are wrong while their guide is right
 * @param blocks after which a state is taken and put in, ascending
 * @param phraseEnd the guide's state at the bridge, put in at the end of the first hops' phrase; every pair of blocks, by source
 * @param last the guide's state at its last token, put in at the last token after the same block
 * @param crossFitted of {@code phraseEnd}; empty for fewer than two bridges
 */
public record CeilingMap(
        int format,
        String protocol,
        long seed,
        int cases,
        int unread,
        int bridges,
        int items,
        List<Integer> blocks,
        List<Cell> phraseEnd,
        List<Cell> last,
        Optional<CrossFit> crossFitted) {
    static final int FORMAT = 1;

    public CeilingMap {
        blocks = List.copyOf(blocks);
        phraseEnd = List.copyOf(phraseEnd);
        last = List.copyOf(last);
    }

    /**
     * One place to take a state from and one to put it.
     *
     * @param source block after which it is taken from the guide
     * @param target block after which it is put in
     * @param correction share of the cases that become right
     * @param generalisation share of the other questions that become right with the same state, which knows nothing of what they ask
     */
    public record Cell(int source, int target, Estimate correction, Estimate generalisation) {
        /** What cells are compared by: the mean of the rates that there are. */
        double merit() {
            double right = correction.value().orElse(0);
            return generalisation.value().isPresent()
                    ? (right + generalisation.value().getAsDouble()) / 2
                    : right;
        }
    }

    /**
     * What is left when the cell is not chosen on what it is judged by: for each half of the bridges the best cell of the other half.
     *
     * @param first the cell that the first half chooses and the second is read at
     * @param second the cell that the second half chooses
     */
    public record CrossFit(Cell first, Cell second, Estimate correction, Estimate generalisation) {}

    /** A cell at the end of the phrase. */
    public Cell at(int source, int target) {
        return phraseEnd.stream()
                .filter(cell -> cell.source() == source && cell.target() == target)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no cell " + source + " to " + target));
    }
}
