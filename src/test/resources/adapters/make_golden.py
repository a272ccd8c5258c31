"""Writes adapters of PEFT and the logits of their base with each on it.

usage: make_golden.py FOLDER   (torch 2.15.0, transformers 5.24.0, peft 0.21.2, safetensors 0.8.0; CPU, float32)
"""
import json
import pathlib
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

out = pathlib.Path(sys.argv[1])
IDS = [3, 17, 42, 8, 60, 11]
MORE_THAN_A_LORA = {"trained_head", "embedding", "tokens", "biases", "dora"}  # to be refused, so without logits
ADAPTERS = {
    # scales of three kinds in one adapter, and the unembedding
    "patterns": dict(
        r=2, lora_alpha=4, target_modules=["q_proj", "o_proj", "down_proj", "lm_head"],
        rank_pattern={"layers.1.self_attn.o_proj": 3, "lm_head": 1}, alpha_pattern={"down_proj": 5, "model.layers.0.mlp.down_proj": 9}),
    "stabilised": dict(
        r=3, lora_alpha=4, use_rslora=True, target_modules=r".*\.(k_proj|up_proj)", exclude_modules=r".*\.1\.mlp\..*",
        init_lora_weights="gaussian"),
    "all_linear": dict(
        r=2, lora_alpha=2, target_modules="all-linear", init_lora_weights="orthogonal"),
    "one_layer": dict(
        r=2, lora_alpha=3, target_modules=["v_proj", "gate_proj"], layers_to_transform=1, layers_pattern="layers", fan_in_fan_out=True),
    "saved_embeddings": dict(r=2, lora_alpha=4, target_modules=["q_proj"]),
    "trained_head": dict(r=2, lora_alpha=4, target_modules=["q_proj"], modules_to_save=["lm_head"]),
    "embedding": dict(r=2, lora_alpha=4, target_modules=["q_proj", "embed_tokens"]),
    "tokens": dict(r=2, lora_alpha=4, target_modules=["q_proj"], trainable_token_indices=[5, 6]),
    "biases": dict(r=2, lora_alpha=4, target_modules=["q_proj"], lora_bias=True),
    "dora": dict(r=2, lora_alpha=4, target_modules=["q_proj"], use_dora=True),
}

torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=64, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
    head_dim=8, max_position_embeddings=64, tie_word_embeddings=False)
model = LlamaForCausalLM(config).eval()
with torch.no_grad():
    for weight in model.parameters():
        if weight.dim() > 1:
            weight.normal_(0, 0.3)
model.save_pretrained(out / "base")
golden = {"ids": IDS, "logits": {}}
for name, settings in ADAPTERS.items():
    torch.manual_seed(1)
    base = LlamaForCausalLM.from_pretrained(out / "base").eval()
    adapted = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", **settings))
    with torch.no_grad():
        for key, weight in adapted.named_parameters():
            if weight.requires_grad and "lora_A" not in key:
                weight.normal_(0, 0.3)
    adapted.save_pretrained(out / name, save_embedding_layers=True if name == "saved_embeddings" else "auto")
    (out / name / "README.md").unlink(missing_ok=True)
    if name in MORE_THAN_A_LORA:
        continue
    again = PeftModel.from_pretrained(LlamaForCausalLM.from_pretrained(out / "base").eval(), out / name).eval()
    with torch.no_grad():
        golden["logits"][name] = again(torch.tensor([IDS])).logits[0].tolist()
(out / "golden.json").write_text(json.dumps(golden))
