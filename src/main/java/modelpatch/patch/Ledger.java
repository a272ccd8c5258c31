package modelpatch.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import modelpatch.BadInput;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.Sha256;
import modelpatch.document.Json;

/**
 * The record of what was done to a model: one JSON object per line, only ever added to. Every line holds the hash of the line before and ends
 * in its own, SHA-256 over the bytes of the line up to that field, so no line can be changed, removed, inserted or moved without
 * {@link #entries} naming it. A small file beside it ({@code NAME.head}) holds the number of lines and the last hash, which shows lines cut
 * off at the end. (Who can rewrite both files from some line on can rewrite history; keep a copy of the head elsewhere to rule that out.)
 *
 * <p>To add a line, the head first announces its hash, then the whole file is written anew beside the old one, flushed and moved over it, then
 * the head counts it: a killed process leaves the old ledger or the new one, never a torn line, and a line beyond the head is accepted only where
 * the head announced it. All of it, and reading, is done under a lock on {@code NAME.lock}, so a reader sees the state between two commands.
 * Where that file cannot be made (a store on a read-only disk), it is read without.
 */
public final class Ledger {
    /** What the first line calls the line before it. */
    private static final String NOTHING = "0".repeat(64);

    private static final String HASH_FIELD = ",\"hash\":\"";
    private static final int ENDING = HASH_FIELD.length() + 64 + 2;

    /** A file lock holds other processes off; threads of this one queue here. */
    private static final Object IN_THIS_PROCESS = new Object();

    /** Locks that the thread in {@link #IN_THIS_PROCESS} holds already. */
    private static final Set<Path> HELD = new HashSet<>();

    private final Path file;

    private Ledger(Path file) {
        this.file = file;
    }

    /** The ledger in a file, which need not exist yet. */
    public static Ledger at(Path file) {
        return new Ledger(file);
    }

    public Path file() {
        return file;
    }

    /**
     * Adds a line.
     *
     * @param action what was done, such as apply or revert
     * @param details evidence, gates, digests, patches; not modified
     * @return the line as written
     * @throws BadInput when the ledger does not verify; nothing is added to a ledger that was changed
     */
    LedgerEntry append(String action, String author, String reason, Instant time, JsonNode details) {
        return alone(() -> appendTo(verified(), action, author, reason, time, details));
    }

    /**
     * Does something while no other process or thread reads or changes this ledger. May be nested.
     *
     * @throws BadInput when the lock cannot be made
     */
    <T> T alone(Supplier<T> work) {
        try {
            Files.createDirectories(directory());
            return locked(work);
        } catch (IOException e) {
            throw BadInput.writing(file, e);
        }
    }

    /** As {@link #alone} for what only reads: without the lock where its file cannot be opened, as on a disk that nobody may write to. */
    <T> T undisturbed(Supplier<T> work) {
        try {
            return locked(work);
        } catch (IOException unwritable) {
            return work.get();
        }
    }

