/** A patched model in the formats that others run: each export is checked against what it came from before it is in place. */
package modelpatch.export;
