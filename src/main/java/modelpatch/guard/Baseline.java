package modelpatch.guard;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.architecture.BaseReading;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.Json;
import modelpatch.document.ReportJson;
import modelpatch.document.TextFile;

/**
 * What somebody accepted: every answer of a suite, with digests of all that it came from.
 *
 * @param format version of this file
 * @param suiteDigest SHA-256 of the suite's text
 * @param model name of the model
 * @param modelDigest names it with its patches
 * @param reading how the model's tensors were read; empty in a file of an earlier version
 * @param patches ids, lowest first
 * @param protocol identity
 * @param engine versions that it was made with
 * @param time of acceptance
 * @param drift as it was
 * @param seconds that the questions took
 * @param modelBytes size of the model's files
 * @param answers by set title and case id
 */
@JsonPropertyOrder({"format", "suite_digest", "model", "model_digest", "patches", "protocol"})
record Baseline(
        int format,
        String suiteDigest,
        String model,
        String modelDigest,
        Optional<BaseReading> reading,
        List<String> patches,
        String protocol,
        String engine,
        String time,
        Optional<Drift> drift,
        double seconds,
        long modelBytes,
        Map<String, Map<String, Answer>> answers) {
    private static final int FORMAT = 1;

    /**
     * What was said to one case and how it came out.
     *
     * @param margin least lead along the answer as a multiple of the decisive one; empty in a file of an earlier version
     */
    public record Answer(String found, CaseResult.Outcome outcome, Optional<Double> margin) {
        /** Whether it was right, but by so little that rounding decides. */
        boolean heldByALittle() {
            return outcome != CaseResult.Outcome.FAILS && margin.isPresent() && margin.get() <= 1;
        }
    }

    /** What a result becomes when it is accepted. */
    static Baseline of(SuiteResult result, String engine, String time) {
        Map<String, Map<String, Answer>> answers = new LinkedHashMap<>();
        for (CaseResult one : result.cases()) {
            answers.computeIfAbsent(one.set(), set -> new LinkedHashMap<>())
                    .put(one.id(), new Answer(one.found(), one.outcome(), one.margin()));
        }
        return new Baseline(
                FORMAT,
                result.suiteDigest(),
                result.model(),
                result.modelDigest(),
                result.reading(),
                result.patches(),
                result.protocol(),
                engine,
                time,
                result.drift(),
                result.seconds(),
                result.modelBytes(),
                answers);
    }

    /** The baseline in a file; empty where there is no file. */
    static Optional<Baseline> read(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Baseline baseline = ReportJson.read(
                Json.parse(TextFile.read(file), file.toString()),
                Baseline.class,
                "baseline",
                file.toString(),
                "make the baseline again by `patch guard update`");
        if (baseline.format() != FORMAT || baseline.lacksSomething()) {
            throw BadInput.of(
                    file.toString(), "is no baseline of format " + FORMAT + "; make it again by `patch guard update`");
        }
        return Optional.of(baseline);
    }

    private boolean lacksSomething() {
        return Stream.of(answers, suiteDigest, model, modelDigest, patches, protocol, engine, time)
                .anyMatch(Objects::isNull);
    }

    /** Writes it; the file appears whole or not at all. */
    void write(Path file) {
        AtomicFile.write(file, out -> {
            ReportJson.mapper().writeValue(out, this);
            out.write('\n');
        });
    }

    Optional<Answer> accepted(String set, String id) {
        return Optional.ofNullable(answers.getOrDefault(set, Map.of()).get(id));
    }

    /**
     * That a target's tokenizer or configuration is another than the accepted one's. Where the tensors are the same, one of the two is wrong;
     * another model may bring its own.
     */
    Optional<SuiteResult.Check> asRead(GuardTarget target) {
        boolean sameTensors = modelDigest.equals(target.digest());
        return reading.flatMap(accepted -> target.reading().flatMap(accepted::difference))
                .map(part -> new SuiteResult.Check(
                        part.key(),
                        sameTensors ? SuiteResult.State.BROKEN : SuiteResult.State.ALLOWED,
                        sameTensors
                                ? part + " is another, though the tensors are the same"
                                : part + " is another, as the tensors are",
                        "that of the baseline"));
    }

    /** Everything in which another baseline differs from this one, one line each; time taken is none of it. */
    List<String> differences(Baseline other) {
        List<String> lines = new ArrayList<>();
        difference(lines, "suite", suiteDigest, other.suiteDigest);
        difference(lines, "model", model, other.model);
        difference(lines, "model digest", modelDigest, other.modelDigest);
        reading.flatMap(mine -> other.reading.flatMap(mine::difference))
                .ifPresent(part -> lines.add(part.key() + ": " + part + " is another"));
        difference(lines, "patches", patches, other.patches);
        difference(lines, "protocol", protocol, other.protocol);
        difference(lines, "engine", engine, other.engine);
        difference(lines, "model bytes", modelBytes, other.modelBytes);
        difference(lines, "drift", shown(drift), shown(other.drift));
        TreeSet<String> sets = new TreeSet<>(answers.keySet());
        sets.addAll(other.answers.keySet());
        for (String set : sets) {
            Map<String, Answer> mine = answers.getOrDefault(set, Map.of());
            Map<String, Answer> theirs = other.answers.getOrDefault(set, Map.of());
            TreeSet<String> ids = new TreeSet<>(mine.keySet());
            ids.addAll(theirs.keySet());
            for (String id : ids) {
                difference(lines, set + ": " + id, shown(mine.get(id)), shown(theirs.get(id)));
            }
        }
        return lines;
    }

    private static void difference(List<String> lines, String what, Object before, Object after) {
        if (!before.equals(after)) {
            lines.add(what + ": " + before + " -> " + after);
        }
    }

    private static String shown(Answer answer) {
        return answer == null
                ? "(not there)"
                : "'" + answer.found() + "' " + answer.outcome().key();
    }

    /** Three digits: what differs in the fourth is rounding. */
    private static String shown(Optional<Drift> drift) {
        return drift.map(one -> Numbers.format(
                        "KL %.3g, flips %.3g, perplexity %.3g to %.3g",
                        one.klMean() < 1e-9 ? 0 : one.klMean(),
                        one.topFlips(),
                        one.perplexityBefore(),
                        one.perplexityAfter()))
                .orElse("(not measured)");
    }
}
