package modelpatch.guard;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;

/**
 * A suite that was made.
 *
 * @param suite its file
 * @param baseline the file of its baseline
 * @param sets how many cases each has, by title
 * @param leftOut what did not go in, counted by reason
 * @param reproduced items that the topmost patch's evidence lists as changed and that changed again
 * @param evidence items that it lists
 * @param verdict of the first run, which is the baseline
 * @param result that run
 */
public record InitDocument(
        String suite,
        String baseline,
        Map<String, Integer> sets,
        Map<String, Integer> leftOut,
        int reproduced,
        int evidence,
        String verdict,
        @JsonIgnore SuiteResult result) {}
