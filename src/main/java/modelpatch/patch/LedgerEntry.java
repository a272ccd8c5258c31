package modelpatch.patch;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * One line of the ledger.
 *
 * @param line its number, from 1
 * @param action what was done, such as apply or revert
 * @param details evidence, gates, digests, patches
 * @param previous hash of the line before
 * @param hash of this line
 */
public record LedgerEntry(
        int line,
        Instant time,
        String action,
        String author,
        String reason,
        JsonNode details,
        String previous,
        String hash) {}
