package modelpatch.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import modelpatch.BadInput;

/**
 * SHA-256 in lower-case hexadecimal: by the static methods of a whole, or of parts that are added one after the other. Text counts as its
 * UTF-8 bytes, a float as it is stored, little endian. (FIPS 180-4.)
 */
public final class Sha256 {
    private static final int CHUNK = 1 << 16;

    private final MessageDigest sha;

    public Sha256() {
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    public static String of(byte[] bytes) {
        return new Sha256().add(bytes).hex();
    }

    public static String of(String text) {
        return new Sha256().add(text).hex();
    }

    public static String of(float[] values) {
        return new Sha256().add(values).hex();
    }

    /**
     * Of a file's bytes.
     *
     * @throws BadInput when the file cannot be read
     */
    public static String of(Path file) {
        try {
            return of(Files.readAllBytes(file));
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }

    public Sha256 add(byte[] bytes) {
        sha.update(bytes);
        return this;
    }

    public Sha256 add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds what remains in a buffer, which is at its end then. */
    Sha256 add(ByteBuffer bytes) {
        sha.update(bytes);
        return this;
    }

    public Sha256 add(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * Math.min(CHUNK, values.length))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int start = 0; start < values.length; start += CHUNK) {
            int count = Math.min(CHUNK, values.length - start);
            bytes.clear();
            bytes.asFloatBuffer().put(values, start, count);
            add(bytes.limit(Float.BYTES * count));
        }
        return this;
    }

    /** The digest of all that was added, 64 digits; nothing can be added afterwards without beginning anew. */
    public String hex() {
        return HexFormat.of().formatHex(sha.digest());
    }
}
