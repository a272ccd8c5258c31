/**
 * The one table of decoder families, {@code families.yaml}: switches of the forward pass, names of tensors, keys of configurations, and the same
 * in GGUF. It is data alone; {@code checkpoint} reads GGUF files by it and {@code architecture} describes a decoder by it.
 */
package modelpatch.family;
