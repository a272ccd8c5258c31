/** Fast and slow answers to the same questions, and hints that pull them: what thinking adds, and what it breaks. */
package modelpatch.thinking;
