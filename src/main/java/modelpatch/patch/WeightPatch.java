package modelpatch.patch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.Sha256;
import modelpatch.document.Json;

/**
 * A small, reversible change of a model: low-rank changes of a few tensors, the base that they belong to, and the evidence for them.
 * Immutable. Its id is a digest of all of that, so two patches with one id are the same patch.
 */
public final class WeightPatch {
    private static final int SHORT_ID = 12;

    private final String baseName;
    private final String baseDigest;
    private final Optional<BaseReading> reading;
    private final List<EditedTensor> tensors;
    private final List<TensorDelta> deltas;
    private final List<String> parents;
    private final Provenance provenance;
    private final String manifest;
    private final String id;
    private final List<Signature> signatures;

    /**
     * @param manifest the JSON text that says all of this; it is kept as read, because the id is taken over its bytes
     */
    WeightPatch(
            String baseName,
            String baseDigest,
            Optional<BaseReading> reading,
            List<EditedTensor> tensors,
            List<TensorDelta> deltas,
            List<String> parents,
            Provenance provenance,
            String manifest) {
        this(baseName, baseDigest, reading, tensors, deltas, parents, provenance, manifest, List.of());
    }

    private WeightPatch(
            String baseName,
            String baseDigest,
            Optional<BaseReading> reading,
            List<EditedTensor> tensors,
            List<TensorDelta> deltas,
            List<String> parents,
            Provenance provenance,
            String manifest,
            List<Signature> signatures) {
        this.signatures = List.copyOf(signatures);
        this.baseName = baseName;
        this.baseDigest = baseDigest;
        this.reading = reading;
        this.tensors = List.copyOf(tensors);
        this.deltas = List.copyOf(deltas);
        this.parents = List.copyOf(parents);
        this.provenance = provenance;
        this.manifest = manifest;
        this.id = PatchLayout.contentDigest(manifest, this.deltas);
    }

    /**
     * Makes a patch of changes that were computed on a base with patches on it.
     *
     * @param base the checkpoint; only read
     * @param below the patches that were on it, which become the parents
     * @param deltas one change per tensor; those of rank 0 are left out
     * @throws BadInput when a tensor is changed twice, is not in the base, has another shape, or would not stay finite
     */
    public static WeightPatch of(Checkpoint base, PatchStack below, List<TensorDelta> deltas, Provenance provenance) {
        List<TensorDelta> ordered = deltas.stream()
                .filter(delta -> delta.rank() > 0)
                .sorted(Comparator.comparing(TensorDelta::tensor))
                .toList();
        requireDistinct(ordered);
        List<EditedTensor> tensors = new ArrayList<>();
        for (TensorDelta delta : ordered) {
            PatchStack.requireShape(base, delta);
            List<TensorDelta> all = new ArrayList<>(below.deltas(delta.tensor()));
            all.add(delta);
            float[] result = TensorDelta.apply(base.floats(delta.tensor()), all);
            tensors.add(new EditedTensor(
                    delta.tensor(),
                    base.tensor(delta.tensor()).shape(),
                    delta.orientation(),
                    base.tensor(delta.tensor()).kind().toString(),
                    base.digest(delta.tensor()),
                    Sha256.of(result)));
        }
        List<String> parents = below.patches().stream().map(WeightPatch::id).toList();
        Optional<BaseReading> reading = Optional.of(BaseReading.of(base));
        String manifest = Manifest.write(base.name(), base.digest(), reading, tensors, parents, provenance);
        return new WeightPatch(base.name(), base.digest(), reading, tensors, ordered, parents, provenance, manifest);
    }

    private static void requireDistinct(List<TensorDelta> deltas) {
        Set<String> seen = new LinkedHashSet<>();
        for (TensorDelta delta : deltas) {
            if (!seen.add(delta.tensor())) {
                throw new BadInput(
                        "patch changes a tensor twice",
                        delta.tensor(),
                        "one change per tensor",
                        "two",
                        "add the two changes up");
            }
        }
        if (deltas.isEmpty()) {
            throw BadInput.of("patch", "changes no tensor; there is nothing to keep");
        }
    }

    /** The same changes with other evidence; another id, and no signatures. */
    public WeightPatch with(Provenance other) {
        return new WeightPatch(
                baseName,
                baseDigest,
                reading,
                tensors,
                deltas,
                parents,
                other,
                Manifest.write(baseName, baseDigest, reading, tensors, parents, other));
    }

    /** The same patch, of the same id, with these signatures beside it. */
    public WeightPatch signed(List<Signature> others) {
        return new WeightPatch(baseName, baseDigest, reading, tensors, deltas, parents, provenance, manifest, others);
    }

    /** Who put a name to it; no part of the identity, and worth nothing before {@link TrustedKeys#check}. */
    public List<Signature> signatures() {
        return signatures;
    }

    /** SHA-256 of the whole content, 64 hexadecimal digits. */
    public String id() {
        return id;
    }

    /** The first twelve digits of the id, as people see it. */
    public String shortId() {
        return id.substring(0, SHORT_ID);
    }

    public String baseName() {
        return baseName;
    }

    /** {@link Checkpoint#digest()} of the base. */
    public String baseDigest() {
        return baseDigest;
    }

    /** How the base's tensors are read; empty in patches of versions that did not say. */
    public Optional<BaseReading> reading() {
        return reading;
    }

    /** What is changed, ordered by name. */
    public List<EditedTensor> tensors() {
        return tensors;
    }

    /** The changes, in the same order. */
    public List<TensorDelta> deltas() {
        return deltas;
    }

    /** Ids of the patches that were on the base when this one was made, lowest first. */
    public List<String> parents() {
        return parents;
    }

    public Provenance provenance() {
        return provenance;
    }

    /** All but the factors, as JSON. */
    JsonNode manifest() {
        return Json.parse(manifest, "manifest of " + this);
    }

    String manifestText() {
        return manifest;
    }

    /** How many numbers the factors hold. */
    public long parameters() {
        return deltas.stream()
                .mapToLong(d -> (long) d.rank() * (d.rows() + d.columns().count()))
                .sum();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WeightPatch that && id.equals(that.id);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "patch " + shortId() + " (" + provenance.method() + " on " + baseName + ")";
    }
}
