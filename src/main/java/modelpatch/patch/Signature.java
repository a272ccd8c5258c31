package modelpatch.patch;

import java.time.Instant;
import java.util.Locale;

/**
 * Somebody's word for a patch: an Ed25519 signature (RFC 8032) over the patch's id, who signs, as what, and when. It stands beside the content
 * of a patch file and is no part of the patch's identity, so signing changes no id.
 *
 * @param signer who, as the trusted keys name him
 * @param role as what
 * @param time when
 * @param key fingerprint of the key, see {@link TrustedKeys#fingerprint}
 * @param value the signature in Base64
 */
public record Signature(String signer, Role role, Instant time, String key, String value) {
    /** As what somebody signs. */
    public enum Role {
        /** Who made the patch. */
        AUTHOR,
        /** Who looked at it and lets it through. */
        APPROVER;

        /** The name in files and flags. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is signed, as UTF-8: five lines, so that no word can be moved from one field to another. */
    static String text(String id, String signer, Role role, Instant time) {
        return "modelpatch signature 1\npatch " + id + "\nsigner " + signer + "\nrole " + role.key() + "\ntime " + time
                + "\n";
    }

    String text(String id) {
        return text(id, signer, role, time);
    }
}
