package modelpatch.checkpoint;

/**
 * How one block of stored bytes becomes float32: the layout of a kind that quantises. The arithmetic is that of ggml's reference, float32
 * products and sums in its order, so that the numbers are the same to the last bit.
 *
 * <p>Words of all layouts: d is the scale of a block, m its minimum, both stored in half precision; q is the stored whole number of an element;
 * a nibble is half a byte, the low one first. (Source: the block structures and reference dequantisers of ggml; those in Python are in
 * gguf.quants of the package gguf.)
 */
@FunctionalInterface
interface BlockDecoder {
    /**
     * Decodes one block.
     *
     * @param in stored bytes; not modified
     * @param at where the block begins in them
     * @param out receives the elements of the block; modified
     * @param to where they go
     */
    void decode(byte[] in, int at, float[] out, int to);
}
