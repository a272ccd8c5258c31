package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import modelpatch.guard.Policy;
import modelpatch.guard.Verify;
import modelpatch.guard.VerifyDocument;
import modelpatch.patch.TrustedKeys;
import modelpatch.patch.WeightPatch;
import modelpatch.report.VerifyView;
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

    @Override
    Answer answer() {
        Optional<Policy> rules = Optional.ofNullable(policy).map(Policy::read);
        TrustedKeys keys =
                trust == null ? rules.map(Policy::trust).orElse(TrustedKeys.none()) : TrustedKeys.read(trust);
        List<WeightPatch> found =
                names.stream().map(name -> patches.find(name, terminal)).toList();
        VerifyDocument document = new Verify(keys, rules, terminal.clock().instant()).run(found);
        return new Answer(document, () -> VerifyView.text(document), document.passed() ? 0 : 1);
    }
}
