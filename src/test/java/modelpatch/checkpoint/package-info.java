/** Tests of checkpoints: definitions first, then what hostile files may not do. */
package modelpatch.checkpoint;
