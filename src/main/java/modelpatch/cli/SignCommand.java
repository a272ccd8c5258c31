package modelpatch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.BadInput;
import modelpatch.patch.PatchStore;
import modelpatch.patch.SignDocument;
import modelpatch.patch.Signature;
import modelpatch.patch.SigningKey;
import modelpatch.patch.WeightPatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code patch sign}: a name under a patch. */
@Command(
        name = "sign",
        header = "Puts an Ed25519 signature to a patch, as its author or approver.",
        description =
                "The signature stands beside the patch's content; the id stays. The ledger gets a line. With --new-key it first"
                        + " makes a key: FILE for you alone, FILE.pub to be copied into a file of trusted keys.",
        footer = {
            "  patch sign --new-key --key ada.key --signer ada",
            "  patch sign patches/p.patch.safetensors --key ada.key --signer ada --role approver"
        })
final class SignCommand extends Subcommand {
    @Mixin
    PatchOptions patches;

    @Parameters(
            paramLabel = "PATCH",
            arity = "0..1",
            description = "a patch file, or the beginning of an id in --patches")
    String patch;

    @Option(names = "--key", paramLabel = "FILE", required = true, description = "your private key, PEM (PKCS #8)")
    Path key;

    @Option(
            names = "--signer",
            paramLabel = "NAME",
            description = "who signs, without blanks (default: the user's name)")
    String signer = System.getProperty("user.name", "");

    @Option(names = "--role", paramLabel = "ROLE", defaultValue = "author", description = "${COMPLETION-CANDIDATES}")
    Signature.Role role;

    @Option(names = "--new-key", description = "make the key first")
    boolean newKey;

    SignCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        if (patch == null && !newKey) {
            throw new BadInput("nothing to sign", "PATCH", "a patch file or id", "none", "name one, or give --new-key");
        }
        SigningKey signing = newKey ? SigningKey.generate(key, signer) : SigningKey.read(key);
        if (patch == null) {
            String publicFile = SigningKey.publicFile(key).toString();
            return Answer.of(
                    new SignDocument("", signer, role, signing.fingerprint(), publicFile),
                    () -> "key " + signing.fingerprint() + " of " + signer + "\nwritten: " + key + " and " + publicFile
                            + "; it signs by: patch sign PATCH --key " + key + " --signer " + signer);
        }
        PatchStore store = patches.store(terminal);
        Path file = Files.exists(Path.of(patch)) ? Path.of(patch) : store.file(store.find(patch));
        WeightPatch signed = store.sign(file, signing, signer, role);
        return Answer.of(
                        new SignDocument(signed.id(), signer, role, signing.fingerprint(), file.toString()),
                        () -> signed + " is signed by " + signer + " as " + role.key() + ", key "
                                + signing.fingerprint() + "\nwritten: " + file)
                .next(Hint.after(spec, "verify")
                        .with("--trust", SigningKey.publicFile(key))
                        .on(file));
    }
}
