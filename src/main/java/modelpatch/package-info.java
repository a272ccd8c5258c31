/**
 * Finds, explains and repairs failures of compositional reasoning in decoder language models. What every package needs: where modelpatch lies,
 * what a user got wrong, how numbers are written.
 */
package modelpatch;
