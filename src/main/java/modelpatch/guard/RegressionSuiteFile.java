package modelpatch.guard;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.Sha256;
import modelpatch.document.Json;
import modelpatch.document.Located;
import modelpatch.evaluate.Chat;
import modelpatch.evaluate.Protocol;

/** How a regression suite stands in YAML. */
final class RegressionSuiteFile {
    private static final Set<String> KEYS = Set.of(
            "suite",
            "why",
            "model",
            "protocol",
            "tolerance",
            "drift",
            "budgets",
            "may_be_undecided",
            "must_change",
            "must_stay");

    private RegressionSuiteFile() {}

    static RegressionSuite read(Path yaml) {
        Located root = Located.yaml(yaml);
        root.fields("regression suite", KEYS);
        List<GuardedSet> sets = new ArrayList<>();
        for (GuardedSet.Must must : GuardedSet.Must.values()) {
            root.optional(must.section()).ifPresent(section -> sets.addAll(sets(section, must)));
        }
        if (sets.isEmpty()) {
            throw root.bad("a suite without cases", "must_change or must_stay with sets", "add cases");
        }
        return new RegressionSuite(
                yaml,
                Sha256.of(yaml),
                root.field("suite").text("name of the suite"),
                root.field("why").text("reason of the suite"),
                root.optional("model").map(RegressionSuiteFile::model),
                protocol(root.field("protocol")),
                root.optional("tolerance")
                        .map(node -> node.number("tolerance", 0, 1000))
                        .orElse(1.0),
                root.optional("drift").map(node -> drift(node, yaml)),
                limits(root),
                root.optional("may_be_undecided")
                        .map(node -> node.flag("may_be_undecided"))
                        .orElse(false),
                sets);
    }

    private static RegressionSuite.Base model(Located node) {
        node.fields("model", Set.of("name", "digest"));
        return new RegressionSuite.Base(
                node.field("name").text("name"), node.field("digest").text("digest"));
    }

    private static Protocol protocol(Located node) {
        node.fields("protocol", Set.of("kind", "form", "new_tokens", "few_shot", "demonstrations", "chat"));
        Located kind = node.field("kind");
        if (!kind.text("kind").equals(Protocol.Kind.GENERATED.key())) {
            throw kind.bad(
                    "a protocol that suites do not use",
                    "generated",
                    "suites judge the greedy continuation: it is what users of the model see");
        }
        Form form = node.field("form").choice("form", Form.values(), Form::key);
        int tokens = node.optional("new_tokens")
                .map(one -> one.whole("new_tokens", 1, 4096))
                .orElse(Protocol.DEFAULT_NEW_TOKENS);
        List<String> demonstrations = texts(node.optional("demonstrations"), "demonstrations");
        FewShot fewShot = demonstrations.isEmpty()
                ? FewShot.none(form)
                : new FewShot(node.field("few_shot").text("id of the demonstrations"), form, demonstrations);
        Optional<Chat> chat = node.optional("chat").map(RegressionSuiteFile::chat);
        return new Protocol(Protocol.Kind.GENERATED, fewShot, tokens, chat);
    }

    private static Chat chat(Located node) {
        node.fields("chat", Set.of("before", "after", "answer", "next"));
        Optional<Chat.Exchange> exchange = node.optional("answer").isPresent()
                ? Optional.of(new Chat.Exchange(words(node, "answer"), words(node, "next")))
                : Optional.empty();
        return new Chat(words(node, "before"), words(node, "after"), exchange);
    }

    /** Possibly empty. */
    private static String words(Located node, String key) {
        return node.optional(key).map(one -> String.valueOf(one.value())).orElse("");
    }

    private static RegressionSuite.DriftText drift(Located node, Path yaml) {
        Map<String, Located> given = node.fields("drift", Set.of("canary", "prompts"));
        if (given.size() != 1) {
            throw node.bad("no single text for drift", "either canary or prompts", "give one of them");
        }
        Optional<Path> canary =
                node.optional("canary").map(one -> yaml.toAbsolutePath().resolveSibling(one.text("file")));
        return new RegressionSuite.DriftText(canary, texts(node.optional("prompts"), "prompts"));
    }

    private static Map<String, Double> limits(Located root) {
        Map<String, Double> limits = new LinkedHashMap<>();
        root.optional("budgets")
                .ifPresent(node -> node.fields("budgets", Set.copyOf(RegressionSuite.LIMITS))
                        .forEach((name, limit) -> limits.put(name, limit.number(name, 0, Double.MAX_VALUE))));
        return limits;
    }

    private static List<GuardedSet> sets(Located section, GuardedSet.Must must) {
        List<GuardedSet> sets = new ArrayList<>();
        section.anyFields(must.section()).forEach((name, node) -> {
            node.fields("set", Set.of("may_fail", "cases"));
            double mayFail = node.optional("may_fail")
                    .map(one -> one.number("may_fail", 0, 1))
                    .orElse(0.0);
            List<GuardedCase> cases = new ArrayList<>();
            Set<String> ids = new HashSet<>();
            for (Located item : node.field("cases").items("cases")) {
                GuardedCase one = guarded(item);
                if (!ids.add(one.id())) {
                    throw item.field("id").bad("case given twice in a set", "a new id", "keep one");
                }
                cases.add(one);
            }
            if (cases.isEmpty()) {
                throw node.field("cases").bad("a set without cases", "at least one", "remove the set");
            }
            sets.add(new GuardedSet(name, must, mayFail, cases));
        });
        return sets;
    }

