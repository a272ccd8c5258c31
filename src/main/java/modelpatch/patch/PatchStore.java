package modelpatch.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.document.NamedFile;

/**
 * A directory of patch files with its ledger, {@code ledger.jsonl}. The ledger says which patches are on: its apply and revert lines, in
 * order. A file is written before the line that speaks of it, so a killed process leaves at most a patch that is not on. Putting on, taking
 * off and signing are transactions: what they look at does not change until they have written.
 */
public final class PatchStore {
    static final String APPLY = "apply";
    static final String REVERT = "revert";
    static final String SIGN = "sign";

    private final Path directory;
    private final Clock clock;
    private final String user;

    private PatchStore(Path directory, Clock clock, String user) {
        this.directory = directory;
        this.clock = clock;
        this.user = user;
    }

    /** The store in a directory, which need not exist yet. */
    public static PatchStore at(Path directory, Clock clock) {
        return new PatchStore(directory, clock, "");
    }

    /**
     * The same in the hands of a user.
     *
     * @param user whom the ledger, which stays, names where a patch, which travels, names no author
     */
    public static PatchStore at(Path directory, Clock clock, String user) {
        return new PatchStore(directory, clock, user);
    }

    public Ledger ledger() {
        return Ledger.at(directory.resolve("ledger.jsonl"));
    }

    /** Where the file of a patch is or would be. */
    public Path file(WeightPatch patch) {
        String method = patch.provenance().method().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return directory.resolve(method + "-" + patch.shortId() + PatchFile.SUFFIX);
    }

    /**
     * Writes the patch file, then the line that puts it on.
     *
     * @return the patch file
     * @throws BadInput when it is on already, or the ledger does not verify
     */
    public Path apply(WeightPatch patch) {
        return ledger().alone(() -> putOn(patch));
    }

    private Path putOn(WeightPatch patch) {
        stack(patch.baseDigest()).with(patch);
        Path file = file(patch);
        PatchFile.write(patch, file);
        ObjectNode details = details(patch).put("file", file.getFileName().toString());
        details.put("verdict", patch.provenance().verdict().name().toLowerCase(Locale.ROOT));
        ArrayNode cases = details.putArray("cases");
        patch.provenance().cases().forEach(cases::add);
        ObjectNode results = details.putObject("results");
        patch.tensors().forEach(tensor -> results.put(tensor.name(), tensor.resultDigest()));
        details.set("evidence", patch.provenance().evidence());
        String author = patch.provenance().author();
        ledger().append(
                        APPLY,
                        author.isBlank() ? user : author,
                        patch.provenance().reason(),
                        clock.instant(),
                        details);
        return file;
    }

    /**
     * Writes the line that takes a patch off; its file stays.
     *
     * @param id an id or a beginning of it
     * @throws BadInput when no patch that is on begins so, or several do
     */
    public WeightPatch revert(String id, String baseDigest, String author, String reason) {
        return ledger().alone(() -> takeOff(id, baseDigest, author, reason));
    }

    private WeightPatch takeOff(String id, String baseDigest, String author, String reason) {
        PatchStack stack = stack(baseDigest);
        List<WeightPatch> left = stack.without(id).patches();
        WeightPatch off = stack.patches().stream()
                .filter(p -> !left.contains(p))
                .findFirst()
                .orElseThrow();
        ledger().append(REVERT, author, reason, clock.instant(), details(off));
        return off;
    }

    /**
     * Adds a signature to the file of a patch, which keeps its id, and writes the line that says so.
     *
     * @param file the patch's file, in this directory or elsewhere
     */
    public WeightPatch sign(Path file, SigningKey key, String signer, Signature.Role role) {
        return ledger().alone(() -> addSignature(file, key, signer, role));
    }

    private WeightPatch addSignature(Path file, SigningKey key, String signer, Signature.Role role) {
        WeightPatch patch = PatchFile.read(file);
        Signature signature = key.sign(patch, signer, role, clock.instant());
        List<Signature> all = new ArrayList<>(patch.signatures());
        all.removeIf(one -> one.key().equals(signature.key()) && one.role() == role);
        all.add(signature);
        WeightPatch signed = patch.signed(all);
        PatchFile.write(signed, file);
        ObjectNode details = details(patch).put("file", file.getFileName().toString());
        details.put("role", role.key()).put("key", signature.key());
        ledger().append(SIGN, signer, "signed as " + role.key(), clock.instant(), details);
        return signed;
    }

    private static ObjectNode details(WeightPatch patch) {
        ObjectNode details = JsonNodeFactory.instance.objectNode().put("patch", patch.id());
        details.putObject("base").put("name", patch.baseName()).put("digest", patch.baseDigest());
        return details;
    }

    /**
     * The patches that are on for a base, lowest first.
     *
     * @throws BadInput when the ledger does not verify, or the file of a patch that is on is missing or damaged
     */
    public PatchStack stack(String baseDigest) {
        return stack(on().getOrDefault(baseDigest, List.of()));
    }

    /**
     * The patches that are on, by the digest of their base, in the order in which bases first got one; no base without patches.
     *
     * @throws BadInput as {@link #stack(String)}
     */
    public Map<String, PatchStack> stacks() {
        Map<String, PatchStack> stacks = new LinkedHashMap<>();
        on().forEach((base, ids) -> {
            if (!ids.isEmpty()) {
                stacks.put(base, stack(ids));
            }
        });
        return stacks;
    }

