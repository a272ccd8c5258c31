/**
 * What a change must not do: gates on correction, harm and drift, and the measurement of drift on fixed text.
 *
 * <p>Dimensions: pos counts the tokens of a text, d_vocab the tokens of a vocabulary.
 */
package modelpatch.guard;
