package modelpatch.guard;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TrustedKeys;
import modelpatch.patch.WeightPatch;

/**
 * The use case {@code patch verify}: whether patches are what trusted people signed.
 *
 * @param keys whose signatures count
 * @param policy rules that are checked too; without them a patch needs a signature of a trusted key
 * @param now the time, by which patches expire
 */
public record Verify(TrustedKeys keys, Optional<Policy> policy, Instant now) {

    /** Checks patches, each by itself. */
    public VerifyDocument run(List<WeightPatch> patches) {
        List<VerifyDocument.Verified> verified =
                patches.stream().map(this::verified).toList();
        boolean accepted = verified.stream().allMatch(one -> one.objections().isEmpty());
        return new VerifyDocument(Gates.verdict(accepted), verified);
    }

    private VerifyDocument.Verified verified(WeightPatch patch) {
        List<TrustedKeys.Checked> checked = keys.check(patch);
        List<String> objections = new ArrayList<>();
        checked.stream()
                .filter(one -> one.state() == TrustedKeys.State.INVALID)
                .forEach(one -> objections.add("the signature of "
                        + one.signature().signer() + " is not for this patch, name, role and time"));
        if (policy.isEmpty() && checked.stream().noneMatch(TrustedKeys.Checked::valid)) {
            objections.add(checked.isEmpty() ? "unsigned" : "no signature of a trusted key");
        }
        if (patch.provenance().expired(now)) {
            objections.add("expired on " + patch.provenance().expires().orElseThrow());
        }
        policy.ifPresent(rules -> rules.violations(PatchStack.of(List.of(patch)), now)
                .forEach(violation -> objections.add(violation.rule() + ": " + violation.found())));
        return new VerifyDocument.Verified(
                patch.id(),
                patch.provenance().author(),
                patch.provenance().expires().map(String::valueOf),
                checked.stream()
                        .map(one -> new VerifyDocument.Signed(
                                one.signature().signer(),
                                one.signature().role(),
                                one.signature().time().toString(),
                                one.signature().key(),
                                one.state()))
                        .toList(),
                objections);
    }
}
