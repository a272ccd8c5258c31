package modelpatch.patch;

/**
 * A signature that was put to a patch, or a key that was made.
 *
 * @param patch id; empty where only a key was made
 * @param key fingerprint
 * @param file what was written
 */
public record SignDocument(String patch, String signer, Signature.Role role, String key, String file) {}
