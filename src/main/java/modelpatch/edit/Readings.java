package modelpatch.edit;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import modelpatch.model.Site;

/** Activations at the last positions of an edit's prompts, by role and block: [prompt][columns] of each kind. */
final class Readings {
    private final Map<Role, Map<Integer, Map<Site.Kind, float[][]>>> known = new EnumMap<>(Role.class);

    /** Those of a role, by block; what is put there stays. */
    Map<Integer, Map<Site.Kind, float[][]>> of(Role role) {
        return known.computeIfAbsent(role, r -> new HashMap<>());
    }
}
