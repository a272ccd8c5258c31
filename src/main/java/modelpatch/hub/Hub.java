package modelpatch.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.document.Json;

/**
 * A model hub, asked over HTTPS: {@code /api/models/REPOSITORY/revision/REVISION?blobs=true} lists a model's files with sizes and digests,
 * {@code /REPOSITORY/resolve/COMMIT/FILE} gives one. A busy or failing hub is asked again, after the pause that it asks for.
 *
 * @param base address of the hub
 * @param token of the user, sent to the hub alone and never to where it redirects; empty for none
 * @param pause waits between two tries
 */
public record Hub(URI base, Optional<String> token, Pause pause) {
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(30))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private static final int TRIES = 5;
    private static final int MOST_REDIRECTS = 5;
    private static final int MOST_LISTED = 16_000_000;
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);

    /** Waits; a parameter, so that tests need not. */
    @FunctionalInterface
    public interface Pause {
        void of(Duration time) throws InterruptedException;

        /** Sleeps. */
        Pause SLEEP = time -> Thread.sleep(time.toMillis());
    }

    /**
     * A hub by its address.
     *
     * @throws BadInput where that is none, or is not encrypted and not on this machine
     */
    public static Hub at(String address, Optional<String> token, Pause pause) {
        URI base = uri(address.replaceAll("/+$", ""));
        requireSafe(base);
        return new Hub(base, token, pause);
    }

    private static URI uri(String address) {
        try {
            URI uri = URI.create(address);
            if (uri.getHost() != null && List.of("https", "http").contains(uri.getScheme())) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new BadInput("no address of a hub", address, "https://HOST", "something else", "check the address");
    }

    private static void requireSafe(URI uri) {
        boolean here = List.of("localhost", "127.0.0.1", "[::1]").contains(uri.getHost());
        if (!"https".equals(uri.getScheme()) && !here) {
            throw new BadInput(
                    "the connection would not be encrypted", uri.toString(), "https", uri.getScheme(), "use https");
        }
    }

    /** A model's files as they are at one commit. */
    record Listing(String commit, List<RemoteFile> files) {}

    /** @throws BadInput where there is no such model, or it may not be seen */
    Listing list(HubName name) {
        URI address =
                URI.create(base + "/api/models/" + name.repository() + "/revision/" + name.revision() + "?blobs=true");
        return retried(name.toString(), () -> {
            HttpResponse<InputStream> response = get(address, 0);
            try (InputStream body = response.body()) {
                requireOk(response, name.toString());
                return listing(Json.parse(body.readNBytes(MOST_LISTED), address.toString()), address.toString());
            }
        });
    }

    private static Listing listing(JsonNode answer, String where) {
        List<RemoteFile> files = new ArrayList<>();
        for (JsonNode one : answer.path("siblings")) {
            boolean large = one.has("lfs");
            long size = one.path("size").asLong(-1);
            String digest = large
                    ? one.path("lfs").path("sha256").asText()
                    : one.path("blobId").asText();
            if (size >= 0 && digest.matches(large ? "[0-9a-f]{64}" : "[0-9a-f]{40}")) {
                files.add(new RemoteFile(
                        one.path("rfilename").asText(),
                        size,
                        large ? RemoteFile.Algorithm.SHA256 : RemoteFile.Algorithm.GIT_BLOB,
                        digest));
            }
        }
        String commit = answer.path("sha").asText();
        if (files.isEmpty() || !commit.matches("[0-9a-f]{40}")) {
            throw new BadInput(
                    "no listing of a model's files",
                    where,
                    "a commit, and files with sizes and digests",
                    "something else",
                    "check the address of the hub");
        }
        return new Listing(commit, files);
    }

    /**
     * Asks for a file from some byte on. The caller closes the body.
     *
     * @return with status 206 what follows that byte, with 200 the whole file
     */
    HttpResponse<InputStream> open(HubName name, String commit, RemoteFile file, long from)
            throws IOException, InterruptedException {
        URI address = URI.create(base + "/" + name.repository() + "/resolve/" + commit + "/" + file.name());
        HttpResponse<InputStream> response = get(address, from);
        try {
            requireOk(response, name + " " + file.name());
            return response;
        } catch (BadInput | Busy e) {
            response.body().close();
            throw e;
        }
    }

    /** Follows redirects itself: none may leave encryption, and the token stays with the hub. */
    private HttpResponse<InputStream> get(URI address, long from) throws IOException, InterruptedException {
        URI next = address;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(next).timeout(Duration.ofMinutes(2)).header("User-Agent", "modelpatch");
            if (from > 0) {
                request.header("Range", "bytes=" + from + "-");
            }
            if (next.getAuthority().equals(base.getAuthority())
                    && next.getScheme().equals(base.getScheme())) {
                token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
            }
            HttpResponse<InputStream> response =
                    CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            Optional<String> location = response.headers().firstValue("Location");
            if (response.statusCode() / 100 != 3 || location.isEmpty()) {
                return response;
            }
            response.body().close();
            next = next.resolve(location.get());
            requireSafe(uri(next.toString()));
        }
        throw new BadInput(
                "redirected in a circle",
                address.toString(),
                "at most " + MOST_REDIRECTS + " redirects",
                "more",
                "try later");
    }

    private void requireOk(HttpResponse<?> response, String what) throws Busy {
        int status = response.statusCode();
        if (status == 200 || status == 206) {
            return;
        }
        String where = what + " on " + base;
        switch (status) {
            case 401, 403 ->
                throw new BadInput(
                        "the hub does not let us",
                        where,
                        "a model that may be seen" + (token.isEmpty() ? " without a token" : " with this token"),
                        "status " + status,
                        token.isEmpty()
                                ? "check the name; where its terms must be accepted, do so and set HF_TOKEN"
                                : "check the name and HF_TOKEN, and accept the model's terms on the hub");
            case 404 ->
                throw new BadInput(
                        "no such model, revision or file",
                        where,
                        "one that is there",
                        "status 404",
                        "check name and revision");
            case 416 -> throw new Busy("the hub has less of the file than it said", Optional.empty());
            case 429, 500, 502, 503, 504 ->
                throw new Busy("status " + status, response.headers().firstValue("Retry-After"));
            default -> throw new BadInput("unexpected answer", where, "status 200", "status " + status, "try later");
        }
    }

    /** A try that may succeed when repeated. */
    static final class Busy extends IOException {
        private static final long serialVersionUID = 1;

        private final transient Optional<String> after;

        Busy(String message, Optional<String> after) {
            super(message);
            this.after = after;
        }
    }

    /** What is tried again when the connection breaks or the hub is busy. */
    @FunctionalInterface
    interface Attempt<T> {
        T run() throws IOException, InterruptedException;
    }

    /** @throws BadInput where it fails again and again */
    <T> T retried(String what, Attempt<T> attempt) {
        for (int tries = 1; ; tries++) {
            try {
                return attempt.run();
            } catch (IOException e) {
                if (tries == TRIES) {
                    throw new BadInput(
                            "the hub could not be reached, or broke off",
                            what + " on " + base,
                            "an answer within " + TRIES + " tries",
                            String.valueOf(e.getMessage() == null ? e : e.getMessage()),
                            "check the network and run the same command again; what is here is kept");
                }
                pauseBefore(tries, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while fetching", e);
            }
        }
    }

    /** 1, 2, 4, 8 seconds, or what the hub asks for. */
    private void pauseBefore(int tries, IOException e) {
        Optional<String> asked = e instanceof Busy busy ? busy.after : Optional.empty();
        Duration time = asked.filter(seconds -> seconds.matches("\\d{1,6}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(Duration.ofSeconds(1L << (tries - 1)));
        try {
            pause.of(time.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : time);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the hub", interrupted);
        }
    }
}
