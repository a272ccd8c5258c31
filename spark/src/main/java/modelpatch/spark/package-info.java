/**
 * Pieces of long work done on a Spark cluster. The only door to Spark; the library knows nothing of it.
 */
package modelpatch.spark;