    private PatchStack stack(List<String> ids) {
        return PatchStack.of(ids.stream().map(this::find).toList());
    }

    /** Ids of what is on, lowest first, by the digest of their base. */
    private Map<String, List<String>> on() {
        Map<String, List<String>> on = new LinkedHashMap<>();
        for (LedgerEntry entry : ledger().entries()) {
            JsonNode details = entry.details();
            List<String> ids =
                    on.computeIfAbsent(details.path("base").path("digest").asText(), base -> new ArrayList<>());
            String id = details.path("patch").asText();
            if (entry.action().equals(APPLY)) {
                ids.add(id);
            } else if (entry.action().equals(REVERT)) {
                ids.remove(id);
            }
        }
        return on;
    }

    /**
     * The patch in this directory whose id begins like this, on or off.
     *
     * @throws BadInput when there is none or several
     */
    public WeightPatch find(String id) {
        Map<String, WeightPatch> found = new LinkedHashMap<>();
        List<BadInput> damaged = new ArrayList<>();
        for (Path file : files()) {
            if (matches(file, id)) {
                try {
                    WeightPatch patch = PatchFile.read(file);
                    if (patch.id().startsWith(id) && (file.equals(file(patch)) || !found.containsKey(patch.id()))) {
                        found.put(patch.id(), patch); // a copy under another name may lack signatures
                    } else if (!patch.id().startsWith(id)) {
                        damaged.add(new BadInput(
                                "file holds another patch",
                                file.toString(),
                                "patch " + id,
                                patch.id(),
                                "restore the file from where it is kept"));
                    }
                } catch (BadInput unreadable) {
                    damaged.add(unreadable);
                }
            }
        }
        if (found.isEmpty() && !damaged.isEmpty()) {
            throw damaged.get(0);
        }
        if (found.size() != 1) {
            throw new BadInput(
                    found.isEmpty() ? "no such patch" : "several patches begin like this",
                    directory.toString(),
                    "a file of patch " + id,
                    found.keySet() + "",
                    found.isEmpty() ? "see patch log" : "give more of the id");
        }
        return found.values().iterator().next();
    }

    private static boolean matches(Path file, String id) {
        String name = file.getFileName().toString();
        String shortId = name.substring(0, name.length() - PatchFile.SUFFIX.length());
        shortId = shortId.substring(shortId.lastIndexOf('-') + 1);
        return !id.isEmpty() && (shortId.startsWith(id) || id.startsWith(shortId));
    }

    /**
     * What is not as the ledger says: patch files that are missing, hold another patch or lack a signature, and a head that is no line of it.
     *
     * @param entries of the ledger, verified
     * @param expectedHead the hash of a line that is known to have been written
     */
    List<StoreFault> faults(List<LedgerEntry> entries, Optional<String> expectedHead) {
        List<StoreFault> faults = new ArrayList<>();
        String name = ledger().file().toString();
        expectedHead
                .filter(head -> entries.stream().noneMatch(entry -> entry.hash().equals(head)))
                .ifPresent(head -> faults.add(
                        new StoreFault(name, "a line with the hash " + head, "none in " + entries.size() + " lines")));
        if (entries.isEmpty() && !files().isEmpty()) {
            faults.add(new StoreFault(
                    name,
                    "lines that speak of the patch files beside it",
                    "no line, and " + files().size() + " patch files"));
        }
        for (LedgerEntry entry : entries) {
            String file = entry.details().path("file").asText();
            if (file.isEmpty()) {
                continue;
            }
            Path named = NamedFile.beside(ledger().file(), file);
            if (entry.action().equals(APPLY) || Files.exists(named)) {
                fault(entry, named)
                        .map(found ->
                                new StoreFault(named + ", " + name + " line " + entry.line(), expected(entry), found))
                        .ifPresent(faults::add);
            }
        }
        return faults;
    }

    private static String expected(LedgerEntry entry) {
        String patch = "patch " + entry.details().path("patch").asText();
        return entry.action().equals(SIGN)
                ? patch + " signed as " + entry.details().path("role").asText() + " by the key "
                        + entry.details().path("key").asText()
                : patch;
    }

    /** How the file that a line speaks of is not what the line says. */
    private static Optional<String> fault(LedgerEntry entry, Path file) {
        if (!Files.exists(file)) {
            return Optional.of("no such file");
        }
        try {
            WeightPatch patch = PatchFile.read(file);
            JsonNode details = entry.details();
            if (!patch.id().equals(details.path("patch").asText())) {
                return Optional.of("patch " + patch.id());
            }
            boolean sameResults = patch.tensors().stream()
                    .allMatch(tensor -> tensor.resultDigest()
                            .equals(details.path("results").path(tensor.name()).asText()));
            if (entry.action().equals(APPLY) && !sameResults) {
                return Optional.of("other digests of the patched tensors");
            }
            boolean signed = patch.signatures().stream()
                    .anyMatch(one -> one.key().equals(details.path("key").asText())
                            && one.role().key().equals(details.path("role").asText()));
            return entry.action().equals(SIGN) && !signed ? Optional.of("no such signature") : Optional.empty();
        } catch (BadInput unreadable) {
            return Optional.of(unreadable.getMessage());
        }
    }

    /** The patch files of this directory, by name. */
    public List<Path> files() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().endsWith(PatchFile.SUFFIX))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw BadInput.reading(directory, e);
        }
    }
}
