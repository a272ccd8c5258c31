package modelpatch.patch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import modelpatch.BadInput;
import modelpatch.checkpoint.AtomicFile;

/** A private Ed25519 key in a PEM file (PKCS #8), from the JDK's own provider, and what it signs. */
public final class SigningKey {
    private static final String ALGORITHM = "Ed25519";
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private final PrivateKey key;
    private final String fingerprint;
    private final String publicKey;

    private SigningKey(PrivateKey key, byte[] publicKey) {
        this.key = key;
        this.publicKey = Base64.getEncoder().encodeToString(publicKey);
        this.fingerprint = TrustedKeys.fingerprint(publicKey);
    }

    /**
     * Makes a pair: the private key in {@code file}, readable by its owner alone, and a line for a file of trusted keys in {@code file.pub}.
     *
     * @param name whom the key belongs to, without blanks
     * @throws BadInput where one of the files is there already
     */
    public static SigningKey generate(Path file, String name) {
        requireName(name);
        Path publicFile = publicFile(file);
        for (Path one : new Path[] {file, publicFile}) {
            if (Files.exists(one)) {
                throw new BadInput("key is there already", one.toString(), "no file", "a file", "choose another name");
            }
        }
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            String body = Base64.getMimeEncoder(64, new byte[] {'\n'})
                    .encodeToString(pair.getPrivate().getEncoded());
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } else {
                Files.createFile(file);
            }
            Files.writeString(file, BEGIN + "\n" + body + "\n" + END + "\n", StandardOpenOption.WRITE);
            SigningKey made = new SigningKey(pair.getPrivate(), pair.getPublic().getEncoded());
            byte[] line = (name + " " + made.publicKey + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(publicFile, out -> out.write(line));
            return made;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform from 15 on has Ed25519", e);
        } catch (IOException e) {
            throw BadInput.writing(file, e);
        }
    }

    /** Where {@link #generate} writes the public half. */
    public static Path publicFile(Path file) {
        return file.resolveSibling(file.getFileName() + ".pub");
    }

    /** Names stand in lines of files, so they hold no blanks. */
    static void requireName(String name) {
        if (!name.matches("[\\S&&[^\\p{C}]]{1,100}")) {
            throw new BadInput(
                    "no usable name of a signer",
                    "name '" + name + "'",
                    "1 to 100 characters that can be seen, no blanks",
                    "otherwise",
                    "use-hyphens");
        }
    }

    /** Reads a private key. */
    public static SigningKey read(Path file) {
        try {
            String text = Files.readString(file).strip();
            if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
                throw notAKey(file, "other text", null);
            }
            byte[] encoded =
                    Base64.getMimeDecoder().decode(text.substring(BEGIN.length(), text.length() - END.length()));
            KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
            PrivateKey key = factory.generatePrivate(new PKCS8EncodedKeySpec(encoded));
            return new SigningKey(key, publicOf(key));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw notAKey(file, "a key of another kind, or a damaged one", e);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }

    private static BadInput notAKey(Path file, String found, Exception cause) {
        BadInput bad = new BadInput(
                "no private key",
                file.toString(),
                "a PEM file (PKCS #8) with an Ed25519 key",
                found,
                "make one by `patch sign --new-key FILE`");
        return cause == null ? bad : bad.causedBy(cause);
    }

    /** The public half in its X.509 form: the JDK derives it when a generator is fed the private half as its randomness. */
    private static byte[] publicOf(PrivateKey key) throws GeneralSecurityException {
        byte[] seed = ((EdECPrivateKey) key).getBytes().orElseThrow();
        KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
        generator.initialize(NamedParameterSpec.ED25519, new Fixed(seed));
        KeyPair pair = generator.generateKeyPair();
        byte[] derived = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
        if (!Arrays.equals(seed, derived)) {
            throw new GeneralSecurityException("the provider does not take its randomness as the key");
        }
        KeyFactory.getInstance(ALGORITHM).generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
        return pair.getPublic().getEncoded();
    }

    /** Randomness that is known beforehand. */
    private static final class Fixed extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final byte[] bytes;

        Fixed(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        @Override
        public void nextBytes(byte[] target) {
            System.arraycopy(bytes, 0, target, 0, target.length);
        }
    }

    /** Fingerprint of the public half. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Signs a patch. */
    public Signature sign(WeightPatch patch, String signer, Signature.Role role, Instant time) {
        requireName(signer);
        try {
            java.security.Signature signature = java.security.Signature.getInstance(ALGORITHM);
            signature.initSign(key);
            signature.update(Signature.text(patch.id(), signer, role, time).getBytes(StandardCharsets.UTF_8));
            return new Signature(
                    signer, role, time, fingerprint, Base64.getEncoder().encodeToString(signature.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing with a key that was read failed", e);
        }
    }
}
