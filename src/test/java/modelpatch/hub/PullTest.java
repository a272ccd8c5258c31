package modelpatch.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import modelpatch.BadInput;
import modelpatch.hub.HubServer.Trouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pulling from a hub on this machine that breaks off, lies, redirects and refuses. */
class PullTest {
    private static final String WEIGHTS = "model.safetensors";

    @TempDir
    Path folder;

    private HubServer server;
    private final List<Duration> pauses = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        server = new HubServer();
        byte[] weights = new byte[300_000];
        new Random(1).nextBytes(weights);
        server.put("config.json", "{}\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        server.put(WEIGHTS, weights);
        server.put("pytorch_model.bin", new byte[10]);
        server.put("tiny-q4.gguf", new byte[20]);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Pull pull(Optional<String> token) {
        return new Pull(Hub.at(server.address() + "/", token, pauses::add), (file, bytes, size) -> {});
    }

    private PullDocument run(String... files) {
        return pull(Optional.empty()).run(HubName.of("org/tiny@v1"), List.of(files), folder);
    }

    private void assertHere() {
        assertThat(folder.resolve(WEIGHTS)).hasBinaryContent(server.bytes(WEIGHTS));
        assertThat(folder.resolve("config.json")).hasBinaryContent(server.bytes("config.json"));
        assertThat(folder.resolve(WEIGHTS + ".part")).doesNotExist();
    }

    @Test
    void whatACheckpointNeedsComesAndNothingElse() throws IOException {
        PullDocument document = run();
        assertHere();
        assertThat(document.commit()).isEqualTo(HubServer.COMMIT);
        assertThat(document.files()).extracting(PullDocument.Fetched::name).containsExactly("config.json", WEIGHTS);
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
        assertThat(server.requests).anyMatch(one -> one.contains("/revision/v1"));
        assertThat(server.requests).anyMatch(one -> one.contains("/resolve/" + HubServer.COMMIT + "/"));
    }

    @Test
    void whatIsHereIsNotFetchedAgain() {
        run();
        int before = server.requests.size();
        assertThat(run().files()).extracting(PullDocument.Fetched::fetched).containsOnly(0L);
        assertThat(server.requests).hasSize(before + 1);
    }

    @Test
    void whatBrokeOffGoesOnWhereItEnded() {
        server.troubles.addAll(List.of(Trouble.STATUS_500, Trouble.STATUS_500));
        server.troubles.add(Trouble.REDIRECT); // the configuration
        server.troubles.addAll(List.of(Trouble.BREAK_OFF, Trouble.BREAK_OFF));
        run();
        assertHere();
        assertThat(server.requests.stream().filter(one -> one.contains("bytes=")))
                .hasSize(2)
                .last()
                .satisfies(one -> assertThat(Integer.parseInt(one.replaceAll(".*bytes=(\\d+)-.*", "$1")))
                        .isBetween(150_001, 299_999));
    }

    @Test
    void anotherRunGoesOnToo() throws IOException {
        Files.write(folder.resolve(WEIGHTS + ".part"), Arrays.copyOf(server.bytes(WEIGHTS), 100_000));
        PullDocument document = run();
        assertHere();
        assertThat(document.files().get(1).fetched()).isEqualTo(200_000);
    }

    @Test
    void aHubThatCannotGoOnSendsTheWholeFile() throws IOException {
        Files.write(folder.resolve(WEIGHTS + ".part"), new byte[100_000]);
        server.troubles.add(Trouble.REDIRECT);
        server.troubles.add(Trouble.WHOLE_FILE_FOR_A_RANGE);
        run();
        assertHere();
    }

    @Test
    void wrongBytesAreRefusedAndTheNextRunBeginsAnew() throws IOException {
        Files.write(folder.resolve(WEIGHTS + ".part"), new byte[100_000]);
        assertThatThrownBy(this::run).isInstanceOf(BadInput.class).hasMessageContaining("not those of the listing");
        assertThat(folder.resolve(WEIGHTS)).doesNotExist();
        run();
        assertHere();
    }

    @ParameterizedTest
    @CsvSource({
        "ONE_BYTE_MORE, more bytes than the listing says",
        "OTHER_BYTES, not those of the listing",
        "REDIRECT_IN_A_CIRCLE, redirected in a circle",
        "REDIRECT_UNENCRYPTED, would not be encrypted",
        "STATUS_401, set HF_TOKEN",
        "STATUS_404, no such model"
    })
    void whatTheHubDoesWrongIsSaid(Trouble trouble, String said) {
        server.troubles.add(trouble);
        assertThatThrownBy(this::run).isInstanceOf(BadInput.class).hasMessageContaining(said);
        assertThat(folder.resolve(WEIGHTS)).doesNotExist();
    }

    @Test
    void aBusyHubIsGivenTheTimeItAsksForAndNotForever() {
        server.troubles.addAll(List.of(Trouble.STATUS_429, Trouble.STATUS_500));
        run();
        assertThat(pauses).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(2));
        server.troubles.addAll(java.util.Collections.nCopies(9, Trouble.STATUS_500));
        assertThatThrownBy(this::run).isInstanceOf(BadInput.class).hasMessageContaining("within 5 tries");
    }

    @Test
    void theTokenGoesToTheHubAloneAndNotWhereItRedirects() {
        server.troubles.addAll(List.of(Trouble.REDIRECT, Trouble.REDIRECT));
        pull(Optional.of("secret")).run(HubName.of("org/tiny"), List.of(), folder);
        assertHere();
        assertThat(server.requests)
                .allSatisfy(one -> assertThat(one.endsWith("with token")).isEqualTo(!one.startsWith("/elsewhere/")));
    }

    @Test
    void oneOfSeveralFilesCanBeNamed() {
        assertThat(run("tiny-q4.gguf").files())
                .extracting(PullDocument.Fetched::name)
                .containsExactly("tiny-q4.gguf");
        assertThatThrownBy(() -> run("tiny-q8.gguf"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("tiny-q4.gguf");
    }

    @Test
    void aListingCannotNameAFileOutsideOfItsFolder() {
        server.put("../escaped.safetensors", new byte[1]);
        run();
        assertThat(folder.resolveSibling("escaped.safetensors")).doesNotExist();
        assertThatThrownBy(() -> run("../escaped.safetensors")).isInstanceOf(BadInput.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny", "org/tiny/x", "../tiny", "org/..", "org/tiny@", "org/tiny@a/../b"})
    void whatIsNoNameIsRefused(String name) {
        assertThatThrownBy(() -> HubName.of(name)).isInstanceOf(BadInput.class);
    }

    @Test
    void anUnencryptedHubElsewhereIsRefused() {
        assertThatThrownBy(() -> Hub.at("http://192.0.2.1", Optional.empty(), pauses::add))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("https");
    }
}
