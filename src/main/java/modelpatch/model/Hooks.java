package modelpatch.model;

import modelpatch.engine.Tensor;

/** Sees every site of a forward pass and may hand back other rows. */
@FunctionalInterface
interface Hooks {
    Hooks NONE = (site, layer, rows) -> rows;

    /**
     * @param rows the activation, [rows, columns]; not modified
     * @return what the pass goes on with
     */
    Tensor at(Site.Kind site, int layer, Tensor rows);
}
