/**
 * What a change must not do. Gates judge an edit when it is made; regression suites judge the edited model ever after, against a baseline that
 * somebody accepted; a policy says which patches may be used at all; drift, its neighbours and its history show where a stack is going; and a
 * bisection names the patch that broke a case. Suites ask any {@link modelpatch.model.AnswerModel}; only drift needs the engine.
 *
 * <p>Dimensions: pos counts the tokens of a text, d_vocab the tokens of a vocabulary.
 */
package modelpatch.guard;
