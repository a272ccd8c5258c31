package modelpatch.evaluate;

import modelpatch.cases.AskedSuite;

/**
 * What a model is asked, and how.
 *
 * @param deciding the protocol that decides what counts as right
 */
public record Questions(AskedSuite asked, Protocol deciding) {}
