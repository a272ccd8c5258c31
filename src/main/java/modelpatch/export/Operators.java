package modelpatch.export;

/** Which operators of the ONNX standard a graph is made of. */
public enum Operators {
    /** Small ones, which every runtime has: opset 20, the first with Gelu; ONNX Runtime reads it from version 1.17 on. */
    BASIC(20, 9),
    /** Attention, rotary positions and RMS norms as one operator each: opset 23; ONNX Runtime reads it from version 1.23 on. */
    FUSED(23, 11);

    private final int opset;
    private final int formatVersion;

    Operators(int opset, int formatVersion) {
        this.opset = opset;
        this.formatVersion = formatVersion;
    }

    int opset() {
        return opset;
    }

    /** The version of the file format that came with the opset. */
    int formatVersion() {
        return formatVersion;
    }
}
