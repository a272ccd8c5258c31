package modelpatch.patch;

/**
 * Something in a store that is not as its ledger says.
 *
 * @param where file, and line of the ledger where one speaks of it
 */
public record StoreFault(String where, String expected, String found) {}
