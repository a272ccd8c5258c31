/**
 * Scores a suite on a model under a named protocol, and compares two scorings item by item.
 *
 * <p>A number leaves this package only with the identity of its {@link modelpatch.evaluate.Protocol}, its n and, where n allows one, an
 * interval. What is undefined (a rate over no items) is empty here and {@code null} in JSON, never 0.
 *
 * <p>Names of dimensions: {@code pos} a position in a token sequence, {@code dVocab} the size of the vocabulary.
 */
package modelpatch.evaluate;
