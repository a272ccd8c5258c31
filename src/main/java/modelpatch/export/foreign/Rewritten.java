package modelpatch.export.foreign;

import java.util.Optional;

/**
 * One constant of an ONNX model that was rewritten.
 *
 * @param tensor the edited weight
 * @param constant what the ONNX model calls it
 * @param how as it is, transposed, or a part of a fused matrix; and how it is quantised, where it is
 * @param bytes that differ from before
 * @param requantised what became of the edit; empty where it is stored as floating-point numbers
 */
public record Rewritten(String tensor, String constant, String how, long bytes, Optional<Requantised> requantised) {}
