package modelpatch.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.spec.X509EncodedKeySpec;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignatureTest {
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

    @TempDir
    Path folder;

    private Path file;
    private WeightPatch patch;
    private PatchStore store;

    @BeforeEach
    void write() {
        Path base = SmallModel.write(folder.resolve("base"), 1);
        store = PatchStore.at(folder.resolve("patches"), Clock.fixed(NOW, ZoneOffset.UTC));
        try (Checkpoint checkpoint = Checkpoint.open(base)) {
            patch = WeightPatch.of(
                    checkpoint,
                    PatchStack.empty(),
                    SmallModel.deltas(new Random(2)),
                    SmallModel.provenance("trial")
                            .governed(Optional.of("grace"), Optional.of(Instant.parse("2027-01-01T00:00:00Z"))));
        }
        file = store.apply(patch);
    }

    private SigningKey key(String name) {
        return SigningKey.generate(folder.resolve(name + ".key"), name);
    }

    private TrustedKeys trusted(String... names) throws IOException {
        StringBuilder lines = new StringBuilder("# who may sign\n\n");
        for (String name : names) {
            lines.append(Files.readString(folder.resolve(name + ".key.pub")));
        }
        return TrustedKeys.read(Files.writeString(folder.resolve("trusted.keys"), lines));
    }

    private List<TrustedKeys.State> states(TrustedKeys keys) {
        return keys.check(PatchFile.read(file)).stream()
                .map(TrustedKeys.Checked::state)
                .toList();
    }

    @Test
    void approverAndExpiryArePartOfThePatch() {
        Provenance read = PatchFile.read(file).provenance();
        assertThat(read.approver()).contains("grace");
        assertThat(read.expired(Instant.parse("2026-12-31T23:59:59Z"))).isFalse();
        assertThat(read.expired(Instant.parse("2027-01-01T00:00:00Z"))).isTrue();
        assertThat(read).isEqualTo(patch.provenance());
    }

    @Test
    void signingChangesNoIdNoManifestAndNoArray() throws IOException {
        SigningKey ada = key("ada");
        WeightPatch signed = store.sign(file, ada, "ada", Signature.Role.AUTHOR);
        assertThat(signed.id()).isEqualTo(patch.id());
        WeightPatch read = PatchFile.read(file);
        assertThat(read.id()).isEqualTo(patch.id());
        assertThat(read.manifestText()).isEqualTo(patch.manifestText());
        assertThat(read.deltas()).isEqualTo(patch.deltas());
        assertThat(read.signatures()).hasSize(1);
        assertThat(states(trusted("ada"))).containsExactly(TrustedKeys.State.VALID);
        assertThat(store.stack(patch.baseDigest()).patches()).containsExactly(patch);
        assertThat(store.ledger().entries()).extracting(LedgerEntry::action).containsExactly("apply", "sign");
    }

    @Test
    void severalPeopleSignAndASecondSignatureOfOnePersonReplacesTheFirst() throws IOException {
        SigningKey ada = key("ada");
        store.sign(file, ada, "ada", Signature.Role.AUTHOR);
        store.sign(file, ada, "ada", Signature.Role.AUTHOR);
        store.sign(file, key("grace"), "grace", Signature.Role.APPROVER);
        assertThat(states(trusted("ada"))).containsExactly(TrustedKeys.State.VALID, TrustedKeys.State.UNKNOWN_KEY);
        assertThat(states(trusted("ada", "grace"))).containsExactly(TrustedKeys.State.VALID, TrustedKeys.State.VALID);
        assertThat(states(TrustedKeys.none())).containsOnly(TrustedKeys.State.UNKNOWN_KEY);
    }

    @Test
    void aSignatureSpeaksForOnePatchOneNameOneRoleAndOneTime() throws IOException {
        SigningKey ada = key("ada");
        Signature good = ada.sign(patch, "ada", Signature.Role.AUTHOR, NOW);
        TrustedKeys keys = trusted("ada");
        WeightPatch other = patch.with(SmallModel.provenance("another"));
        assertThat(keys.check(other.signed(List.of(good))).get(0).state()).isEqualTo(TrustedKeys.State.INVALID);
        for (Signature forged : List.of(
                new Signature("eve", good.role(), good.time(), good.key(), good.value()),
                new Signature("ada", Signature.Role.APPROVER, good.time(), good.key(), good.value()),
                new Signature("ada", good.role(), good.time().plusSeconds(1), good.key(), good.value()),
                new Signature("ada", good.role(), good.time(), good.key(), "AAAA"),
                new Signature("ada", good.role(), good.time(), good.key(), "no base 64"))) {
            assertThat(keys.check(patch.signed(List.of(forged))).get(0).valid()).isFalse();
        }
        Signature asEve = ada.sign(patch, "eve", Signature.Role.AUTHOR, NOW);
        assertThat(keys.check(patch.signed(List.of(asEve))).get(0).state())
                .as("a trusted key signs in its own name only")
                .isEqualTo(TrustedKeys.State.INVALID);
    }

    @Test
    void aPatchThatWasChangedAndGivenANewDigestIsNotWhatWasSigned() throws IOException {
        Signature good = key("ada").sign(patch, "ada", Signature.Role.AUTHOR, NOW);
        Path rewritten = folder.resolve("rewritten.patch.safetensors");
        PatchFile.write(patch.with(SmallModel.provenance("rewritten")).signed(List.of(good)), rewritten);
        assertThat(trusted("ada").check(PatchFile.read(rewritten)).get(0).state())
                .isEqualTo(TrustedKeys.State.INVALID);
    }

    /** RFC 8032, section 7.1, test 2: secret and public key. */
    @Test
    void thePublicHalfOfAPrivateKeyIsThatOfTheStandard() throws Exception {
        byte[] secret = HexFormat.of().parseHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        byte[] open = HexFormat.of().parseHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        byte[] pkcs8 = HexFormat.of()
                .parseHex("302e020100300506032b657004220420" + HexFormat.of().formatHex(secret));
        byte[] x509 = HexFormat.of()
                .parseHex("302a300506032b6570032100" + HexFormat.of().formatHex(open));
        assertThat(KeyFactory.getInstance("Ed25519")
                        .generatePublic(new X509EncodedKeySpec(x509))
                        .getEncoded())
                .isEqualTo(x509);
        Path pem = Files.writeString(
                folder.resolve("rfc.key"),
                "-----BEGIN PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(pkcs8)
                        + "\n-----END PRIVATE KEY-----\n");
        assertThat(SigningKey.read(pem).fingerprint()).isEqualTo(TrustedKeys.fingerprint(x509));
    }

    @Test
    void keysAreMadeOnceReadableByTheirOwnerAndReadBack() throws IOException {
        SigningKey made = key("ada");
        assertThat(SigningKey.read(folder.resolve("ada.key")).fingerprint()).isEqualTo(made.fingerprint());
        if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            assertThat(Files.getPosixFilePermissions(folder.resolve("ada.key"))).hasSize(2);
        }
        assertThatThrownBy(() -> key("ada")).isInstanceOf(BadInput.class).hasMessageContaining("there already");
        assertThatThrownBy(() -> key("a b")).isInstanceOf(BadInput.class).hasMessageContaining("blanks");
    }

    @Test
    void whatIsNoKeyIsNamedByFileAndLine() throws IOException {
        Path keys = Files.writeString(folder.resolve("k"), "# remark\nada AAAA\n");
        assertThatThrownBy(() -> TrustedKeys.read(keys))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(keys + ":2");
        assertThatThrownBy(() -> SigningKey.read(keys))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("PKCS #8");
    }

    @Test
    void damagedSignaturesAreRefusedWithTheFile() throws IOException {
        store.sign(file, key("ada"), "ada", Signature.Role.AUTHOR);
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        Files.write(
                file,
                text.replace("\\\"author\\\",\\\"time", "\\\"editor\\\",\\\"time")
                        .getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> PatchFile.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("editor")
                .hasMessageContaining(file.toString());
    }

    @Test
    void aSignerWhoseNameBreaksTheSignedLinesIsRefused() {
        SigningKey key = key("ada");
        for (String name : List.of("", "ada\nrole approver", "ada\u001b[2J")) {
            assertThatThrownBy(() -> key.sign(patch, name, Signature.Role.AUTHOR, NOW))
                    .isInstanceOf(BadInput.class);
        }
    }
}
