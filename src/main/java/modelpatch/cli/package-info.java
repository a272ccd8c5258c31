/**
 * The command {@code patch}: parses what was typed, wires the other packages together, prints, and turns what happened into an exit code.
 * The only package that knows picocli, the standard streams, the clock and the exit of the process.
 */
package modelpatch.cli;
