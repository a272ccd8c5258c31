package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import modelpatch.guard.GuardWorld;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of every format that a command reads, damaged under a fixed seed: each command ends with 0, 1 or 2, a refusal is one line, and nothing
 * takes long. {@code -Dmodelpatch.hostile=10000} tries as many in all; docs/results.md says what that found.
 */
class HostileInputsTest {
    private static final int TRIED = Integer.getInteger("modelpatch.hostile", 120);
    private static final double MOST_CPU_SECONDS = 10;

    /** What stands in for a piece of a text file. */
    private static final List<String> PIECES = List.of(
            "null",
            "-1",
            "0",
            "1e999",
            "NaN",
            "9223372036854775808",
            "\"x\"",
            "[]",
            "{}",
            "[[[[",
            "true",
            "\0",
            "\u001b[2J",
            "\uD83D\uDE00",
            "../../x",
            "&a [*a]",
            "!!java.lang.Object",
            "\t",
            "\n\n",
            ":",
            "%",
            "\"".repeat(3),
            "a".repeat(5000));

    @TempDir
    static Path folder;

    private static GuardWorld world;
    private static Path base;
    private static final Map<String, Format> FORMATS = new LinkedHashMap<>();

    /**
     * A file that is damaged.
     *
     * @param intact where the whole file lies
     * @param damaged where the command looks for it
     * @param text whether it is text, so that words are replaced too
     */
    private record Format(Path intact, Path damaged, boolean text, Object... command) {}

    private static void format(String name, Path damaged, boolean text, Object... command) throws IOException {
        Path intact = Files.copy(damaged, folder.resolve("intact-" + FORMATS.size()));
        FORMATS.put(name, new Format(intact, damaged, text, command));
    }

    private static Path copy(Path from, String name) throws IOException {
        Path to = folder.resolve(name);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        return to;
    }

    @BeforeAll
    static void make() throws IOException {
        world = GuardWorld.at(folder.resolve("world"));
        base = world.model();
        Path resources = Path.of("src", "test", "resources");
        for (String file : List.of("model.safetensors", "config.json")) {
            Path model = copy(base, "model-" + file);
            format(file, model.resolve(file), !file.endsWith("safetensors"), logits(model, "--ids", "1,2,3"));
        }
        Path spoken = copy(base, "model-tokenizer");
        format("tokenizer.json", spoken.resolve("tokenizer.json"), true, logits(spoken, "--prompt", "the home of"));
        for (String family : List.of("gpt2", "mixtral")) {
            Path gguf = folder.resolve(family + ".gguf");
            Files.copy(resources.resolve(Path.of("gguf", "families", family + ".gguf")), gguf);
            format(family + ".gguf", gguf, false, logits(gguf, "--ids", "1,2,3"));
        }
        Path shown = Files.copy(world.goodPatch(), folder.resolve("shown.patch.safetensors"));
        format("patch, shown", shown, false, "show", shown);
        Path put = Files.copy(world.goodPatch(), folder.resolve("put.patch.safetensors"));
        format("patch, put on", put, false, logits(base, "--ids", "1,2,3", "--patch", put));
        Path store = lora(resources);
        format("ledger", store.resolve("ledger.jsonl"), true, "log", "--verify", "--patches", store);
        Path head = copy(store, "store-head");
        format("ledger head", head.resolve("ledger.jsonl.head"), true, "log", "--verify", "--patches", head);
        suites();
        Path policy = Files.writeString(
                folder.resolve("policy.yaml"),
                "require_signatures: 1\nrefuse_expired: true\ntrusted_keys: trusted.keys\n");
        patch("sign", "--new-key", "--key", folder.resolve("a.key"), "--signer", "ada")
                .succeeded();
        Files.copy(folder.resolve("a.key.pub"), folder.resolve("trusted.keys"));
        format("policy", policy, true, "verify", world.goodPatch(), "--policy", policy);
        Path keyed =
                Files.writeString(folder.resolve("keyed.yaml"), "require_signatures: 1\ntrusted_keys: keyed.keys\n");
        Path keys = Files.copy(folder.resolve("a.key.pub"), folder.resolve("keyed.keys"));
        format("trusted keys", keys, true, "verify", world.goodPatch(), "--policy", keyed);
        Path key = Files.copy(folder.resolve("a.key"), folder.resolve("b.key"));
        Path signed = Files.copy(world.goodPatch(), folder.resolve("signed.patch.safetensors"));
        format(
                "signing key",
                key,
                true,
                "sign",
                signed,
                "--key",
                key,
                "--signer",
                "ada",
                "--patches",
                folder.resolve("keyring"));
        Path config = Files.writeString(folder.resolve("config.yaml"), "ids: \"1,2,3\"\nlast: true\ntop: 1\n");
        format("configuration", config, true, "logits", "--model", base, "--threads", "1", "--config", config);
        Path data = world.model().resolveSibling("data");
        worldFiles(data);
    }

