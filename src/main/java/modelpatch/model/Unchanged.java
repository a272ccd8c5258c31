package modelpatch.model;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import modelpatch.architecture.Block;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Linear;

/**
 * What a view has in common with the model that it was made of: the blocks below its changes.
 *
 * @param root has all weights of its checkpoint
 * @param blocks how many of them, at least one
 */
record Unchanged(LanguageModel root, int blocks) {

    /**
     * What is left of it where some tensors have other values.
     *
     * @param before of the model that the view is made of; empty where that has nothing in common with its own root
     */
    static Optional<Unchanged> below(Optional<Unchanged> before, DecoderLayout layout, Collection<String> changed) {
        // keys that were kept for short sequences do not serve long ones everywhere
        boolean alike = layout.lengthClasses().borders().isEmpty();
        return before.filter(one -> alike)
                .map(one -> new Unchanged(one.root(), Math.min(one.blocks(), lowest(layout, changed))))
                .filter(one -> one.blocks() > 0);
    }

    /** The lowest block that has one of the tensors; 0 where one of them is no block's own matrix. */
    private static int lowest(DecoderLayout layout, Collection<String> changed) {
        return changed.stream()
                .mapToInt(name -> blockOf(layout.blocks(), name))
                .min()
                .orElse(layout.blocks().size());
    }

    private static int blockOf(List<Block> blocks, String name) {
        for (int layer = 0; layer < blocks.size(); layer++) {
            Block block = blocks.get(layer);
            boolean has = block.attention().output().weight().equals(name)
                    || block.attention().projection().linears().stream()
                            .map(Linear::weight)
                            .anyMatch(name::equals)
                    || block.mlp().linears().stream().map(Linear::weight).anyMatch(name::equals);
            if (has) {
                return layer;
            }
        }
        return 0;
    }
}
