package modelpatch.patch;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
 * @param approver who is to answer for its use; the proof is a {@link Signature} of that role
 * @param expires from when on it must not be used
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
        Instant time,
        Optional<String> approver,
        Optional<Instant> expires) {
    /** Provenance without approver and expiry. */
    public Provenance(
            String method,
            JsonNode configuration,
            long seed,
            List<String> cases,
            JsonNode evidence,
            GateVerdict verdict,
            String author,
            String reason,
            Instant time) {
        this(
                method,
                configuration,
                seed,
                cases,
                evidence,
                verdict,
                author,
                reason,
                time,
                Optional.empty(),
                Optional.empty());
    }

    public Provenance {
        configuration = configuration.deepCopy();
        evidence = evidence.deepCopy();
        cases = List.copyOf(cases);
    }

    /** The same with an approver and a time from when on the patch must not be used. */
    public Provenance governed(Optional<String> newApprover, Optional<Instant> newExpiry) {
        return new Provenance(
                method, configuration, seed, cases, evidence, verdict, author, reason, time, newApprover, newExpiry);
    }

    /** Whether it must not be used any more. */
    public boolean expired(Instant now) {
        return expires.filter(end -> !now.isBefore(end)).isPresent();
    }
}