    private static GuardedCase guarded(Located item) {
        item.fields("case", Set.of("id", "prompt", "answers", "before"));
        List<String> answers = texts(Optional.of(item.field("answers")), "answers");
        if (answers.isEmpty()) {
            throw item.field("answers").bad("no answer", "at least one accepted name", "add one");
        }
        return new GuardedCase(
                item.field("id").text("id"),
                item.field("prompt").text("prompt"),
                answers,
                item.optional("before").map(one -> (String) one.value()));
    }

    private static List<String> texts(Optional<Located> node, String what) {
        return node.map(list -> list.items(what).stream()
                        .map(item -> item.text("text in " + what))
                        .toList())
                .orElse(List.of());
    }

    static void write(RegressionSuite suite) {
        byte[] text = text(suite).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(suite.file(), out -> out.write(text));
    }

    private static String text(RegressionSuite suite) {
        StringBuilder yaml = new StringBuilder();
        yaml.append(
                "# What must hold of an edited model; `patch guard run --suite FILE` checks it. docs/formats/guard.md\n");
        yaml.append("suite: ").append(quoted(suite.name())).append('\n');
        yaml.append("why: ").append(quoted(suite.why())).append('\n');
        suite.model()
                .ifPresent(model -> yaml.append("model: {name: ")
                        .append(quoted(model.name()))
                        .append(", digest: ")
                        .append(quoted(model.digest()))
                        .append("}\n"));
        Protocol protocol = suite.protocol();
        yaml.append("protocol:\n  kind: generated\n  form: ")
                .append(protocol.form().key())
                .append("\n  new_tokens: ")
                .append(protocol.maxNewTokens())
                .append('\n');
        if (!protocol.fewShot().demonstrations().isEmpty()) {
            yaml.append("  few_shot: ").append(quoted(protocol.fewShot().id())).append("\n  demonstrations:\n");
            protocol.fewShot()
                    .demonstrations()
                    .forEach(one -> yaml.append("    - ").append(quoted(one)).append('\n'));
        }
        protocol.chat()
                .ifPresent(chat -> yaml.append("  chat:\n    before: ")
                        .append(quoted(chat.before()))
                        .append("\n    after: ")
                        .append(quoted(chat.after()))
                        .append(chat.exchange()
                                .map(one ->
                                        "\n    answer: " + quoted(one.answer()) + "\n    next: " + quoted(one.next()))
                                .orElse(""))
                        .append('\n'));
        yaml.append(
                "# multiplies the margin within which rounding may decide between two tokens; 1 is the derived one\n");
        yaml.append("tolerance: ").append(plain(suite.tolerance())).append('\n');
        suite.drift().ifPresent(drift -> drift(yaml, suite, drift));
        if (!suite.limits().isEmpty()) {
            yaml.append("budgets:\n");
            suite.limits()
                    .forEach((name, limit) -> yaml.append("  ")
                            .append(name)
                            .append(": ")
                            .append(plain(limit))
                            .append('\n'));
        }
        if (suite.mayBeUndecided()) {
            yaml.append("may_be_undecided: true\n");
        }
        for (GuardedSet.Must must : GuardedSet.Must.values()) {
            List<GuardedSet> sets =
                    suite.sets().stream().filter(set -> set.must() == must).toList();
            if (!sets.isEmpty()) {
                yaml.append(must.section()).append(":\n");
                sets.forEach(set -> set(yaml, set));
            }
        }
        return yaml.toString();
    }

    private static void drift(StringBuilder yaml, RegressionSuite suite, RegressionSuite.DriftText drift) {
        yaml.append("drift:\n");
        drift.canary().ifPresent(file -> {
            Path folder = suite.file().toAbsolutePath().normalize().getParent();
            String name = folder.relativize(file.toAbsolutePath().normalize()).toString();
            yaml.append("  canary: ").append(quoted(name.replace('\\', '/'))).append('\n');
        });
        if (drift.canary().isEmpty()) {
            yaml.append("  prompts:\n");
            drift.prompts()
                    .forEach(one -> yaml.append("    - ").append(quoted(one)).append('\n'));
        }
    }

    private static void set(StringBuilder yaml, GuardedSet set) {
        yaml.append("  ").append(quoted(set.name())).append(":\n");
        yaml.append("    may_fail: ").append(plain(set.mayFail())).append("\n    cases:\n");
        for (GuardedCase one : set.cases()) {
            yaml.append("      - {id: ").append(quoted(one.id()));
            yaml.append(", prompt: ").append(quoted(one.prompt()));
            yaml.append(", answers: [");
            yaml.append(String.join(
                    ", ",
                    one.answers().stream().map(RegressionSuiteFile::quoted).toList()));
            yaml.append(']');
            one.before().ifPresent(before -> yaml.append(", before: ").append(quoted(before)));
            yaml.append("}\n");
        }
    }

    /** A double-quoted scalar: what JSON writes is also YAML. */
    private static String quoted(String text) {
        return Json.line(text);
    }

    private static String plain(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? String.valueOf((long) number)
                : String.valueOf(number);
    }
}
