package modelpatch.patch;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;

/**
 * Who made a patch, why, how, and what the evidence was.
 *
 * @param method name of the editor or recipe
 * @param configuration everything that reproduces the edit; not modified
 * @param seed of every random choice
 * @param cases ids of the cases it repairs
 * @param evidence the before and after table, post-conditions, and the choices that lost; not modified
 * @param verdict what the gates said
 * @param author who
 * @param reason why, in words
 * @param time when
 */
public record Provenance(
        String method,
        JsonNode configuration,
        long seed,
        List<String> cases,
        JsonNode evidence,
        GateVerdict verdict,
        String author,
        String reason,
        Instant time) {
    public Provenance {
        configuration = configuration.deepCopy();
        evidence = evidence.deepCopy();
        cases = List.copyOf(cases);
    }

    /** The same with what was found after the patch was evaluated. */
    public Provenance judged(JsonNode evidence, GateVerdict verdict) {
        return new Provenance(method, configuration, seed, cases, evidence, verdict, author, reason, time);
    }
}
