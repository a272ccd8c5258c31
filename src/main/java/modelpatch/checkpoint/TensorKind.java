package modelpatch.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How the elements of a tensor are stored. A kind that quantises stores elements in blocks; every other kind has blocks of one element.
 *
 * <p>Sources: the safetensors format description (data types) and the GGUF specification with ggml's block layouts (the numbers of
 * {@code ggml_type}).
 */
public enum TensorKind {
    F64("F64", 28, 1, 8),
    F32("F32", 0, 1, 4),
    F16("F16", 1, 1, 2),
    BF16("BF16", 30, 1, 2),
    /** 32 elements: one half-precision scale d, 32 signed bytes q; x = q d. */
    Q8_0(null, 8, 32, 34),
    /** 32 elements: one half-precision scale d, 16 bytes of two nibbles q; x = (q - 8) d. Low nibbles are elements 0 to 15. */
    Q4_0(null, 2, 32, 18),
    /** 32 elements: half-precision scale d and minimum m, 16 bytes of two nibbles q; x = q d + m. Low nibbles are elements 0 to 15. */
    Q4_1(null, 3, 32, 20),
    F8_E4M3("F8_E4M3", -1, 1, 1),
    F8_E5M2("F8_E5M2", -1, 1, 1),
    F8_E8M0("F8_E8M0", -1, 1, 1),
    C64("C64", -1, 1, 8),
    I64("I64", 27, 1, 8),
    I32("I32", 26, 1, 4),
    I16("I16", 25, 1, 2),
    I8("I8", 24, 1, 1),
    U64("U64", -1, 1, 8),
    U32("U32", -1, 1, 4),
    U16("U16", -1, 1, 2),
    U8("U8", -1, 1, 1),
    BOOL("BOOL", -1, 1, 1);

    /** What ggml calls its numbered types, so that a refusal can name the one it met; empty entries were withdrawn. */
    private static final String[] GGML_NAMES = {
        "F32", "F16", "Q4_0", "Q4_1", "", "", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
        "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8", "I16", "I32",
        "I64", "F64", "IQ1_M", "BF16", "", "", "", "TQ1_0", "TQ2_0", "", "", "", "MXFP4"
    };

    private final String safetensorsName;
    private final int ggmlNumber;
    private final int blockElements;
    private final int blockBytes;

    TensorKind(String safetensorsName, int ggmlNumber, int blockElements, int blockBytes) {
        this.safetensorsName = safetensorsName;
        this.ggmlNumber = ggmlNumber;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /** Whether {@link Checkpoint#readFloat32} decodes this kind. The others are listed and their bytes can be read, no more. */
    public boolean isWeight() {
        return switch (this) {
            case F64, F32, F16, BF16, Q8_0, Q4_0, Q4_1 -> true;
            default -> false;
        };
    }

    /** Whether elements share a scale, so that decoding loses nothing but encoding would. */
    public boolean isQuantised() {
        return blockElements > 1;
    }

    /** Whether a safetensors file can hold this kind. */
    public boolean inSafetensors() {
        return safetensorsName != null;
    }

    /** What a safetensors header calls this kind; null where it cannot hold it. */
    String safetensorsName() {
        return safetensorsName;
    }

    /** Elements per block; 1 where nothing is shared. */
    public int blockElements() {
        return blockElements;
    }

    /** Bytes per block. */
    public int blockBytes() {
        return blockBytes;
    }

    /**
     * Stored bytes of so many elements.
     *
     * @throws ArithmeticException when the elements do not fill whole blocks or the bytes do not fit a long
     */
    long bytes(long elements) {
        if (elements % blockElements != 0) {
            throw new ArithmeticException(elements + " elements do not fill blocks of " + blockElements);
        }
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /** This kind for a matrix whose rows fill its blocks, F16 for one whose rows do not. */
    TensorKind fitting(List<Long> shape) {
        return shape.get(shape.size() - 1) % blockElements == 0 ? this : F16;
    }

    static Optional<TensorKind> ofSafetensors(String dtype) {
        return Arrays.stream(values())
                .filter(k -> dtype.equals(k.safetensorsName))
                .findFirst();
    }

    /** The number by which ggml knows this kind; negative where it does not. */
    int ggmlNumber() {
        return ggmlNumber;
    }

    static Optional<TensorKind> ofGgml(long number) {
        return Arrays.stream(values())
                .filter(k -> k.ggmlNumber >= 0 && k.ggmlNumber == number)
                .findFirst();
    }

    /** ggml's name of a type that may not be known here, with its number. */
    static String ggmlName(long number) {
        boolean named = number >= 0 && number < GGML_NAMES.length && !GGML_NAMES[(int) number].isEmpty();
        return named ? GGML_NAMES[(int) number] + " (ggml type " + number + ")" : "ggml type " + number;
    }
}
