package modelpatch.remedy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.evaluate.Tally;
import modelpatch.evaluate.Verdict;
import modelpatch.guard.Gates;
import modelpatch.locate.Diagnosis;

/** Which remedy for which diagnosis: of those whose harm stays within the limits, the one that corrects most for sure. */
final class Routing {
    private Routing() {}

    /**
     * The routes.
     *
     * @param targets ids of the failures of each diagnosis
     * @param verdicts by remedy and failure
     */
    static List<Route> of(
            Map<Diagnosis, Set<String>> targets,
            List<RemedyTable.Row> rows,
            Map<String, Map<String, Verdict>> verdicts,
            Gates gates) {
        List<Route> routes = new ArrayList<>();
        for (Diagnosis diagnosis :
                Arrays.stream(Diagnosis.values()).filter(targets::containsKey).toList()) {
            List<Route.Evidence> evidence = new ArrayList<>();
            for (RemedyTable.Row row : rows) {
                Tally corrected = Tally.pool(targets.get(diagnosis).stream()
                        .map(id -> Tally.of(verdicts.get(row.remedy()).get(id).right()))
                        .toList());
                evidence.add(new Route.Evidence(row.remedy(), corrected, allowed(row, gates)));
            }
            Optional<Route.Evidence> best = evidence.stream()
                    .filter(one -> one.allowed() && one.corrected().successes() > 0)
                    .max(Comparator.comparingDouble(
                            one -> one.corrected().wilson().orElseThrow().low()));
            routes.add(new Route(
                    diagnosis,
                    best.map(Route.Evidence::remedy).orElse(""),
                    best.map(one -> command(one.remedy())).orElse("patch apply --each, to see each case's own patch"),
                    evidence));
        }
        return routes;
    }

    /** As for plans: harm counts as beyond a limit when its whole 95 % interval lies there; one item of ten must not decide. */
    private static boolean allowed(RemedyTable.Row row, Gates gates) {
        return Gates.limitedSets().stream()
                .allMatch(set -> Optional.ofNullable(row.sets().get(set))
                        .flatMap(outcome -> outcome.pairs().harmed().wilson())
                        .map(rate -> rate.low() <= gates.limitOfHarm(set))
                        .orElse(true));
    }

    /** The command that brings a remedy to bear. */
    static String command(String remedy) {
        return switch (remedy) {
            case "none" -> "leave it";
            case "slow" -> "patch eval --protocol slow, and ask so in your application";
            case "icl" -> "put demonstrations before the prompt: --few-shot";
            case "creme" -> "patch apply";
            case "adapt" -> "patch adapt";
            case "guide" -> "patch guide run, or the same arithmetic in your application";
            case "backpatch" -> "ask twice, in your application";
            default -> remedy.endsWith(".safetensors") ? "patch eval --patch " + remedy : "patch " + remedy;
        };
    }
}
