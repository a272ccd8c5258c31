/**
 * Regression suites in a build of the user's own: JUnit 5 tests, one for each case of a suite. The only package that knows JUnit, which comes
 * with the user's build; nothing else of the toolkit needs it.
 */
package modelpatch.junit;
