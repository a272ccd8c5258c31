package modelpatch.remedy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import modelpatch.evaluate.Tally;
import modelpatch.locate.Diagnosis;
import modelpatch.locate.Findings;

/**
 * What to try against findings: by what {@code patch compare} measured on this very model, where it was measured, else by the kind of failure alone.
 *
 * @param diagnosis among the findings
 * @param failures how many have it
 * @param command to try
 * @param evidence remedies within the limits of harm with what they corrected of this diagnosis, best first; empty where nothing was measured
 */
public record Advice(Diagnosis diagnosis, int failures, String command, List<Evidence> evidence) {
    private static final String MEASURED = "measured.tsv";

    public Advice {
        evidence = List.copyOf(evidence);
    }

    /** What one remedy corrected. */
    public record Evidence(String remedy, Tally corrected) {}

    /** A line of the table: what was measured on a model, named by the digest of its tensors. */
    private record Measured(String digest, String diagnosis, Evidence evidence) {}

    /** For every diagnosis among the findings, the commonest first. */
    public static List<Advice> of(Findings findings) {
        List<Measured> measured = measured();
        List<Advice> all = new ArrayList<>();
        for (Diagnosis diagnosis : Diagnosis.values()) {
            int failures = findings.diagnoses().getOrDefault(diagnosis.words(), 0);
            if (failures > 0) {
                List<Evidence> evidence = measured.stream()
                        .filter(one -> one.digest().equals(findings.model().digest())
                                && one.diagnosis().equals(diagnosis.words()))
                        .map(Measured::evidence)
                        .sorted(Comparator.comparingDouble((Evidence one) ->
                                        -one.corrected().wilson().orElseThrow().low())
                                .thenComparing(Evidence::remedy))
                        .toList();
                String command = evidence.isEmpty()
                        ? "patch apply"
                        : Routing.command(evidence.get(0).remedy());
                all.add(new Advice(diagnosis, failures, command, evidence));
            }
        }
        all.sort(Comparator.comparingInt(one -> -one.failures()));
        return List.copyOf(all);
    }

    private static List<Measured> measured() {
        try (InputStream table = Optional.ofNullable(Advice.class.getResourceAsStream(MEASURED))
                .orElseThrow(() -> new IllegalStateException("no " + MEASURED))) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .map(line -> Arrays.asList(line.split("\t", -1)))
                    .map(cells -> new Measured(
                            cells.get(0),
                            cells.get(1),
                            new Evidence(
                                    cells.get(2),
                                    new Tally(Long.parseLong(cells.get(3)), Long.parseLong(cells.get(4))))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
