package modelpatch.guard;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.document.Located;
import modelpatch.patch.GateVerdict;
import modelpatch.patch.PatchStack;
import modelpatch.patch.Signature;
import modelpatch.patch.TrustedKeys;
import modelpatch.patch.WeightPatch;

/**
 * What a patch must have to be used.
 *
 * @param file where it was read
 * @param signatures valid signatures by different trusted people that a patch must have, 0 for none
 * @param approver whether one of them must be by an approver who is not the author
 * @param refuseExpired whether a patch is refused from its expiry on
 * @param refuseForced whether a patch is refused that was written though a gate failed, or without being judged
 * @param trust whose signatures count
 */
public record Policy(
        Path file, int signatures, boolean approver, boolean refuseExpired, boolean refuseForced, TrustedKeys trust) {
    private static final Set<String> KEYS =
            Set.of("require_signatures", "require_approver", "refuse_expired", "refuse_forced", "trusted_keys");

    /** What every policy has where it says nothing else, and what holds where there is no file: an expired patch is refused. */
    public static final Policy DEFAULTS =
            new Policy(Path.of("the default policy"), 0, false, true, false, TrustedKeys.none());

    /** A rule that a patch breaks, by its name in the policy file. */
    public record Violation(WeightPatch patch, String rule, String found) {}

    /** @throws BadInput naming file, line and column of an unknown key or another kind of value */
    public static Policy read(Path yaml) {
        Located root = Located.yaml(yaml);
        Map<String, Located> given = root.fields("policy", KEYS);
        int signatures = root.optional("require_signatures")
                .map(node -> node.whole("require_signatures", 0, 999))
                .orElse(0);
        boolean approver = flag(root, "require_approver", false);
        Optional<Path> trust =
                root.optional("trusted_keys").map(node -> yaml.toAbsolutePath().resolveSibling(node.text("file")));
        if (trust.isEmpty() && (signatures > 0 || approver)) {
            throw new BadInput(
                    "signatures of nobody",
                    given.containsKey("require_signatures")
                            ? given.get("require_signatures").where()
                            : root.where(),
                    "trusted_keys with a file of keys",
                    "none",
                    "add trusted_keys: FILE");
        }
        return new Policy(
                yaml,
                signatures,
                approver,
                flag(root, "refuse_expired", true),
                flag(root, "refuse_forced", false),
                trust.map(TrustedKeys::read).orElse(TrustedKeys.none()));
    }

    private static boolean flag(Located root, String name, boolean otherwise) {
        return root.optional(name).map(node -> node.flag(name)).orElse(otherwise);
    }

    /** Every rule that a patch of the stack breaks. */
    List<Violation> violations(PatchStack stack, Instant now) {
        List<Violation> violations = new ArrayList<>();
        for (WeightPatch patch : stack.patches()) {
            violations(patch, now, violations);
        }
        return violations;
    }

    private void violations(WeightPatch patch, Instant now, List<Violation> violations) {
        var provenance = patch.provenance();
        if (refuseExpired && provenance.expired(now)) {
            violations.add(new Violation(
                    patch,
                    "refuse_expired",
                    "expired on " + provenance.expires().orElseThrow()));
        }
        if (refuseForced && provenance.verdict() != GateVerdict.PASSED) {
            violations.add(new Violation(
                    patch,
                    "refuse_forced",
                    provenance.verdict() == GateVerdict.FORCED ? "written though a gate failed" : "never judged"));
        }
        List<TrustedKeys.Checked> checked = trust.check(patch);
        Set<String> signers = checked.stream()
                .filter(TrustedKeys.Checked::valid)
                .map(one -> one.signature().signer())
                .collect(Collectors.toSet());
        if (signers.size() < signatures) {
            violations.add(new Violation(patch, "require_signatures", found(checked, signers)));
        }
        Set<String> makers =
                provenance.author().isBlank() ? signers(checked, Signature.Role.AUTHOR) : Set.of(provenance.author());
        Set<String> approvers = signers(checked, Signature.Role.APPROVER);
        approvers.removeAll(makers);
        if (approver && (makers.isEmpty() || approvers.isEmpty())) {
            violations.add(new Violation(patch, "require_approver", found(checked, signers)));
        }
    }

    private static Set<String> signers(List<TrustedKeys.Checked> checked, Signature.Role role) {
        return checked.stream()
                .filter(one -> one.valid() && one.signature().role() == role)
                .map(one -> one.signature().signer())
                .collect(Collectors.toSet());
    }

    private static String found(List<TrustedKeys.Checked> checked, Set<String> signers) {
        if (checked.isEmpty()) {
            return "unsigned";
        }
        String bad = checked.stream()
                .filter(one -> !one.valid())
                .map(one -> one.signature().signer() + " (" + one.state().key().replace('_', ' ') + ")")
                .collect(Collectors.joining(", "));
        return "signed by "
                + (signers.isEmpty() ? "nobody who is trusted" : String.join(", ", signers))
                + (bad.isEmpty() ? "" : "; not counted: " + bad);
    }

    /**
     * Lets a stack pass or refuses it.
     *
     * @throws BadInput naming the first patch, the rule and the policy file
     */
    public void require(PatchStack stack, Instant now) {
        violations(stack, now).stream().findFirst().ifPresent(one -> {
            throw new BadInput(
                    one.patch() + " is refused by the policy",
                    file + " " + one.rule(),
                    "a patch that keeps it",
                    one.found(),
                    "have it signed, renew it, or use another policy");
        });
    }
}
