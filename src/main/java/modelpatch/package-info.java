/** Finds, explains and repairs failures of compositional reasoning in decoder language models. */
package modelpatch;
