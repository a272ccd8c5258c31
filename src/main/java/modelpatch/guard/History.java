package modelpatch.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import modelpatch.BadInput;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.JsonFile;
import modelpatch.evaluate.ReportJson;

/** What suites found on models over time: a file of JSON lines that is only added to. */
public final class History {
    private static final ObjectMapper JSON = ReportJson.mapper().copy().disable(SerializationFeature.INDENT_OUTPUT);

    private final Path file;

    /** The history in a file, which need not exist yet. */
    public History(Path file) {
        this.file = file;
    }

    /**
     * One run.
     *
     * @param broken what broke, by name
     * @param klMean of drift; empty where it was not measured
     */
    public record Entry(
            String time,
            String model,
            String modelDigest,
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
            List<String> broken) {
        /** What a result leaves behind. */
        public static Entry of(SuiteResult result, String time) {
            return new Entry(
                    time,
                    result.model(),
                    result.modelDigest(),
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
                    result.broken());
        }
    }

    /** All runs, the oldest first. */
    public List<Entry> entries() {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<Entry> entries = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                entries.add(JSON.readValue(line, Entry.class));
            }
        } catch (JsonProcessingException e) {
            throw BadInput.of(file + ":" + (entries.size() + 1), "is no line of a history: " + JsonFile.reason(e))
                    .causedBy(e);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
        return entries;
    }

    /** Whether this model was run on this suite, both as they are. */
    public boolean knows(String modelDigest, String suiteDigest) {
        return entries().stream()
                .anyMatch(one -> one.modelDigest().equals(modelDigest)
                        && one.suiteDigest().equals(suiteDigest));
    }

    /** Adds a run; the file is the old one or the new one, whatever happens. */
    public void add(Entry entry) {
        try {
            byte[] before = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            byte[] line = (JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(file, out -> {
                out.write(before);
                out.write(line);
            });
        } catch (IOException e) {
            throw BadInput.writing(file, e);
        }
    }
}
