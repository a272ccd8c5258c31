/**
 * Text, JSON and YAML as people and programs write them. Reading is strict: what is wrong, or unknown, or there twice is refused in one
 * message of our own words that says file, line and column. Writing gives the same bytes on every system. Knows none of the things that the
 * documents are about.
 */
package modelpatch.document;
