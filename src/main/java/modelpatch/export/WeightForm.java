package modelpatch.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import modelpatch.checkpoint.TensorKind;

/** How an ONNX file stores matrices. Vectors (norms, biases) stay float32, and so does all arithmetic. */
public enum WeightForm {
    FP32,
    /** Rounded to binary16; the file is half as large. */
    FP16,
    /** Rounded to bfloat16; exact where the checkpoint is stored so. */
    BF16,
    /**
     * Blocks of 32 signed bytes with one scale, for linear layers; embeddings stay float32. In an ONNX file this is MatMulNBits, an operator of ONNX
     * Runtime.
     */
    INT8;

    /** How an ONNX file stores a matrix that it multiplies as floats. */
    TensorKind kind() {
        return switch (this) {
            case FP32, INT8 -> TensorKind.F32;
            case FP16 -> TensorKind.F16;
            case BF16 -> TensorKind.BF16;
        };
    }

    /** How a GGUF file stores a matrix. */
    TensorKind inGguf() {
        return this == INT8 ? TensorKind.Q8_0 : kind();
    }

    /** What ONNX calls a kind of number. */
    static DataType dataType(TensorKind kind) {
        return switch (kind) {
            case F32 -> DataType.FLOAT;
            case F16 -> DataType.FLOAT16;
            case BF16 -> DataType.BFLOAT16;
            case U8 -> DataType.UINT8;
            default -> throw new IllegalArgumentException(kind + " is not written to ONNX");
        };
    }
}
