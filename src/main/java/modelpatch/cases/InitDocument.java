package modelpatch.cases;

import java.util.List;

/**
 * A file of relations that was begun for somebody's own facts.
 *
 * @param relations the file
 * @param known relations that had sentences already
 * @param drafts relations whose sentences are drafts
 */
public record InitDocument(String relations, List<String> known, List<String> drafts) {}
