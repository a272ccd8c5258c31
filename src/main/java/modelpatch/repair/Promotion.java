package modelpatch.repair;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.Onlooker;
import modelpatch.patch.GateVerdict;
import modelpatch.patch.PatchFile;
import modelpatch.patch.Provenance;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;

/** Makes a patch of a change that no editor made, such as a trained adapter, through the very gates that a repair passes. */
public final class Promotion {
    private final Repair.Task task;
    private final RepairOptions options;
    private final Surroundings around;
    private final Clock clock;

    /**
     * A use case that has done nothing yet.
     *
     * @param options the gates, and how many other cases are asked
     * @param clock dates the patch
     */
    public Promotion(Repair.Task task, RepairOptions options, Surroundings around, Clock clock) {
        this.task = task;
        this.options = options;
        this.around = around;
        this.clock = clock;
    }

    /**
     * Where a change comes from.
     *
     * @param method that made it
     * @param configuration everything that makes it again
     * @param force whether it is written though a gate failed
     */
    public record Origin(String method, JsonNode configuration, String author, String reason, boolean force) {}

    /**
     * Judges a change, and writes it where the gates hold.
     *
     * @param cases that it is for
     * @param file that is written; nothing is there yet
     * @throws BadInput where the file is there already, or the change does not fit the model
     */
    public Promoted promote(
            List<TensorDelta> deltas, List<CompositionalCase> cases, Path file, Origin origin, Onlooker onlooker) {
        requireNew(file);
        try (Onlooker.Part part = onlooker.begin("gates")) {
            Setup setup = Setup.of(task, options, around, part);
            Judge.Judgement judgement = setup.patcher().judged(deltas, cases);
            boolean passed = judgement.passed();
            Optional<WeightPatch> patch = Optional.empty();
            if (passed || origin.force()) {
                WeightPatch made = patch(setup, deltas, cases, judgement, origin);
                PatchFile.write(made, file);
                patch = Optional.of(made);
            }
            return new Promoted(
                    patch.map(WeightPatch::id),
                    patch.map(made -> file.toString()),
                    judgement.sets(),
                    judgement.drift(),
                    judgement.gates(),
                    !passed && origin.force()
                            ? RepairDocument.FORCED
                            : judgement.verdict().key());
        }
    }

    /** @throws BadInput where a file is there already */
    public static void requireNew(Path file) {
        if (Files.exists(file)) {
            throw new BadInput(
                    "file is there already", file.toString(), "a new file", "one that exists", "give another name");
        }
    }

    private WeightPatch patch(
            Setup setup,
            List<TensorDelta> deltas,
            List<CompositionalCase> cases,
            Judge.Judgement judgement,
            Origin origin) {
        ObjectNode evidence = ReportJson.mapper().createObjectNode();
        evidence.put("protocol", setup.protocol().identity());
        evidence.set("sets", ReportJson.mapper().valueToTree(judgement.sets()));
        evidence.set("drift", ReportJson.mapper().valueToTree(judgement.drift()));
        evidence.set("gates", ReportJson.mapper().valueToTree(judgement.gates()));
        Provenance provenance = new Provenance(
                origin.method(),
                origin.configuration(),
                options.seed(),
                cases.stream().map(CompositionalCase::id).toList(),
                evidence,
                judgement.passed() ? GateVerdict.PASSED : GateVerdict.FORCED,
                origin.author(),
                origin.reason(),
                clock.instant());
        return WeightPatch.of(task.model().base().checkpoint(), task.model().stack(), deltas, provenance);
    }
}
