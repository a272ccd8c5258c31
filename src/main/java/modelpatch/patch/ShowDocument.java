package modelpatch.patch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A patch in numbers.
 *
 * @param manifest everything but the factors, as the file has it
 * @param geometry size and direction of the change of each tensor
 */
public record ShowDocument(String id, long parameters, JsonNode manifest, List<PatchGeometry> geometry) {
    public static ShowDocument of(WeightPatch patch) {
        return new ShowDocument(
                patch.id(),
                patch.parameters(),
                patch.manifest(),
                patch.deltas().stream().map(PatchGeometry::of).toList());
    }
}
