package modelpatch.export;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.evaluate.Onlooker;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.RegressionSuite;
import modelpatch.guard.SuiteRunner;

/**
 * What the engine gives, which a written ONNX file must give too. Once this is made the engine may be closed.
 *
 * @param patched empty to write without proof
 * @param unpatched only where a given file's own distance from the engine is asked for
 */
public record EngineReference(Optional<ParityCheck> patched, Optional<ParityCheck> unpatched) {
    /** For files that are not proved. */
    public static final EngineReference NONE = new EngineReference(Optional.empty(), Optional.empty());

    /**
     * Runs the engine.
     *
     * @param model stays the caller's
     * @param suites that the written file must pass in ONNX Runtime; their prompts are compared too
     * @param canary the text that is compared; random ids are, for a vocabulary that cannot write it
     * @param seed draws those
     * @param unpatchedToo whether the base alone is run as well
     */
    public static EngineReference of(
            PatchedModel model,
            List<RegressionSuite> suites,
            Path canary,
            long seed,
            boolean unpatchedToo,
            Clock clock,
            Onlooker onlooker) {
        List<int[]> prompts = new ArrayList<>(ParityPrompts.of(model.model(), canary, seed));
        suites.forEach(suite -> prompts.addAll(ParityPrompts.of(model.model(), suite)));
        return new EngineReference(
                Optional.of(
                        new ParityCheck(model.model(), prompts, written -> broken(suites, written, clock, onlooker))),
                unpatchedToo ? Optional.of(new ParityCheck(model.base(), prompts)) : Optional.empty());
    }

    private static Map<String, List<String>> broken(
            List<RegressionSuite> suites, OnnxModel written, Clock clock, Onlooker onlooker) {
        Map<String, List<String>> broken = new LinkedHashMap<>();
        SuiteRunner.runAll(suites, OnnxTarget.of(written.directory(), written, Optional.empty()), clock, onlooker)
                .suites()
                .forEach(result -> broken.put(result.suite(), result.broken()));
        return broken;
    }
}
