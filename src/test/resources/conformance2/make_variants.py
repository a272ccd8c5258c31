"""Reference numbers of configurations that differ from those of the checkpoints beside them: python make_variants.py > variants.json

Each entry names a checkpoint, the keys that change, and gives the logits at the last position of the checkpoint's first sequence and of its
first half. Written with transformers 5.24 and torch 2.15, eager attention, float32.
"""
import json
import pathlib
import tempfile

import torch
from transformers import AutoModelForCausalLM

ROOT = pathlib.Path(__file__).parent
VARIANTS = [
    ("mixtral", {"sliding_window": 5, "num_experts_per_tok": 1}),
    ("qwen3_moe", {"norm_topk_prob": False, "num_experts_per_tok": 3}),
    ("qwen3_moe", {"use_sliding_window": True, "sliding_window": 6}),
    ("qwen2_moe", {"norm_topk_prob": True}),
    ("qwen2_moe", {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1}),
    ("olmoe", {"clip_qkv": 0.4, "norm_topk_prob": True}),
    ("granitemoe", {"num_experts_per_tok": 4, "attention_multiplier": 0.3}),
    ("gpt_oss", {"swiglu_limit": 0.02, "swiglu_alpha": 3.0}),
    ("gpt_oss", {"layer_types": ["full_attention", "sliding_attention"], "sliding_window": 3}),
    ("gpt_oss", {"rope_scaling": None}),
    ("glm4_moe", {"n_group": 2, "topk_group": 1, "routed_scaling_factor": 2.5}),
    ("glm4_moe", {"norm_topk_prob": False, "num_experts_per_tok": 3, "rope_parameters": None}),
    ("llama4_text", {"attention_chunk_size": 5, "floor_scale": 3, "attn_scale": 0.4}),
    ("llama4_text", {"attention_chunk_size": None, "attn_temperature_tuning": False, "num_experts_per_tok": 2}),
    ("llama4_text", {"use_qk_norm": False, "no_rope_layers": [0, 1, 1, 0], "attention_chunk_size": 7}),
    ("llama4_text", {"no_rope_layers": [], "no_rope_layer_interval": 2, "attention_chunk_size": 4}),
    ("deepseek_v2", {"topk_method": "group_limited_greedy", "n_group": 2, "topk_group": 1, "routed_scaling_factor": 16.0}),
    ("deepseek_v2", {"rope_scaling": None}),
    ("deepseek_v3", {"n_group": 1, "topk_group": 1, "norm_topk_prob": False}),
    ("deepseek_v3", {"rope_interleave": False}),
]


def logits(name, change):
    ids = json.loads((ROOT / name / "golden.json").read_text())["input_ids"][0]
    config = json.loads((ROOT / name / "config.json").read_text())
    config.update(change)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "model.safetensors").symlink_to((ROOT / name / "model.safetensors").resolve())
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        found = model(torch.tensor([ids]), use_cache=False).logits[0]
    half = len(ids) // 2
    return [[round(x, 8) for x in found[at].tolist()] for at in (half - 1, len(ids) - 1)]


print(json.dumps([{"of": name, "change": change, "logits": logits(name, change)} for name, change in VARIANTS]))
