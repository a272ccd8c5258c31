package modelpatch.patch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in hexadecimal, of bytes as they would be stored: little endian. */
final class Digests {
    private static final int CHUNK = 1 << 16;

    private Digests() {}

    static String of(float[] values) {
        MessageDigest sha = sha256();
        ByteBuffer bytes = ByteBuffer.allocate(4 * Math.min(CHUNK, Math.max(1, values.length)))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int start = 0; start < values.length; start += CHUNK) {
            int count = Math.min(CHUNK, values.length - start);
            bytes.clear();
            bytes.asFloatBuffer().put(values, start, count);
            sha.update(bytes.limit(4 * count));
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    static String of(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    static String of(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
