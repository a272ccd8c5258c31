/**
 * Named tensors on disk: safetensors files (one or sharded) and GGUF files, read when they are asked for, and safetensors written.
 *
 * <p>Legend of dimension names: {@code out}, {@code in} are the rows and columns of a weight in the layout of the Hugging Face checkpoints,
 * {@code y = W x} with {@code W [out, in]}, stored row after row; {@code elements} is the product of a shape.
 */
package modelpatch.checkpoint;
