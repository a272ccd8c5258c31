package modelpatch.locate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import modelpatch.model.LanguageModel;
import modelpatch.model.RecordedRun;
import modelpatch.model.TokenIds;

/** The recorded runs of some prompts, each different prompt run once. Owns native memory. */
final class RecordedRuns implements AutoCloseable {
    private final Map<List<Integer>, Map<List<Integer>, RecordedRun>> byPrefix = new LinkedHashMap<>();

    RecordedRuns(LanguageModel model, Collection<EntityReading> prompts) {
        Map<List<Integer>, Map<List<Integer>, int[]>> different = new LinkedHashMap<>();
        for (EntityReading one : prompts) {
            different
                    .computeIfAbsent(TokenIds.boxed(one.prefix()), prefix -> new LinkedHashMap<>())
                    .put(TokenIds.boxed(one.sequence()), one.sequence());
        }
        different.forEach((prefix, sequences) -> {
            List<RecordedRun> runs = model.record(
                    prefix.stream().mapToInt(Integer::intValue).toArray(), new ArrayList<>(sequences.values()));
            Map<List<Integer>, RecordedRun> own = byPrefix.computeIfAbsent(prefix, key -> new LinkedHashMap<>());
            int next = 0;
            for (List<Integer> sequence : sequences.keySet()) {
                own.put(sequence, runs.get(next++));
            }
        });
    }

    RecordedRun of(EntityReading prompt) {
        return byPrefix.get(TokenIds.boxed(prompt.prefix())).get(TokenIds.boxed(prompt.sequence()));
    }

    @Override
    public void close() {
        byPrefix.values().forEach(runs -> runs.values().forEach(RecordedRun::close));
    }
}
