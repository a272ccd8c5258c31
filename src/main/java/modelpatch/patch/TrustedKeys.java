package modelpatch.patch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.checkpoint.Sha256;

/** Whose signatures count: a text file with one key per line, a name and the X.509 form of an Ed25519 key in Base64; {@code #} begins a remark. */
public final class TrustedKeys {
    private static final int FINGERPRINT = 16;

    private final Map<String, Trusted> byFingerprint;

    private TrustedKeys(Map<String, Trusted> byFingerprint) {
        this.byFingerprint = byFingerprint;
    }

    private record Trusted(String name, PublicKey key) {}

    /** Keys of nobody: no signature counts. */
    public static TrustedKeys none() {
        return new TrustedKeys(Map.of());
    }

    /** @throws BadInput naming file and line of what is no key, or a key that is there twice */
    public static TrustedKeys read(Path file) {
        Map<String, Trusted> keys = new LinkedHashMap<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).replaceFirst("#.*", "").strip();
            if (!line.isEmpty()) {
                String where = file + ":" + (i + 1);
                String[] parts = line.split("\\s+", -1);
                if (parts.length != 2) {
                    throw notAKey(where, parts.length + " words");
                }
                try {
                    byte[] encoded = Base64.getDecoder().decode(parts[1]);
                    PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
                    if (keys.put(fingerprint(encoded), new Trusted(parts[0], key)) != null) {
                        throw new BadInput("key given twice", where, "each key once", parts[0], "remove the line");
                    }
                } catch (GeneralSecurityException | IllegalArgumentException e) {
                    throw notAKey(where, "other text").causedBy(e);
                }
            }
        }
        return new TrustedKeys(keys);
    }

    private static BadInput notAKey(String where, String found) {
        return new BadInput(
                "no trusted key",
                where,
                "a name and an Ed25519 public key in Base64 (X.509), parted by a blank",
                found,
                "copy the line from the .pub file that `patch sign --new-key` wrote");
    }

    /** How a key is named: the first sixteen digits of SHA-256 over its X.509 form. */
    static String fingerprint(byte[] encoded) {
        return Sha256.of(encoded).substring(0, FINGERPRINT);
    }

    /** What became of one signature. */
    public enum State {
        /** By a trusted key, and for this very patch. */
        VALID,
        /** By a key that is not trusted. */
        UNKNOWN_KEY,
        /** By a trusted key, and not for this patch, this name, this role or this time. */
        INVALID;

        /** The name in JSON and tables. */
        @com.fasterxml.jackson.annotation.JsonValue
        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** A signature and what became of it. */
    public record Checked(Signature signature, State state) {
        public boolean valid() {
            return state == State.VALID;
        }
    }

    /** Checks every signature of a patch. */
    public List<Checked> check(WeightPatch patch) {
        List<Checked> checked = new ArrayList<>();
        for (Signature signature : patch.signatures()) {
            Trusted trusted = byFingerprint.get(signature.key());
            State state = trusted == null
                    ? State.UNKNOWN_KEY
                    : trusted.name().equals(signature.signer()) && verifies(signature, patch, trusted.key())
                            ? State.VALID
                            : State.INVALID;
            checked.add(new Checked(signature, state));
        }
        return checked;
    }

    private static boolean verifies(Signature signature, WeightPatch patch, PublicKey key) {
        try {
            java.security.Signature check = java.security.Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(signature.text(patch.id()).getBytes(StandardCharsets.UTF_8));
            return check.verify(Base64.getDecoder().decode(signature.value()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // no signature at all
        }
    }
}
