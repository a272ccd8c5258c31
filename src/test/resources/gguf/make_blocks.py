"""Makes blocks.safetensors: python make_blocks.py GGUF_FOLDER OUT, GGUF_FOLDER holding kinds/KIND.gguf with KIND.golden.safetensors."""

import json
import struct
import sys
from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGMLQuantizationType, quants
from gguf.constants import GGML_QUANT_SIZES

REAL, RANDOM = 512, 2048  # elements


def golden(path):
    data = path.read_bytes()
    end = 8 + struct.unpack("<Q", data[:8])[0]
    entry = json.loads(data[8:end])["dequantised/token_embd.weight"]
    return np.frombuffer(data[end + entry["data_offsets"][0] : end + entry["data_offsets"][1]], np.float32)


def random_blocks(kind, elements, size, random):
    count = {"MXFP4": 256, "NVFP4": 64}.get(kind.name, RANDOM // elements)
    blocks = random.integers(0, 256, (count, size), np.uint8)
    if kind.name == "MXFP4":
        blocks[:, 0] = np.arange(256)  # every scale
    if kind.name == "NVFP4":
        blocks[:, :4] = np.arange(256).reshape(64, 4)
    return blocks


def main(folder, out):
    tensors = {}
    for path in sorted((folder / "kinds").glob("*.gguf")):
        kind = GGMLQuantizationType[path.stem]
        elements, size = GGML_QUANT_SIZES[kind]
        (embedding,) = [t for t in GGUFReader(path).tensors if t.name == "token_embd.weight"]
        stored = np.asarray(embedding.data).view(np.uint8).reshape(-1, size)[: REAL // elements]
        decoded = golden(path.with_suffix(".golden.safetensors"))[:REAL]
        if kind.name != "Q1_0":  # which the package does not decode
            blocks = random_blocks(kind, elements, size, np.random.default_rng(14))
            with np.errstate(all="ignore"):
                numbers = quants.dequantize(blocks, kind)
            stored = np.concatenate([stored, blocks])
            decoded = np.concatenate([decoded, numbers.astype(np.float32).ravel()])
        tensors[kind.name + ".decoded"] = ("F32", decoded)
        tensors[kind.name + ".stored"] = ("U8", stored)
    header, offset = {}, 0
    ordered = sorted(tensors.items(), key=lambda item: (item[1][0], item[0]))
    for name, (dtype, array) in ordered:
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(out, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, (_, array) in ordered:
            file.write(np.ascontiguousarray(array).tobytes())


main(Path(sys.argv[1]), Path(sys.argv[2]))
