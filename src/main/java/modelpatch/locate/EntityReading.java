package modelpatch.locate;

/**
 * A sequence whose last position predicts the separating token of an entity.
 *
 * @param token where the entity is read
 * @param prefix ids of the shared few-shot prefix
 * @param sequence ids of prompt and forced tokens, {@code [pos]}
 * @param phraseEnd position in {@code sequence} of the token that holds the phrase's last character
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record EntityReading(EntityToken token, int[] prefix, int[] sequence, int phraseEnd) {
    int id() {
        return token.id();
    }

    /** The position that predicts the separating token. */
    int last() {
        return sequence.length - 1;
    }
}
