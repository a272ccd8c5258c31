package modelpatch.patch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.Sha256;
import modelpatch.checkpoint.TensorInfo;

/**
 * Patches on a base, lowest first. The patched tensors are always computed from the base, never from one another, so a stack's bytes depend
 * on which patches it holds in which order and on nothing else: taking a patch out gives exactly the bytes of never having put it in.
 * Immutable.
 */
public final class PatchStack {
    private static final PatchStack EMPTY = new PatchStack(List.of());

    private final List<WeightPatch> patches;

    private PatchStack(List<WeightPatch> patches) {
        this.patches = List.copyOf(patches);
    }

    /** No patch: the base itself. */
    public static PatchStack empty() {
        return EMPTY;
    }

    /**
     * A stack of the given patches.
     *
     * @throws BadInput when one is there twice, or two belong to different bases
     */
    public static PatchStack of(List<WeightPatch> patches) {
        Set<String> ids = new LinkedHashSet<>();
        for (WeightPatch patch : patches) {
            if (!ids.add(patch.id())) {
                throw new BadInput(
                        "a patch is in the stack twice", "stack", "each patch once", patch + " again", "name it once");
            }
            WeightPatch lowest = patches.get(0);
            if (!patch.baseDigest().equals(lowest.baseDigest())) {
                throw new BadInput(
                        "patches of different models in one stack",
                        patch.toString(),
                        "base " + lowest.baseDigest() + " (" + lowest.baseName() + ") as that of " + lowest,
                        patch.baseDigest() + " (" + patch.baseName() + ")",
                        "stack patches of one model");
            }
        }
        return new PatchStack(patches);
    }

    /** The stack of the patches in the given files, lowest first. */
    public static PatchStack read(List<Path> files) {
        return of(files.stream().map(PatchFile::read).toList());
    }

    /** Lowest first. */
    public List<WeightPatch> patches() {
        return patches;
    }

    public boolean isEmpty() {
        return patches.isEmpty();
    }

    /** Names base and patches together: the base's digest, and after it a digest of the patches' ids where there are any. */
    public String digest(String baseDigest) {
        String ids = patches.stream().map(WeightPatch::id).collect(Collectors.joining("\n"));
        return patches.isEmpty() ? baseDigest : baseDigest + "+" + Sha256.of(ids);
    }

    /** The stack with one more patch on top. */
    public PatchStack with(WeightPatch patch) {
        List<WeightPatch> more = new ArrayList<>(patches);
        more.add(patch);
        return of(more);
    }

    /**
     * The stack without a patch.
     *
     * @param id the id or a beginning of it that no other patch shares
     * @throws BadInput when no patch or several begin so
     */
    public PatchStack without(String id) {
        List<WeightPatch> found = patches.stream()
                .filter(p -> !id.isEmpty() && p.id().startsWith(id))
                .toList();
        if (found.size() != 1) {
            throw new BadInput(
                    found.isEmpty() ? "no such patch on the stack" : "several patches begin like this",
                    "patch " + id,
                    "one of " + patches.stream().map(WeightPatch::shortId).toList(),
                    found.size() + " of them",
                    "give more of the id");
        }
        return new PatchStack(patches.stream().filter(p -> !found.contains(p)).toList());
    }

    /**
     * The patches that were made on a stack which is not below them here: a parent is absent or stands above. Their evidence does not speak of
     * this stack; evaluate them again.
     */
    public List<WeightPatch> stale() {
        List<WeightPatch> stale = new ArrayList<>();
        Set<String> below = new LinkedHashSet<>();
        for (WeightPatch patch : patches) {
            if (!below.containsAll(patch.parents())) {
                stale.add(patch);
            }
            below.add(patch.id());
        }
        return stale;
    }

    /** Tensors that several patches change, with those patches, lowest first. */
    public Map<String, List<WeightPatch>> shared() {
        Map<String, List<WeightPatch>> byTensor = new TreeMap<>();
        for (WeightPatch patch : patches) {
            patch.deltas()
                    .forEach(d -> byTensor.computeIfAbsent(d.tensor(), t -> new ArrayList<>())
                            .add(patch));
        }
        byTensor.values().removeIf(list -> list.size() < 2);
        return byTensor;
    }

    /** The names of all tensors that some patch changes, in order. */
    public SortedSet<String> tensors() {
        SortedSet<String> names = new TreeSet<>();
        patches.forEach(patch -> patch.deltas().forEach(delta -> names.add(delta.tensor())));
        return names;
    }

