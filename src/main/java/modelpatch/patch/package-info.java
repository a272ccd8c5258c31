/**
 * The weight patch as a thing of its own: its file, a stack of patches over an untouched base, and the ledger of what was done.
 *
 * <p>Dimensions: rows and columns are those of the stored tensor; rank is the number of outer products in a change; selected columns are
 * those a change may touch.
 */
package modelpatch.patch;
