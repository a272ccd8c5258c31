/** Views of the records of the other packages for a reader: plain text for a terminal. Computes nothing that a record does not hold. */
package modelpatch.report;
