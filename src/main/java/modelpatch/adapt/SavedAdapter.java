package modelpatch.adapt;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.document.ReportJson;
import modelpatch.export.LoraAdapter;
import modelpatch.guard.PatchedModel;
import modelpatch.model.Adapter;
import modelpatch.patch.GateVerdict;
import modelpatch.patch.PatchStack;
import modelpatch.patch.Provenance;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;

/** A trained adapter in the files of Hugging Face PEFT. */
public final class SavedAdapter {
    private SavedAdapter() {}

    /**
     * Writes adapter_config.json and adapter_model.safetensors, from which {@code patch import --lora} makes a patch of the same factors.
     *
     * @param configuration everything that makes the adapter again
     * @param directory that does not exist yet
     * @throws BadInput where the model has patches below, which the files could not name, or training changed nothing
     */
    public static void write(
            PatchedModel model, Adapter adapter, JsonNode configuration, long seed, Instant time, Path directory) {
        if (!model.stack().isEmpty()) {
            throw new BadInput(
                    "adapter on patches",
                    directory.toString(),
                    "a model without patches",
                    model.patchIds().size() + " patches",
                    "export the patched model first, and adapt that");
        }
        List<TensorDelta> deltas = LoraAdapter.deltas(adapter, model.base().layout());
        Provenance provenance = new Provenance(
                "adapter",
                configuration,
                seed,
                List.of(),
                ReportJson.mapper().createObjectNode(),
                GateVerdict.NOT_JUDGED,
                "",
                "",
                time);
        WeightPatch patch = WeightPatch.of(model.base().checkpoint(), PatchStack.empty(), deltas, provenance);
        LoraAdapter.write(model.base().checkpoint(), PatchStack.empty().with(patch), directory);
    }
}
