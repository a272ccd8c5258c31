package modelpatch.export.foreign;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A matrix that an ONNX model holds in its constants, as floating-point numbers or quantised. */
sealed interface WeightConstant permits FloatConstant, QuantisedConstant {

    /** All that can be rewritten where they lie. */
    static List<WeightConstant> of(OnnxScan scan) {
        return Stream.<WeightConstant>concat(
                        FloatConstant.of(scan.constants()).stream(), QuantisedConstants.of(scan).stream())
                .toList();
    }

    /** What the model calls it. */
    String name();

    /** What it is, in words. */
    String form();

    /** The place of a weight's numbers in it; empty where its own are others. */
    Optional<Placement> find(EditedWeight weight) throws IOException;

    /** Puts the patched numbers in the place of the others. */
    Rewritten rewrite(Placement placement, ModelCopy copy) throws IOException;
}
