"""Makes the GGUF files of this folder from checkpoints of ../../conformance and ../../conformance2: python make_families.py

Names of tensors come from the tables of the Python package gguf; which keys a converter writes, and how it lays out rows, is what llama.cpp's
converter does for the architecture. Everything is stored as float32.
"""

import json
import math
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

HERE = Path(__file__).parent
RESOURCES = HERE.parent.parent


class Source:
    """A checkpoint in the Hugging Face layout."""

    def __init__(self, folder):
        path = RESOURCES / folder
        self.config = json.loads((path / "config.json").read_text())
        self.tensors = {n: t.astype(np.float32) for n, t in load_file(path / "model.safetensors").items()}
        self.rope = self.config.get("rope_parameters") or self.config.get("rope_scaling") or {}

    def get(self, *keys):
        """The first key that says something."""
        for key in keys:
            for place in (self.config, self.rope):
                if place.get(key) is not None:
                    return place[key]
        return None


def interleaved(rows, heads):
    """Coordinates i and i + d/2 of every head next to each other."""
    parts = rows.reshape(heads, 2, rows.shape[0] // heads // 2, -1)
    return parts.swapaxes(1, 2).reshape(rows.shape)


def sorted_by_role(rows, groups, queries):
    """Groups of queries, key and value as all queries, all keys, all values."""
    parts = rows.reshape(groups, queries + 2, rows.shape[0] // groups // (queries + 2), -1)
    roles = parts[:, :queries], parts[:, queries], parts[:, queries + 1]
    return np.concatenate([role.reshape(-1, parts.shape[-1]) for role in roles]).reshape(rows.shape)


def llama3_factors(rope, width):
    factors = []
    for pair in range(width // 2):
        wavelength = 2 * math.pi * rope["rope_theta"] ** (2 * pair / width)
        turns = rope["original_max_position_embeddings"] / wavelength
        low, high = rope["low_freq_factor"], rope["high_freq_factor"]
        kept = min(1, max(0, (turns - low) / (high - low)))
        factors.append(1 / ((1 - kept) / rope["factor"] + kept))
    return np.array(factors, np.float32)


# What converters write for most architectures: the method of the writer, and the keys of config.json that say it.
COMMON = {
    "add_context_length": ("max_position_embeddings", "n_positions", "seq_length", "max_seq_len"),
    "add_embedding_length": ("hidden_size", "n_embd", "n_embed", "d_model"),
    "add_head_count": ("num_attention_heads", "n_head", "n_heads"),
    "add_feed_forward_length": ("intermediate_size", "n_inner", "ffn_hidden_size"),
}
FURTHER = {
    "add_head_count_kv": ("num_key_value_heads", "num_kv_heads"),
    "add_rope_freq_base": ("rope_theta",),
    "add_layer_norm_rms_eps": ("rms_norm_eps",),
    "add_layer_norm_eps": ("layer_norm_eps", "layer_norm_epsilon", "norm_epsilon"),
    "add_expert_count": ("num_local_experts", "num_experts"),
    "add_expert_used_count": ("num_experts_per_tok",),
    "add_key_length": ("head_dim",),
    "add_value_length": ("head_dim",),
}


class Conversion:
    def __init__(self, folder, architecture, terse=False, permuted=False, keys=(), rename=None):
        """terse: only what COMMON and the keys say, as the older converters do; keys: further (method, value)."""
        self.source = Source(folder)
        self.layers = self.source.get("num_hidden_layers", "n_layer", "n_layers")
        self.heads = self.source.get(*COMMON["add_head_count"])
        self.width = self.source.get(*COMMON["add_embedding_length"])
        self.key_value_heads = self.source.get(*FURTHER["add_head_count_kv"]) or self.heads
        self.permuted = permuted
        self.rename = rename or (lambda name: name)
        self.names = gguf.get_tensor_name_map(getattr(gguf.MODEL_ARCH, architecture), self.layers)
        self.name = gguf.MODEL_ARCH_NAMES[getattr(gguf.MODEL_ARCH, architecture)]
        self.out = HERE / (Path(folder).name + ".gguf")
        self.writer = gguf.GGUFWriter(self.out, self.name)
        self.writer.add_block_count(self.layers)
        for method, names in (COMMON if terse else COMMON | FURTHER).items():
            value = self.source.get(*names)
            if method == "add_feed_forward_length" and value is None:
                value = 4 * self.width
            if method == "add_context_length" and value is None:
                value = 2048
            if value is not None:
                getattr(self.writer, method)(value)
        for method, value in keys:
            getattr(self.writer, method)(value(self.source) if callable(value) else value)

    def add(self, name, tensor):
        found = self.names.get_name(self.rename(name), try_suffixes=(".weight", ".bias"))
        if found is None:
            raise KeyError(name)
        self.writer.add_tensor(found, np.ascontiguousarray(tensor))

    def laid_out(self, name, tensor):
        if self.permuted and (".q_proj." in name or ".k_proj." in name):
            return interleaved(tensor, self.heads if ".q_proj." in name else self.key_value_heads)
        return tensor

    def stacked(self):
        """Experts, and norms of heads, one after the other in one tensor."""
        members = {}
        for name in list(self.source.tensors):
            parts = name.split(".")
            for before in ("experts", "norms"):
                if before in parts[:-1] and parts[parts.index(before) + 1].isdigit():
                    at = parts.index(before) + 1
                    kept = parts[: at - 1] if before == "norms" else parts[:at]
                    whole = ".".join(kept + parts[at + 1 :])
                    members.setdefault(whole, {})[int(parts[at])] = self.source.tensors.pop(name)
        return {name: np.stack([those[i] for i in range(len(those))]) for name, those in members.items()}

    def write(self):
        for name, tensor in self.stacked().items():
            self.add(name, tensor)
        for name, tensor in self.source.tensors.items():
            self.add(name, self.laid_out(name, tensor))
        self.writer.write_header_to_file()
        self.writer.write_kv_data_to_file()
        self.writer.write_tensors_to_file()
        self.writer.close()
        return self.out


class Transposing(Conversion):
    """GPT-2 keeps matrices as [in, out]."""

    def laid_out(self, name, tensor):
        turned = name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight"))
        return tensor.T if turned else tensor


class Sorting(Conversion):
    """Queries, keys and values lie in groups."""

    def laid_out(self, name, tensor):
        if "query_key_value" not in name:
            return tensor
        groups = self.key_value_heads
        return sorted_by_role(tensor, groups, self.heads // groups)


class PlusOne(Conversion):
    """Gains are 1 + w."""

    def laid_out(self, name, tensor):
        return tensor + 1 if name.endswith("norm.weight") else tensor


def rotary_width(source):
    share = source.get("partial_rotary_factor", "rotary_pct") or 1
    width = source.get("head_dim") or source.get("hidden_size") // source.get("num_attention_heads")
    return int(share * width)


def sliding(source):
    return [kind == "sliding_attention" for kind in source.config["layer_types"]]


def epsilon(source):
    return source.get("layer_norm_epsilon", "layer_norm_eps", "norm_eps")


def of_llama(source):
    return source.get("head_dim") or source.get("hidden_size") // source.get("num_attention_heads")


NO_SCALING = ("add_rope_scaling_type", gguf.RopeScalingType.NONE)
ROTARY = ("add_rope_dimension_count", rotary_width)
LLAMA = [("add_vocab_size", lambda s: s.get("vocab_size")), ("add_rope_dimension_count", of_llama)]
EPSILON = ("add_layer_norm_eps", epsilon)
KEY_VALUE_HEADS = ("add_head_count_kv", lambda s: s.get("num_key_value_heads", "num_attention_heads"))
PHI3 = [
    ("add_rope_scaling_orig_ctx_len", lambda s: s.get("original_max_position_embeddings")),
    ("add_head_count_kv", lambda s: s.get("num_key_value_heads")),
    ("add_layer_norm_rms_eps", lambda s: s.get("rms_norm_eps")),
    ("add_rope_freq_base", lambda s: s.get("rope_theta")),
    ("add_rope_dimension_count", rotary_width),
    ("add_sliding_window", lambda s: s.get("sliding_window") or 0),
]
STABLELM = [ROTARY, KEY_VALUE_HEADS, EPSILON, ("add_parallel_residual", lambda s: s.get("use_parallel_residual") or False)]
FALCON = [
    ("add_tensor_data_layout", "jploski"),
    ("add_head_count_kv", lambda s: s.get("num_kv_heads") or 1),
    EPSILON,
]
EXPERTS = [("add_expert_feed_forward_length", lambda s: s.get("moe_intermediate_size"))]


def long_rope(conversion):
    source = conversion.source
    scale = source.get("max_position_embeddings") / source.get("original_max_position_embeddings")
    original = source.get("original_max_position_embeddings")
    conversion.writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(scale) / math.log(original)))
    for name in ("long", "short"):
        factors = np.array(source.rope[name + "_factor"], np.float32)
        conversion.writer.add_tensor("rope_factors_" + name + ".weight", factors)
    return conversion


def llama3(conversion):
    rope = dict(conversion.source.rope, rope_theta=conversion.source.get("rope_theta"))
    conversion.writer.add_tensor("rope_freqs.weight", llama3_factors(rope, of_llama(conversion.source)))
    return conversion


def one_group(conversion):
    conversion.key_value_heads = 1
    return conversion


def by_alpha(source):
    width = source.get("head_dim")
    return source.get("rope_theta") * source.rope["alpha"] ** (width / (width - 2))


def short(name):
    return name.replace("transformer.", "")


def merged_experts(name):
    """Mixtral's matrices under the names of the original release, which the table has stacked."""
    return name.replace("model.layers", "layers").replace("block_sparse_moe.experts", "feed_forward.experts") \
        if ".experts.w" in name else name


CONVERSIONS = [
    lambda: Conversion("conformance/phi3", "PHI3", terse=True, keys=PHI3),
    lambda: long_rope(Conversion("conformance2/phi4_mini_longrope", "PHI3", terse=True, keys=PHI3)),
    lambda: Transposing("conformance/gpt2", "GPT2", terse=True, keys=[EPSILON]),
    lambda: Sorting("conformance/gpt_neox", "GPTNEOX", terse=True, keys=[
        ROTARY, EPSILON, ("add_parallel_residual", True)]),
    lambda: Sorting("conformance/gpt_neox_sequential", "GPTNEOX", terse=True, keys=[
        ROTARY, EPSILON, ("add_parallel_residual", False)]),
    lambda: Conversion("conformance/olmo2", "OLMO2"),
    lambda: Conversion("conformance2/olmo3", "OLMO2", keys=[
        ("add_sliding_window", 8), ("add_sliding_window_pattern", sliding),
        ("add_rope_scaling_type", gguf.RopeScalingType.YARN), ("add_rope_scaling_factor", 8.0),
        ("add_rope_scaling_orig_ctx_len", 8192)]),
    lambda: Conversion("conformance2/olmo", "OLMO", permuted=True, keys=[
        ("add_layer_norm_eps", 1e-5), ("add_clamp_kqv", 1.0)]),
    lambda: Conversion("conformance2/olmoe", "OLMOE", keys=[("add_layer_norm_rms_eps", 1e-5)]),
    lambda: Conversion("conformance2/mixtral", "LLAMA", permuted=True, keys=LLAMA, rename=merged_experts),
    lambda: Conversion("conformance2/qwen3_moe", "QWEN3MOE", keys=EXPERTS),
    lambda: Conversion("conformance2/qwen2_moe", "QWEN2MOE", keys=EXPERTS + [
        ("add_expert_shared_feed_forward_length", lambda s: s.get("shared_expert_intermediate_size"))]),
    lambda: Conversion("conformance2/starcoder2", "STARCODER2"),
    lambda: Conversion("conformance2/gpt_bigcode", "STARCODER", terse=True, keys=[EPSILON, ("add_head_count_kv", 1)]),
    lambda: Conversion("conformance2/stablelm", "STABLELM", terse=True, keys=STABLELM),
    lambda: Conversion("conformance2/stablelm_qk_parallel", "STABLELM", terse=True, keys=STABLELM),
    lambda: one_group(Sorting("conformance2/falcon_7b", "FALCON", terse=True, keys=FALCON)),
    lambda: Sorting("conformance2/falcon_40b", "FALCON", terse=True, keys=FALCON),
    lambda: Conversion("conformance2/granite", "GRANITE", permuted=True, keys=LLAMA + [
        ("add_attention_scale", lambda s: s.get("attention_multiplier")),
        ("add_embedding_scale", lambda s: s.get("embedding_multiplier")),
        ("add_residual_scale", lambda s: s.get("residual_multiplier")),
        ("add_logit_scale", lambda s: s.get("logits_scaling"))]),
    lambda: Conversion("conformance2/cohere", "COMMAND_R", keys=[
        ("add_logit_scale", lambda s: s.get("logit_scale")), NO_SCALING]),
    lambda: Conversion("conformance2/cohere_qk", "COMMAND_R", keys=[
        ("add_logit_scale", lambda s: s.get("logit_scale")), NO_SCALING]),
    lambda: Conversion("conformance2/cohere2", "COHERE2", keys=[
        ("add_logit_scale", lambda s: s.get("logit_scale")), ("add_sliding_window", 8),
        ("add_vocab_size", 97), ROTARY, NO_SCALING]),
    lambda: Conversion("conformance2/glm4", "GLM4", keys=[ROTARY]),
    lambda: llama3(Conversion("conformance2/exaone4", "EXAONE4", keys=[
        ("add_vocab_size", 97), ("add_sliding_window", 8), ("add_sliding_window_pattern", sliding)])),
    lambda: PlusOne("conformance2/nemotron", "NEMOTRON", keys=[("add_vocab_size", 97), EPSILON, ROTARY, NO_SCALING]),
    lambda: Conversion("conformance2/phi", "PHI2", terse=True, keys=[KEY_VALUE_HEADS, EPSILON, ROTARY]),
    lambda: Conversion("conformance2/arcee", "ARCEE", permuted=True, keys=LLAMA),
    lambda: Conversion("conformance2/smollm3", "SMOLLM3", permuted=True, keys=LLAMA),
    lambda: Conversion("conformance2/seed_oss", "SEED_OSS"),
    lambda: Conversion("conformance2/mpt", "MPT", terse=True, keys=[("add_layer_norm_eps", 1e-5), ("add_max_alibi_bias", 8.0)]),
    lambda: Sorting("conformance2/bloom", "BLOOM", terse=True, keys=[
        EPSILON, ("add_head_count_kv", 6)], rename=short),
    lambda: Conversion("conformance2/ernie4_5", "ERNIE4_5"),
    lambda: Conversion("conformance2/hunyuan", "HUNYUAN_DENSE", keys=[
        ("add_rope_freq_base", by_alpha), NO_SCALING, ("add_rope_scaling_factor", 1.0),
        ("add_rope_scaling_orig_ctx_len", 262144)]),
]

if __name__ == "__main__":
    for conversion in CONVERSIONS:
        print(conversion().write().name)
