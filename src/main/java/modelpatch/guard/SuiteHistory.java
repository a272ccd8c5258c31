package modelpatch.guard;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.Json;
import modelpatch.document.ReportJson;
import modelpatch.document.TextFile;

/** What suites found on models over time: a file of JSON lines that is only added to. */
public final class SuiteHistory {

    private final Path file;

    /** The history in a file, which need not exist yet. */
    public SuiteHistory(Path file) {
        this.file = file;
    }

    /**
     * One run.
     *
     * @param reading how the model's tensors were read; empty in a line of an earlier version
     * @param broken what broke, by name
     * @param repaired the cases that had to change and hold: repairs that survived what was done to the model, by name
     * @param lost those that do not
     * @param klMean of drift; empty where it was not measured
     */
    public record Entry(
            String time,
            String model,
            String modelDigest,
            Optional<BaseReading> reading,
            String suite,
            String suiteDigest,
            String verdict,
            int cases,
            int holds,
            int tied,
            int fails,
            OptionalDouble klMean,
            OptionalDouble perplexityRatio,
            double seconds,
            long modelBytes,
            List<String> broken,
            List<String> repaired,
            List<String> lost) {
        public Entry {
            repaired = repaired == null ? List.of() : List.copyOf(repaired);
            lost = lost == null ? List.of() : List.copyOf(lost);
        }

        /** What a result leaves behind. */
        static Entry of(SuiteResult result, String time) {
            return new Entry(
                    time,
                    result.model(),
                    result.modelDigest(),
                    result.reading(),
                    result.suite(),
                    result.suiteDigest(),
                    result.verdict(),
                    result.cases().size(),
                    result.sets().stream().mapToInt(SetResult::holds).sum(),
                    result.sets().stream().mapToInt(SetResult::tied).sum(),
                    result.sets().stream().mapToInt(SetResult::fails).sum(),
                    result.drift().map(one -> OptionalDouble.of(one.klMean())).orElse(OptionalDouble.empty()),
                    result.drift()
                            .map(one -> OptionalDouble.of(one.perplexityRatio()))
                            .orElse(OptionalDouble.empty()),
                    result.seconds(),
                    result.modelBytes(),
                    result.broken(),
                    repairs(result, false),
                    repairs(result, true));
        }

        private static List<String> repairs(SuiteResult result, boolean lost) {
            return result.cases().stream()
                    .filter(one -> one.set().startsWith(GuardedSet.Must.CHANGE.section()) && one.fails() == lost)
                    .map(one -> one.set() + ": " + one.id())
                    .toList();
        }

        private boolean lacksSomething() {
            return Stream.of(time, model, modelDigest, suite, suiteDigest, verdict, broken)
                    .anyMatch(Objects::isNull);
        }

        /** How many repairs survived, in words; nothing where there was none to survive. */
        String ofRepairs() {
            int all = repaired.size() + lost.size();
            return all == 0 ? "" : ", " + repaired.size() + " of " + all + " repairs survived";
        }

        /** Whether it is of this model as it is read now, and of this suite. */
        boolean isOf(String model, BaseReading read, String suiteNow) {
            return modelDigest.equals(model)
                    && suiteDigest.equals(suiteNow)
                    && reading.flatMap(known -> known.difference(read)).isEmpty();
        }
    }

    Path file() {
        return file;
    }

    /** All runs, the oldest first. */
    public List<Entry> entries() {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<Entry> entries = new ArrayList<>();
        for (String line : TextFile.read(file).lines().toList()) {
            int number = entries.size() + 1;
            String where = file + ":" + number;
            Entry entry = ReportJson.read(
                    Json.parseLine(line, file.toString(), number),
                    Entry.class,
                    "line of a history",
                    where,
                    "remove the line, or name another history");
            if (entry.lacksSomething()) {
                throw new BadInput(
                        "no line of a history",
                        where,
                        "model, suite, their digests, time, verdict and what broke",
                        "some of them",
                        "remove the line, or name another history");
            }
            entries.add(entry);
        }
        return entries;
    }

    /** Whether this model was run on this suite, both as they are: with its tokenizer and its configuration. */
    boolean knows(String modelDigest, BaseReading reading, String suiteDigest) {
        return entries().stream().anyMatch(one -> one.isOf(modelDigest, reading, suiteDigest));
    }

    /** Adds a run; the file is the old one or the new one, whatever happens. */
    void add(Entry entry) {
        try {
            byte[] before = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            byte[] line = (ReportJson.line(entry) + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(file, out -> {
                out.write(before);
                out.write(line);
            });
        } catch (IOException e) {
            throw BadInput.writing(file, e);
        }
    }
}
