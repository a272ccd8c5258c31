package modelpatch.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.patch.PatchStack;
import modelpatch.patch.Provenance;
import modelpatch.patch.Signature;
import modelpatch.patch.SigningKey;
import modelpatch.patch.SmallModel;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyTest {
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

    @TempDir
    Path folder;

    private SigningKey ada;
    private SigningKey grace;

    @BeforeEach
    void keys() throws IOException {
        ada = SigningKey.generate(folder.resolve("Ada.key"), "Ada"); // the author of these patches
        grace = SigningKey.generate(folder.resolve("grace.key"), "grace");
        Files.writeString(
                folder.resolve("trusted.keys"),
                Files.readString(folder.resolve("Ada.key.pub")) + Files.readString(folder.resolve("grace.key.pub")));
    }

    private WeightPatch patch(Optional<Instant> expires) {
        return patchWith(SmallModel.provenance("trial").governed(Optional.empty(), expires));
    }

    private WeightPatch patchBy(String author) {
        Provenance named = SmallModel.provenance("trial");
        return patchWith(new Provenance(
                named.method(),
                named.configuration(),
                named.seed(),
                named.cases(),
                named.evidence(),
                named.verdict(),
                author,
                named.reason(),
                named.time()));
    }

    private WeightPatch patchWith(Provenance provenance) {
        try (Checkpoint base = Checkpoint.open(SmallModel.write(folder.resolve("base"), 1))) {
            return WeightPatch.of(base, PatchStack.empty(), SmallModel.deltas(new Random(2)), provenance);
        }
    }

    private Policy policy(String text) throws IOException {
        return Policy.read(Files.writeString(folder.resolve("policy.yaml"), text));
    }

    private static List<String> broken(Policy policy, WeightPatch patch) {
        return policy.violations(PatchStack.of(List.of(patch)), NOW).stream()
                .map(one -> one.rule() + ": " + one.found())
                .toList();
    }

    @Test
    void theShippedPolicyRefusesNothingButWhatExpired() {
        Policy policy = Policy.read(Path.of("configs", "policy.yaml"));
        assertThat(broken(policy, patch(Optional.empty()))).isEmpty();
        assertThat(broken(policy, patch(Optional.of(NOW.plusSeconds(1))))).isEmpty();
        assertThat(broken(policy, patch(Optional.of(NOW)))).containsExactly("refuse_expired: expired on " + NOW);
    }

    @Test
    void signaturesAreCountedByPerson() throws IOException {
        WeightPatch patch = patch(Optional.empty());
        Policy two = policy("require_signatures: 2\ntrusted_keys: trusted.keys\n");
        assertThat(broken(two, patch)).containsExactly("require_signatures: unsigned");
        Signature asAuthor = ada.sign(patch, "Ada", Signature.Role.AUTHOR, NOW);
        Signature asApprover = ada.sign(patch, "Ada", Signature.Role.APPROVER, NOW);
        assertThat(broken(two, patch.signed(List.of(asAuthor, asApprover))))
                .containsExactly("require_signatures: signed by Ada");
        Signature second = grace.sign(patch, "grace", Signature.Role.AUTHOR, NOW);
        assertThat(broken(two, patch.signed(List.of(asAuthor, second)))).isEmpty();
    }

    @Test
    void nobodyApprovesHisOwnPatch() throws IOException {
        WeightPatch patch = patch(Optional.empty());
        Policy policy = policy("require_approver: true\ntrusted_keys: trusted.keys\n");
        assertThat(broken(policy, patch.signed(List.of(ada.sign(patch, "Ada", Signature.Role.APPROVER, NOW)))))
                .containsExactly("require_approver: signed by Ada");
        assertThat(broken(policy, patch.signed(List.of(grace.sign(patch, "grace", Signature.Role.APPROVER, NOW)))))
                .isEmpty();
    }

    @Test
    void whoeverApprovesAPatchOfNoNamedAuthorNeedsAnotherWhoSignedAsAuthor() throws IOException {
        WeightPatch patch = patchBy("");
        Policy policy = policy("require_approver: true\ntrusted_keys: trusted.keys\n");
        Signature approval = grace.sign(patch, "grace", Signature.Role.APPROVER, NOW);
        assertThat(broken(policy, patch.signed(List.of(approval))))
                .containsExactly("require_approver: signed by grace");
        Signature own = grace.sign(patch, "grace", Signature.Role.AUTHOR, NOW);
        assertThat(broken(policy, patch.signed(List.of(own, approval))))
                .containsExactly("require_approver: signed by grace");
        Signature others = ada.sign(patch, "Ada", Signature.Role.AUTHOR, NOW);
        assertThat(broken(policy, patch.signed(List.of(others, approval)))).isEmpty();
    }

    @Test
    void anUntrustedKeyIsNamedAndNotCounted() throws IOException {
        WeightPatch patch = patch(Optional.empty());
        Policy policy = policy("require_signatures: 1\ntrusted_keys: trusted.keys\n");
        SigningKey eve = SigningKey.generate(folder.resolve("eve.key"), "eve");
        assertThat(broken(policy, patch.signed(List.of(eve.sign(patch, "eve", Signature.Role.AUTHOR, NOW)))))
                .containsExactly("require_signatures: signed by nobody who is trusted; not counted: eve (unknown key)");
        assertThatThrownBy(() -> policy.require(PatchStack.of(List.of(patch)), NOW))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(patch.shortId())
                .hasMessageContaining("require_signatures")
                .hasMessageContaining("unsigned");
    }

    @Test
    void aMistakeInThePolicyIsNamedByLine() {
        assertThatThrownBy(() -> policy("require_signature: 1\n")).hasMessageContaining("policy.yaml:1");
        assertThatThrownBy(() -> policy("refuse_expired: perhaps\n")).hasMessageContaining("policy.yaml:1:17");
        assertThatThrownBy(() -> policy("refuse_forced: true\nrequire_signatures: 1\n"))
                .hasMessageContaining("policy.yaml:2")
                .hasMessageContaining("trusted_keys");
    }
}
