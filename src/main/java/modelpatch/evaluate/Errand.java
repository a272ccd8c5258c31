package modelpatch.evaluate;

/** A piece with the model that it is a piece of work on. */
public record Errand(Replica replica, Piece<?> piece) {}
