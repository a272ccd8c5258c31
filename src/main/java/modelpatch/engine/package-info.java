/** Tensors, operations, ownership of native memory, and workers. The only door to DJL's PyTorch engine: whoever runs a model sees {@link modelpatch.engine.Tensor} alone. */
package modelpatch.engine;
