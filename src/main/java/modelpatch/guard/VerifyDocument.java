package modelpatch.guard;

import java.util.List;
import java.util.Optional;
import modelpatch.patch.Signature;
import modelpatch.patch.TrustedKeys;

/**
 * Whether patches are what trusted people signed.
 *
 * @param verdict passed, or failed where one of them is not accepted
 */
public record VerifyDocument(String verdict, List<Verified> patches) {
    /**
     * One patch.
     *
     * @param objections why it is not accepted; empty where it is
     */
    public record Verified(
            String patch, String author, Optional<String> expires, List<Signed> signatures, List<String> objections) {}

    /** One signature. */
    public record Signed(String signer, Signature.Role role, String time, String key, TrustedKeys.State state) {}

    /** Whether every patch is accepted. */
    public boolean passed() {
        return patches.stream().allMatch(one -> one.objections().isEmpty());
    }
}
