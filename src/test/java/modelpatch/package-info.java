/** What the tests of all packages share: where the shared model lies, and the rules that hold the architecture. */
package modelpatch;
