/**
 * What is asked: facts, the English that asks for them, compositional cases, and suites of cases with their splits and sets.
 *
 * <p>Conventions for whoever scores an answer:
 *
 * <ul>
 *   <li>An answer follows its prompt ({@link modelpatch.cases.Query#prompt()}) after one space. Sentences are written so that it may come
 *       with a leading article, which is removed before it is matched: English says "the United States of America" where the answer reads
 *       "United States of America".
 *   <li>A case accepts {@link modelpatch.cases.CompositionalCase#answers()}: the object's name and its aliases, none of which names
 *       another entity of the facts.
 *   <li>{@link modelpatch.cases.Mentions} says when a name can be read in a prompt, which makes a case worthless.
 *   <li>Templates are split into edit, validation and test; the cases of a suite into choose and report. Results come from test templates
 *       of cases on the report side, except for the one set that is the case's own primary cloze.
 *   <li>What depends on a seed depends on the seed and a name, never on the order or number of facts.
 * </ul>
 */
package modelpatch.cases;