    private <T> T locked(Supplier<T> work) throws IOException {
        synchronized (IN_THIS_PROCESS) {
            Path lock = lock().toAbsolutePath().normalize();
            if (HELD.contains(lock)) {
                return work.get();
            }
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = channel.lock()) {
                HELD.add(lock);
                return work.get();
            } finally {
                HELD.remove(lock);
            }
        }
    }

    private LedgerEntry appendTo(
            List<LedgerEntry> entries, String action, String author, String reason, Instant time, JsonNode details) {
        int number = entries.size() + 1;
        String previous =
                entries.isEmpty() ? NOTHING : entries.get(entries.size() - 1).hash();
        ObjectNode body = Json.object();
        body.put("line", number);
        body.put("time", time.toString());
        body.put("action", action);
        body.put("author", author);
        body.put("reason", reason);
        body.set("details", details.deepCopy());
        body.put("previous", previous);
        String opened = Json.line(body);
        opened = opened.substring(0, opened.length() - 1);
        String hash = Sha256.of(opened);
        byte[] line = (opened + HASH_FIELD + hash + "\"}\n").getBytes(StandardCharsets.UTF_8);
        try {
            byte[] before = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            writeHead((number - 1) + " " + previous + " " + hash);
            AtomicFile.write(file, out -> {
                out.write(before);
                out.write(line);
            });
            writeHead(number + " " + hash);
            return new LedgerEntry(number, time, action, author, reason, details, previous, hash);
        } catch (IOException e) {
            throw BadInput.writing(file, e);
        }
    }

    private void writeHead(String text) {
        AtomicFile.write(head(), out -> out.write((text + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    private Path lock() {
        return file.resolveSibling(file.getFileName() + ".lock");
    }

    private Path directory() {
        return file.toAbsolutePath().getParent();
    }

    private Path head() {
        return file.resolveSibling(file.getFileName() + ".head");
    }

    /**
     * All lines, verified.
     *
     * @throws BadInput naming the first line that is not what was written there
     */
    public List<LedgerEntry> entries() {
        return undisturbed(this::verified);
    }

    private List<LedgerEntry> verified() {
        List<LedgerEntry> entries = new ArrayList<>();
        String previous = NOTHING;
        for (String line : lines()) {
            LedgerEntry entry = parse(line, entries.size() + 1);
            if (entry.line() != entries.size() + 1 || !entry.previous().equals(previous)) {
                throw changed(
                        entries.size() + 1,
                        "previous " + previous,
                        "line " + entry.line() + ", previous " + entry.previous());
            }
            entries.add(entry);
            previous = entry.hash();
        }
        requireHead(entries);
        return entries;
    }

    private List<String> lines() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
            if (text.isEmpty()) {
                return List.of();
            }
            List<String> lines = List.of(text.split("\n", -1));
            if (!lines.get(lines.size() - 1).isEmpty()) {
                throw changed(lines.size(), "a line feed at the end", "none");
            }
            return lines.subList(0, lines.size() - 1);
        } catch (CharacterCodingException e) {
            throw BadInput.of(file.toString(), "is not UTF-8 text: the ledger was changed")
                    .causedBy(e);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }

    private LedgerEntry parse(String line, int number) {
        int end = line.length() - ENDING;
        if (end < 0 || !line.startsWith(HASH_FIELD, end) || !line.endsWith("\"}")) {
            throw changed(number, "an object that ends in its hash", "a line of " + line.length() + " characters");
        }
        String opened = line.substring(0, end);
        String promised = line.substring(end + HASH_FIELD.length(), line.length() - 2);
        String hash = Sha256.of(opened);
        if (!hash.equals(promised)) {
            throw changed(number, "hash " + promised, hash);
        }
        try {
            JsonNode json = Json.parseLine(line, file.toString(), number);
            return new LedgerEntry(
                    json.path("line").asInt(),
                    Instant.parse(json.path("time").asText()),
                    json.path("action").asText(),
                    json.path("author").asText(),
                    json.path("reason").asText(),
                    json.path("details"),
                    json.path("previous").asText(),
                    hash);
        } catch (DateTimeException e) {
            throw changed(number, "a line that patch wrote", "another form of time")
                    .causedBy(e);
        }
    }

    private void requireHead(List<LedgerEntry> entries) {
        if (!Files.exists(head())) {
            if (!entries.isEmpty()) {
                throw changed(entries.size(), head() + " with the number of lines", "no such file");
            }
            return;
        }
        try {
            String[] parts = Files.readString(head()).strip().split(" ", -1);
            int lines = parts.length >= 2 && parts[0].matches("[0-9]{1,9}") ? Integer.parseInt(parts[0]) : -1;
            boolean atHead = lines >= 0
                    && lines <= entries.size()
                    && hash(entries, lines).equals(parts[1]);
            boolean announced = parts.length == 3
                    && entries.size() == lines + 1
                    && hash(entries, entries.size()).equals(parts[2]);
            if (!atHead || !(entries.size() == lines || announced)) {
                throw changed(
                        Math.min(entries.size(), Math.max(0, lines)) + 1,
                        "a ledger of "
                                + String.join(
                                        " lines ending in ", List.of(parts).subList(0, Math.min(2, parts.length))),
                        entries.size() + " lines");
            }
        } catch (IOException e) {
            throw BadInput.reading(head(), e);
        }
    }

    private static String hash(List<LedgerEntry> entries, int line) {
        return line == 0 ? NOTHING : entries.get(line - 1).hash();
    }

    private BadInput changed(int line, String expected, String found) {
        return new BadInput(
                "the ledger was changed",
                file + " line " + line,
                expected,
                found,
                "restore the ledger from where it is kept; nothing is added to a changed one");
    }
}
