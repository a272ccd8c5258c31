/**
 * ONNX files that other programs wrote: which constants and nodes a file holds, which of them are a weight by its numbers, in whatever shape,
 * precision or quantisation, and how to replace those numbers where they lie.
 */
package modelpatch.export.foreign;
