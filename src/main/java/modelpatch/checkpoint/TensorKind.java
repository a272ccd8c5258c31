package modelpatch.checkpoint;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How the elements of a tensor are stored. A kind that quantises stores elements in blocks; every other kind has blocks of one element.
 *
 * <p>Sources: the safetensors format description (data types) and the GGUF specification with ggml's block layouts (the numbers of
 * {@code ggml_type}).
 */
public enum TensorKind {
    F64("F64", 28, 8),
    F32("F32", 0, 4),
    F16("F16", 1, 2),
    BF16("BF16", 30, 2),
    Q8_0(8, 32, 34, SmallBlocks::q8, 0),
    Q4_0(2, 32, 18, SmallBlocks::q4, 0),
    Q4_1(3, 32, 20, SmallBlocks::q4WithMinimum, 0, 2),
    Q5_0(6, 32, 22, SmallBlocks::q5, 0),
    Q5_1(7, 32, 24, SmallBlocks::q5WithMinimum, 0, 2),
    Q8_1(9, 32, 36, SmallBlocks::q8WithSum, 0),
    Q8_K(15, 256, 292, SmallBlocks::q8OfSuperBlock),
    Q2_K(10, 256, 84, SuperBlocks::q2, 80, 82),
    Q3_K(11, 256, 110, SuperBlocks::q3, 108),
    Q4_K(12, 256, 144, SuperBlocks::q4, 0, 2),
    Q5_K(13, 256, 176, SuperBlocks::q5, 0, 2),
    Q6_K(14, 256, 210, SuperBlocks::q6, 208),
    IQ4_NL(20, 32, 18, CodebookBlocks::nonLinear, 0),
    IQ4_XS(23, 256, 136, CodebookBlocks::nonLinearOfSuperBlock, 0),
    IQ3_XXS(18, 256, 98, GridBlocks::iq3Xxs, 0),
    IQ3_S(21, 256, 110, GridBlocks::iq3S, 0),
    IQ2_XXS(16, 256, 66, GridBlocks::iq2Xxs, 0),
    IQ2_XS(17, 256, 74, GridBlocks::iq2Xs, 0),
    IQ2_S(22, 256, 82, GridBlocks::iq2S, 0),
    IQ1_S(19, 256, 50, GridBlocks::iq1S, 0),
    IQ1_M(29, 256, 56, GridBlocks::iq1M),
    TQ1_0(34, 256, 54, SmallBlocks::ternaryInDigits, 52),
    TQ2_0(35, 256, 66, SmallBlocks::ternaryInTwoBits, 64),
    Q1_0(41, 128, 18, SmallBlocks::signs, 0),
    MXFP4(39, 32, 17, CodebookBlocks::microscaling),
    NVFP4(40, 64, 36, CodebookBlocks::microscalingOfSuperBlock),
    F8_E4M3("F8_E4M3", -1, 1),
    F8_E5M2("F8_E5M2", -1, 1),
    F8_E8M0("F8_E8M0", -1, 1),
    C64("C64", -1, 8),
    I64("I64", 27, 8),
    I32("I32", 26, 4),
    I16("I16", 25, 2),
    I8("I8", 24, 1),
    U64("U64", -1, 8),
    U32("U32", -1, 4),
    U16("U16", -1, 2),
    U8("U8", -1, 1),
    BOOL("BOOL", -1, 1);

    /** The first of ggml's numbers that no type has yet; those below it that have no kind here were withdrawn. */
    private static final int GGML_TYPES = 42;

    private static final int NOWHERE = -1;

    private final String safetensorsName;
    private final int ggmlNumber;
    private final int blockElements;
    private final int blockBytes;

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final BlockDecoder decoder;

    private final int scale;
    private final int minimum;

    /** A kind without blocks. */
    TensorKind(String safetensorsName, int ggmlNumber, int bytes) {
        this.safetensorsName = safetensorsName;
        this.ggmlNumber = ggmlNumber;
        this.blockElements = 1;
        this.blockBytes = bytes;
        this.decoder = null;
        this.scale = NOWHERE;
        this.minimum = NOWHERE;
    }

    /** A kind that quantises and has no half-precision scale in one place. */
    TensorKind(int ggmlNumber, int blockElements, int blockBytes, BlockDecoder decoder) {
        this(ggmlNumber, blockElements, blockBytes, decoder, NOWHERE);
    }

    /** A kind that quantises without a minimum. */
    TensorKind(int ggmlNumber, int blockElements, int blockBytes, BlockDecoder decoder, int scale) {
        this(ggmlNumber, blockElements, blockBytes, decoder, scale, NOWHERE);
    }

    /** A kind that quantises; {@code scale} and {@code minimum} say where in a block these lie. */
    TensorKind(int ggmlNumber, int blockElements, int blockBytes, BlockDecoder decoder, int scale, int minimum) {
        this.safetensorsName = null;
        this.ggmlNumber = ggmlNumber;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.decoder = decoder;
        this.scale = scale;
        this.minimum = minimum;
    }

    /** Whether {@link Checkpoint#readFloat32} decodes this kind. The others are listed and their bytes can be read, no more. */
    public boolean isWeight() {
        return isQuantised() || this == F64 || this == F32 || this == F16 || this == BF16;
    }

    /** Whether elements share a scale, so that decoding loses nothing but encoding would. */
    boolean isQuantised() {
        return decoder != null;
    }

    /** How a block of a kind that quantises is decoded. */
    BlockDecoder decoder() {
        return decoder;
    }

    /**
     * Whether a block says by its half-precision scale, and its minimum where it has one, that its elements are finite: what these are
     * multiplied by is finite, and small.
     */
    boolean hasScale() {
        return scale != NOWHERE;
    }

    /**
     * Whether scale and minimum of a block are finite.
     *
     * @param at where the block begins; not modified
     */
    boolean scaleIsFinite(ByteBuffer stored, int at) {
        return HalfPrecision.isFinite(stored.getShort(at + scale))
                && (minimum == NOWHERE || HalfPrecision.isFinite(stored.getShort(at + minimum)));
    }

    /** Whether a safetensors file can hold this kind. */
    boolean inSafetensors() {
        return safetensorsName != null;
    }

    /** What a safetensors header calls this kind; null where it cannot hold it. */
    String safetensorsName() {
        return safetensorsName;
    }

    /** Elements per block; 1 where nothing is shared. */
    int blockElements() {
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

    /** What is known of a number of ggml that is no kind here. */
    static String unknownGgml(long number) {
        return "ggml type " + number
                + (number < GGML_TYPES ? ", which was withdrawn" : ", which is newer than this program");
    }

    /** The names of all kinds that can be weights, for a message. */
    static String weights() {
        return Arrays.stream(values())
                .filter(TensorKind::isWeight)
                .map(TensorKind::name)
                .collect(Collectors.joining(", "));
    }
}
