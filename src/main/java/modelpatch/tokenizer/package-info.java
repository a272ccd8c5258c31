/** Text to token ids and back, from tokenizer.json or a GGUF file's metadata. The only door to the tokenizers library. */
package modelpatch.tokenizer;
