package modelpatch.locate;

/**
 * The token at which an entity is read: the first one that separates its name from all others of its type.
 *
 * @param entity the name as a sentence says it
 * @param id of the separating token
 * @param token how the vocabulary spells it
 * @param forced how many tokens of the name stand before it; at the last position they are forced, that is part of the prompt
 * @param separated false where the whole name begins another name of the type; then it is read at its last token
 */
public record EntityToken(String entity, int id, String token, int forced, boolean separated) {}
