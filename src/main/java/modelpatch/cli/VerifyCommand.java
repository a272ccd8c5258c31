package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.guard.Policy;
import modelpatch.patch.PatchStack;
import modelpatch.patch.Signature;
import modelpatch.patch.TrustedKeys;
import modelpatch.patch.WeightPatch;
import modelpatch.report.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code patch verify}: whether patches are what trusted people signed. */
@Command(
        name = "verify",
        header = "Checks that patches are whole, and whose signatures they carry.",
        description =
                "Exit code 1 where a patch has no signature of a trusted key, has an invalid one, has expired, or breaks --policy.",
        footer = "  patch verify patches/p.patch.safetensors --trust trusted.keys")
final class VerifyCommand extends Subcommand {
    @Mixin
    PatchOptions patches;

    @Parameters(paramLabel = "PATCH", arity = "1..*", description = "patch files, or beginnings of ids in --patches")
    List<String> names;

    @Option(
            names = "--trust",
            paramLabel = "KEYS",
            description =
                    "whose signatures count: lines of a name and a public key, as `patch sign --new-key` writes them"
                            + " (default: those of --policy)")
    Path trust;

    @Option(names = "--policy", paramLabel = "FILE", description = "a policy file whose rules are checked too")
    Path policy;

    VerifyCommand(Terminal terminal) {
        super(terminal);
    }

    /** One signature. */
    record Signed(String signer, Signature.Role role, String time, String key, TrustedKeys.State state) {}

    /**
     * One patch.
     *
     * @param objections why it is not accepted; empty where it is
     */
    record Verified(
            String patch, String author, Optional<String> expires, List<Signed> signatures, List<String> objections) {}

    /** What {@code --json} prints. */
    record VerifyDocument(String verdict, List<Verified> patches) {}

    @Override
    Answer answer() {
        Optional<Policy> rules = Optional.ofNullable(policy).map(Policy::read);
        TrustedKeys keys =
                trust == null ? rules.map(Policy::trust).orElse(TrustedKeys.none()) : TrustedKeys.read(trust);
        List<Verified> verified = new ArrayList<>();
        for (String name : names) {
            verified.add(verified(patches.find(name, terminal), keys, rules));
        }
        boolean accepted = verified.stream().allMatch(one -> one.objections().isEmpty());
        return new Answer(
                new VerifyDocument(Answer.verdict(accepted), verified),
                () -> text(verified, accepted),
                accepted ? 0 : 1);
    }

    private Verified verified(WeightPatch patch, TrustedKeys keys, Optional<Policy> rules) {
        List<TrustedKeys.Checked> checked = keys.check(patch);
        List<String> objections = new ArrayList<>();
        checked.stream()
                .filter(one -> one.state() == TrustedKeys.State.INVALID)
                .forEach(one -> objections.add("the signature of "
                        + one.signature().signer() + " is not for this patch, name, role and time"));
        if (rules.isEmpty() && checked.stream().noneMatch(TrustedKeys.Checked::valid)) {
            objections.add(checked.isEmpty() ? "unsigned" : "no signature of a trusted key");
        }
        if (patch.provenance().expired(terminal.clock().instant())) {
            objections.add("expired on " + patch.provenance().expires().orElseThrow());
        }
        rules.ifPresent(one -> one.violations(
                        PatchStack.of(List.of(patch)), terminal.clock().instant())
                .forEach(violation -> objections.add(violation.rule() + ": " + violation.found())));
        return new Verified(
                patch.id(),
                patch.provenance().author(),
                patch.provenance().expires().map(String::valueOf),
                checked.stream()
                        .map(one -> new Signed(
                                one.signature().signer(),
                                one.signature().role(),
                                one.signature().time().toString(),
                                one.signature().key(),
                                one.state()))
                        .toList(),
                objections);
    }

    private static String text(List<Verified> verified, boolean accepted) {
        Table table = Table.of("patch", "author", "signer", "role", "time", "key", "state");
        for (Verified one : verified) {
            String id = one.patch().substring(0, 12);
            one.signatures()
                    .forEach(signed -> table.row(
                            id,
                            one.author(),
                            signed.signer(),
                            signed.role().key(),
                            signed.time(),
                            signed.key(),
                            signed.state().key().replace('_', ' ')));
            if (one.signatures().isEmpty()) {
                table.row(id, one.author(), "nobody", "", "", "", "unsigned");
            }
        }
        StringBuilder text = new StringBuilder(table.toString()).append('\n');
        for (Verified one : verified) {
            one.objections()
                    .forEach(objection -> text.append("no: ")
                            .append(one.patch(), 0, 12)
                            .append(": ")
                            .append(objection)
                            .append('\n'));
        }
        return text.append(accepted ? "whole and accepted" : "not accepted").toString();
    }
}
