/**
 * What is asked: facts, the English that asks for them, compositional cases, and suites of cases with their splits and sets.
 *
 * <p>Conventions for whoever scores an answer:
 *
 * <ul>
 *   <li>An answer follows its prompt ({@link modelpatch.cases.Query#prompt()}) after one space. A leading article ("the", "a", "an") is
 *       removed before it is matched, since English wants "the United States of America" where the answer reads
 *       "United States of America".
 *   <li>A case accepts {@link modelpatch.cases.CompositionalCase#answers()}: the object's name and its aliases, none of which names
 *       another entity of the facts.
 *   <li>{@link modelpatch.cases.Mentions} says what it means for a name to be readable in a text.
 *   <li>Templates are split into edit, validation and test; a suite's cases into choose and report. Results come from test templates of
 *       cases on the report side, except for the one set that is the case's own primary cloze.
 * </ul>
 */
package modelpatch.cases;