    private static Object[] logits(Path model, Object... more) {
        List<Object> command =
                new ArrayList<>(List.of("logits", "--model", model, "--last", "--top", "1", "--threads", "1"));
        command.addAll(Arrays.asList(more));
        return command.toArray();
    }

    /** Suites with their baselines, which are read before anything is asked. */
    private static void suites() throws IOException {
        patch("guard", "update", "--model", base, "--suite", world.staySuite(), "--accept", "--threads", 1);
        Path suite = Files.copy(world.staySuite(), folder.resolve("damaged.yaml"));
        format("suite", suite, true, "guard", "run", "--model", base, "--suite", suite, "--threads", 1);
        Path whole = Files.copy(world.staySuite(), folder.resolve("whole.yaml"));
        Path baseline = Files.copy(
                world.staySuite().resolveSibling("stay.baseline.json"), folder.resolve("whole.baseline.json"));
        format("baseline", baseline, true, "guard", "run", "--model", base, "--suite", whole, "--threads", 1);
    }

    /** Adapters of others, and a store that holds one of them. */
    private static Path lora(Path resources) throws IOException {
        Path model = resources.resolve(Path.of("adapters", "base"));
        Path good = resources.resolve(Path.of("adapters", "patterns"));
        Path store = folder.resolve("store");
        patch("import", "--lora", good, "--model", model, "--patches", store, "--author", "a", "--reason", "r")
                .succeeded();
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Path adapter = copy(good, "lora-" + file);
            format(
                    file,
                    adapter.resolve(file),
                    file.endsWith("json"),
                    "import",
                    "--lora",
                    adapter,
                    "--model",
                    model,
                    "--patches",
                    folder.resolve("imported"),
                    "--author",
                    "a",
                    "--reason",
                    "r");
        }
        Path onnx = folder.resolve("onnx");
        Path made;
        try (Stream<Path> files = Files.list(store)) {
            made = files.filter(file -> file.toString().endsWith(".patch.safetensors"))
                    .findFirst()
                    .orElseThrow();
        }
        patch("export", "--model", model, "--format", "onnx", "--out", onnx, "--threads", 1)
                .succeeded();
        Path foreign = Files.createDirectories(folder.resolve("foreign"));
        copy(onnx, "foreign");
        format(
                "ONNX of others",
                foreign.resolve("model.onnx"),
                false,
                "export",
                "--model",
                model,
                "--patch",
                made,
                "--format",
                "onnx",
                "--onnx-in",
                foreign.resolve("model.onnx"),
                "--unproved",
                "--out",
                folder.resolve("exported"),
                "--threads",
                1);
        return store;
    }

    /** Facts, relations and findings. */
    private static void worldFiles(Path data) throws IOException {
        Path files = Files.createDirectories(data);
        Path facts = Files.copy(Path.of("models", "default", "facts.tsv"), files.resolve("facts.tsv"));
        Path relations = Files.copy(Path.of("models", "default", "relations.yaml"), files.resolve("relations.yaml"));
        Path out = folder.resolve("cases.jsonl");
        Path someFacts = Files.copy(facts, files.resolve("damaged.tsv"));
        format("facts", someFacts, true, compose(someFacts, relations, out));
        Path someRelations = Files.copy(relations, files.resolve("damaged.yaml"));
        format("relations", someRelations, true, compose(facts, someRelations, out));
        Path findings = Files.writeString(
                folder.resolve("findings.json"),
                "{\"format\": 1, \"model\": {\"name\": \"m\", \"digest\": \"00\"}, \"failures\": []}");
        format(
                "findings",
                findings,
                true,
                "apply",
                "--model",
                base,
                "--findings",
                findings,
                "--case",
                "none",
                "--threads",
                1);
    }

    private static Object[] compose(Path facts, Path relations, Path out) {
        return new Object[] {"cases", "compose", "--facts", facts, "--relations", relations, "--output", out};
    }

    @Test
    void damagedFilesOfEveryFormatAreReadOrRefused() throws IOException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Random random = new Random(20251127);
        List<String> names = List.copyOf(FORMATS.keySet());
        Map<String, int[]> outcomes = new LinkedHashMap<>();
        names.forEach(name -> outcomes.put(name, new int[3]));
        List<String> wrong = new ArrayList<>();
        double longest = 0;
        for (int i = 0; i < TRIED; i++) {
            String name = names.get(i % names.size());
            Format format = FORMATS.get(name);
            byte[] bytes = damaged(Files.readAllBytes(format.intact()), format.text(), random);
            Files.write(format.damaged(), bytes);
            removeResults();
            long before = system.getProcessCpuTime();
            CommandRun run = patch(format.command());
            double seconds = (system.getProcessCpuTime() - before) / 1e9;
            longest = Math.max(longest, seconds);
            String fault = fault(run, seconds);
            if (fault.isEmpty()) {
                outcomes.get(name)[run.exitCode()]++;
            } else {
                Path kept = Files.write(Path.of("target", "hostile-" + i), bytes);
                wrong.add(name + " (kept as " + kept + "): " + fault + "\n"
                        + run.err().lines().limit(12).toList());
            }
            Files.copy(format.intact(), format.damaged(), StandardCopyOption.REPLACE_EXISTING);
            if (i % 500 == 499) {
                report(i + 1, outcomes, longest, wrong);
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** What a command made of the file before this one. */
    private static void removeResults() {
        for (String made : List.of("imported", "exported", "keyring")) {
            if (!Files.exists(folder.resolve(made))) {
                continue;
            }
            try (Stream<Path> files = Files.walk(folder.resolve(made))) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void everyCommandEndsWellOnTheWholeFile() {
        FORMATS.forEach((name, format) -> {
            removeResults();
            CommandRun run = patch(format.command());
            assertThat(run.exitCode())
                    .as("%s: %s%n%s", name, run.out(), run.err())
                    .isIn(whole(name));
        });
    }

    /** A store without its keys, findings of another model and an unsigned patch are refused or broken also when whole. */
    private static List<Integer> whole(String name) {
        return switch (name) {
            case "findings" -> List.of(2);
            case "policy", "trusted keys" -> List.of(1, 2);
            default -> List.of(0);
        };
    }

    private static String fault(CommandRun run, double seconds) {
        if (run.exitCode() < 0 || run.exitCode() > 2) {
            return "exit code " + run.exitCode();
        }
        long errors =
                run.err().lines().filter(line -> line.startsWith("error: ")).count();
        if (run.exitCode() == 2 && errors != 1) {
            return errors + " error lines";
        }
        if (run.err().contains("\tat ")
                || run.err().indexOf('\u001b') >= 0
                || run.out().indexOf('\u001b') >= 0) {
            return "a stack trace or a control character";
        }
        return seconds > MOST_CPU_SECONDS ? seconds + " CPU seconds" : "";
    }

    private static byte[] damaged(byte[] intact, boolean text, Random random) {
        byte[] bytes = intact.clone();
        int edits = text ? 1 : 1 + random.nextInt(3); // of text almost every second edit breaks the syntax already
        for (int edit = 0; edit < edits && bytes.length > 0; edit++) {
            int at = random.nextInt(random.nextInt(3) == 0 ? bytes.length : Math.min(bytes.length, 600));
            switch (random.nextInt(text ? 10 : 4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> {
                    for (int i = 0; i < 8 && at + i < bytes.length; i++) {
                        bytes[at + i] = (byte) (random.nextBoolean() ? 0xff : 0);
                    }
                }
                case 2 -> {
                    int from = random.nextInt(bytes.length);
                    int length = Math.min(random.nextInt(60), bytes.length - Math.max(from, at));
                    System.arraycopy(bytes, from, bytes, at, length);
                }
                case 3 -> bytes = random.nextInt(3) == 0 ? Arrays.copyOf(bytes, at) : bytes;
                default -> bytes = replaced(bytes, at, PIECES.get(random.nextInt(PIECES.size())));
            }
        }
        return bytes;
    }

    /** The word or number at a place, replaced by a piece. */
    private static byte[] replaced(byte[] bytes, int at, String piece) {
        int end = at;
        while (end < bytes.length && end < at + 30 && (Character.isLetterOrDigit(bytes[end]) || bytes[end] == '.')) {
            end++;
        }
        byte[] put = piece.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[at + put.length + bytes.length - end];
        System.arraycopy(bytes, 0, out, 0, at);
        System.arraycopy(put, 0, out, at, put.length);
        System.arraycopy(bytes, end, out, at + put.length, bytes.length - end);
        return out;
    }

    private static void report(int tried, Map<String, int[]> outcomes, double longest, List<String> wrong) {
        outcomes.forEach((name, counts) ->
                System.out.println("  " + name + ": exit 0 " + counts[0] + ", 1 " + counts[1] + ", 2 " + counts[2]));
        System.out.println(tried + " tried, the longest took " + longest + " CPU s, wrong: " + wrong);
    }
}
