package modelpatch.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A hub on this machine with one model, {@code org/tiny}, that can be told to misbehave. */
final class HubServer implements AutoCloseable {
    static final String COMMIT = "c0ffee".repeat(7).substring(0, 40);

    /** What to do with the next request for a file, or the listing. */
    enum Trouble {
        BREAK_OFF,
        ONE_BYTE_MORE,
        OTHER_BYTES,
        REDIRECT,
        REDIRECT_IN_A_CIRCLE,
        REDIRECT_UNENCRYPTED,
        WHOLE_FILE_FOR_A_RANGE,
        STATUS_401,
        STATUS_404,
        STATUS_429,
        STATUS_500
    }

    final Deque<Trouble> troubles = new ArrayDeque<>();
    final List<String> requests = new ArrayList<>();
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final HttpServer server;

    HubServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void put(String name, byte[] bytes) {
        files.put(name, bytes);
    }

    byte[] bytes(String name) {
        return files.get(name);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        String secret = exchange.getRequestHeaders().getFirst("Authorization");
        requests.add(path + (range == null ? "" : " " + range) + (secret == null ? "" : " with token"));
        try (exchange) {
            if (path.startsWith("/api/models/org/tiny/revision/")) {
                Trouble trouble = files.isEmpty() ? Trouble.STATUS_404 : listingTrouble();
                if (trouble == null) {
                    send(exchange, 200, listing().getBytes(StandardCharsets.UTF_8));
                } else {
                    status(exchange, trouble);
                }
            } else {
                file(exchange, path.substring(path.lastIndexOf('/') + 1), range, path.startsWith("/elsewhere/"));
            }
        }
    }

    private Trouble listingTrouble() {
        return !troubles.isEmpty() && troubles.peek().name().startsWith("STATUS") ? troubles.poll() : null;
    }

    private static void status(HttpExchange exchange, Trouble trouble) throws IOException {
        if (trouble == Trouble.STATUS_429) {
            exchange.getResponseHeaders().add("Retry-After", "7");
        }
        exchange.sendResponseHeaders(Integer.parseInt(trouble.name().substring("STATUS_".length())), -1);
    }

    private void file(HttpExchange exchange, String name, String range, boolean elsewhere) throws IOException {
        Trouble trouble = elsewhere ? null : troubles.poll();
        if (trouble != null && trouble.name().startsWith("STATUS")) {
            status(exchange, trouble);
            return;
        }
        if (trouble != null && trouble.name().startsWith("REDIRECT")) {
            String target = switch (trouble) {
                case REDIRECT -> "http://localhost:" + server.getAddress().getPort() + "/elsewhere/" + name;
                case REDIRECT_UNENCRYPTED -> "http://192.0.2.1/" + name;
                default -> exchange.getRequestURI().getPath();
            };
            if (trouble == Trouble.REDIRECT_IN_A_CIRCLE) {
                troubles.add(trouble);
            }
            exchange.getResponseHeaders().add("Location", target);
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        byte[] all = files.get(name);
        int from = range == null || trouble == Trouble.WHOLE_FILE_FOR_A_RANGE
                ? 0
                : Integer.parseInt(range.replaceAll("\\D", ""));
        byte[] body = Arrays.copyOfRange(all, from, all.length);
        if (trouble == Trouble.OTHER_BYTES) {
            body[body.length - 1] ^= 1;
        } else if (trouble == Trouble.ONE_BYTE_MORE) {
            body = Arrays.copyOf(body, body.length + 1);
        }
        if (from > 0) {
            exchange.getResponseHeaders()
                    .add("Content-Range", "bytes " + from + "-" + (all.length - 1) + "/" + all.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, body.length);
        exchange.getResponseBody().write(body, 0, trouble == Trouble.BREAK_OFF ? body.length / 2 : body.length);
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /** Weights by SHA-256, the rest as git names it: what a hub of large files does. */
    private String listing() {
        return "{\"sha\":\"" + COMMIT + "\",\"siblings\":["
                + files.entrySet().stream()
                        .map(file -> "{\"rfilename\":\"" + file.getKey() + "\",\"size\":" + file.getValue().length
                                + ",\"blobId\":\"" + git(file.getValue()) + "\""
                                + (file.getKey().endsWith(".json")
                                        ? "}"
                                        : ",\"lfs\":{\"sha256\":\"" + digest("SHA-256", file.getValue()) + "\"}}"))
                        .collect(Collectors.joining(","))
                + "]}";
    }

    private static String git(byte[] bytes) {
        byte[] head = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(head, head.length + bytes.length);
        System.arraycopy(bytes, 0, all, head.length, bytes.length);
        return digest("SHA-1", all);
    }

    private static String digest(String algorithm, byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