    /** The changes of one tensor, lowest first. */
    public List<TensorDelta> deltas(String tensor) {
        return patches.stream()
                .flatMap(patch -> patch.deltas().stream())
                .filter(delta -> delta.tensor().equals(tensor))
                .toList();
    }

    /**
     * Checks that every patch belongs to this base.
     *
     * @throws BadInput naming the first tensor that is missing, has another shape or other bytes, with both digests
     */
    public void requireFits(Checkpoint base) {
        Optional<BaseReading> now =
                patches.stream().anyMatch(patch -> patch.reading().isPresent())
                        ? Optional.of(BaseReading.of(base))
                        : Optional.empty();
        for (WeightPatch patch : patches) {
            now.flatMap(found -> patch.reading().flatMap(known -> known.difference(found)))
                    .ifPresent(what -> {
                        throw new BadInput(
                                patch + " was made for another base: the tensors are the same, but not " + what,
                                base.path().toString(),
                                patch.reading().orElseThrow().toString(),
                                now.orElseThrow().toString(),
                                "use the model that the patch was made for (" + patch.baseName() + ")");
                    });
            for (int i = 0; i < patch.tensors().size(); i++) {
                requireShape(base, patch.deltas().get(i));
                EditedTensor tensor = patch.tensors().get(i);
                String found = base.digest(tensor.name());
                if (!found.equals(tensor.baseDigest())) {
                    throw wrongBase(patch, base, tensor.name(), tensor.baseDigest(), found);
                }
            }
            if (!patch.baseDigest().equals(base.digest())) {
                throw wrongBase(patch, base, "a tensor that it does not edit", patch.baseDigest(), base.digest());
            }
        }
    }

    private static BadInput wrongBase(WeightPatch patch, Checkpoint base, String what, String expected, String found) {
        return new BadInput(
                patch + " was made for another base: " + what + " differs",
                base.path().toString(),
                "SHA-256 " + expected,
                found,
                "use the model that the patch was made for (" + patch.baseName() + ")");
    }

    static void requireShape(Checkpoint base, TensorDelta delta) {
        TensorInfo info = base.tensor(delta.tensor());
        List<Long> shape = List.of((long) delta.rows(), (long) delta.columns().width());
        if (!info.shape().equals(shape) || !info.kind().isWeight()) {
            throw new BadInput(
                    "patch does not have the shape of its tensor",
                    delta.tensor() + " in " + base.path(),
                    "a weight of " + shape,
                    info.kind() + " " + info.shape(),
                    "use the model that the patch was made for");
        }
    }

    /**
     * The patched tensors as float32, in the shape in which they are stored: for each, float32(base + sum of the changes), the sum in double in
     * stack order.
     *
     * @param base only read
     * @return a new array per edited tensor, by name
     * @throws BadInput when a patch does not fit the base, or its result digest is not what comes out of the stack it was made on
     */
    public Map<String, float[]> weights(Checkpoint base) {
        requireFits(base);
        Map<String, float[]> weights = new LinkedHashMap<>();
        for (WeightPatch patch : patches) {
            for (TensorDelta delta : patch.deltas()) {
                String tensor = delta.tensor();
                if (!weights.containsKey(tensor)) {
                    weights.put(tensor, TensorDelta.apply(base.floats(tensor), deltas(tensor)));
                }
            }
        }
        requirePromised(weights);
        return weights;
    }

    /** Where a tensor's topmost change stands exactly on its parents, its result digest must be that of the result. */
    private void requirePromised(Map<String, float[]> weights) {
        List<String> below = new ArrayList<>();
        Map<String, String> promised = new LinkedHashMap<>();
        Map<String, WeightPatch> by = new LinkedHashMap<>();
        for (WeightPatch patch : patches) {
            for (EditedTensor tensor : patch.tensors()) {
                promised.put(tensor.name(), patch.parents().equals(below) ? tensor.resultDigest() : "");
                by.put(tensor.name(), patch);
            }
            below.add(patch.id());
        }
        promised.forEach((tensor, digest) -> {
            String found = digest.isEmpty() ? "" : Sha256.of(weights.get(tensor));
            if (!found.equals(digest)) {
                throw new BadInput(
                        "patch does not give the weights it promises",
                        tensor + " of " + by.get(tensor),
                        "SHA-256 " + digest,
                        found,
                        "get the patch again from where it was made");
            }
        });
    }
}
