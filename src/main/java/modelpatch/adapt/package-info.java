/**
 * Test-time adapters: what an adapter for a question or a relation pair is trained on and may know, its training beside an untouched model,
 * and what it is worth beside the same demonstrations in the prompt and beside shuffled ones.
 */
package modelpatch.adapt;
