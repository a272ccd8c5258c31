/**
 * Edits of a model: the prompts that an edit is made of, what they do inside the model, and from there to changes of its weights. The closed
 * forms themselves are {@link modelpatch.solve}; whether an edit was worth it is judged in {@link modelpatch.repair}.
 */
package modelpatch.edit;
