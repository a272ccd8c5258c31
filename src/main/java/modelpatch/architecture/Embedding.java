package modelpatch.architecture;

import java.util.Optional;

/**
 * What a token's id becomes: norm(scale * table[id] + positions[position + offset]).
 *
 * @param table name of the token embedding, [d_vocab, d_model]
 * @param scale by what it is multiplied; empty for none
 * @param positions learned ones; empty where positions act in attention alone
 * @param norm before the first block
 */
public record Embedding(
        String table, Optional<Double> scale, Optional<LearnedPositions> positions, Optional<Norm> norm) {

    /** A table [rows, d_model]; position p reads row p + offset. */
    public record LearnedPositions(String table, long rows, int offset) {}
}
