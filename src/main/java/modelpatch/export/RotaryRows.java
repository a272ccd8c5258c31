package modelpatch.export;

import modelpatch.export.OnnxGraph.Value;

/**
 * Cosines and sines at the positions of a graph's rows.
 *
 * @param cosines [B, S, R/2]
 * @param sines [B, S, R/2]
 */
record RotaryRows(Value cosines, Value sines) {

    /** @param positions which rows of the tables, [B, S] */
    static RotaryRows of(OnnxGraph graph, RotaryTables tables, Value positions) {
        if (!tables.inBlocks()) {
            return new RotaryRows(
                    graph.gather(graph.tensor(tables.cosines()), positions, 0),
                    graph.gather(graph.tensor(tables.sines()), positions, 0));
        }
        Value size = graph.longs(RotaryTables.BLOCK);
        Value block = graph.divide(positions, size);
        Value inside = graph.subtract(positions, graph.multiply(block, size));
        Value cosA = graph.gather(graph.tensor(tables.blockCosines()), block, 0);
        Value sinA = graph.gather(graph.tensor(tables.blockSines()), block, 0);
        Value cosB = graph.gather(graph.tensor(tables.cosines()), inside, 0);
        Value sinB = graph.gather(graph.tensor(tables.sines()), inside, 0);
        return new RotaryRows(
                graph.subtract(graph.multiply(cosA, cosB), graph.multiply(sinA, sinB)),
                graph.add(graph.multiply(sinA, cosB), graph.multiply(cosA, sinB)));
    }
}
