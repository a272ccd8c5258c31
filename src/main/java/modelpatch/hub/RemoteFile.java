package modelpatch.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file of a model on a hub, as the listing describes it.
 *
 * @param name without folders
 * @param size in bytes
 * @param algorithm of the digest: SHA-256 of the bytes, for large files; SHA-1 as git names its blobs, for small ones
 * @param digest in hexadecimal
 */
record RemoteFile(String name, long size, Algorithm algorithm, String digest) {
    /** How a listing identifies a file. */
    enum Algorithm {
        SHA256("SHA-256"),
        GIT_BLOB("SHA-1");

        private final String java;

        Algorithm(String java) {
            this.java = java;
        }
    }

    private static final int BUFFER = 1 << 20;

    /** Whether a file on this machine has these bytes. */
    boolean is(Path file) throws IOException {
        return Files.isRegularFile(file)
                && Files.size(file) == size
                && digestOf(file).equals(digest);
    }

    String digestOf(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest sum = MessageDigest.getInstance(algorithm.java);
            if (algorithm == Algorithm.GIT_BLOB) {
                sum.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
            }
            byte[] part = new byte[BUFFER];
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                sum.update(part, 0, read);
            }
            return HexFormat.of().formatHex(sum.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java machine has it", e);
        }
    }
}
