"""What the reference implementation makes of configurations that differ from a published one in a single key.

For every family of families.yaml that has a conformance checkpoint, and for every key that its row reads or that its published configuration has: the key
deleted, set to null, and set to another value of its type. For each, either the logits of a few tokens at the last position, or that loading failed.

    pip install transformers==5.24.0 torch safetensors pyyaml
    python make_golden.py golden.json          (in this folder)
"""
import json, os, shutil, sys, tempfile, warnings
import torch, yaml
warnings.filterwarnings("ignore")
os.environ["TRANSFORMERS_VERBOSITY"] = "critical"
from transformers import AutoConfig, AutoModelForCausalLM, logging
logging.set_verbosity(50)
logging.disable_progress_bar()
torch.set_num_threads(1)

HERE = os.path.dirname(os.path.abspath(__file__))
TEST = os.path.join(HERE, "..")
TABLE = yaml.safe_load(open(os.path.join(TEST, "..", "..", "main", "resources", "modelpatch", "family", "families.yaml")))
TOKENS = [0, 7, 21, 40, 63, 96]
# One checkpoint a family is enough, where another one differs by rotary scaling or sizes alone.
ALIKE = {"llama31_rope", "llama_mha_untied", "gemma3_270m", "gemma3_linear", "falcon_11b", "cohere_qk", "phi4_mini_longrope_long",
         "qwen2_yarn", "stablelm_qk_parallel"}
SKIPPED = {"architectures", "model_type", "transformers_version", "torch_dtype", "dtype", "auto_map", "_name_or_path", "bos_token_id", "eos_token_id"}


def resolved(name):
    row = dict(TABLE[name])
    if "like" not in row:
        return row
    base = resolved(row["like"])
    for key, value in row.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            base[key] = {**base[key], **value}
        else:
            base[key] = value
    return base


def keys_of(row):
    found = set(row.get("fixed") or {})
    for one in [row] + (row.get("variants") or []):
        for source in (one.get("settings") or {}).values():
            key = source if not isinstance(source, dict) else source.get("key")
            found.update([key] if isinstance(key, str) else key or [])
        found.update(one.get("when") or {})
        found.update(one.get("fixed") or {})
    return {key for key in found if "." not in key}


def other(key, value):
    if key in ("hidden_act", "hidden_activation", "activation_function", "activation"):
        return "relu" if value != "relu" else "silu"
    if key in ("rope_scaling", "rope_parameters"):
        return {"rope_type": "linear", "factor": 3.0, "rope_theta": 20000.0}
    if key == "layer_types":
        return None
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 if value < 3 else value // 2
    if isinstance(value, float):
        return value * 1.7 + 0.013
    defaults = {
        "rope_theta": 777.0, "sliding_window": 5, "use_sliding_window": True, "head_dim": 4, "num_key_value_heads": 1, "partial_rotary_factor": 0.5,
        "rotary_pct": 0.5, "rotary_emb_base": 777, "attn_logit_softcapping": 0.3, "final_logit_softcapping": 0.3, "query_pre_attn_scalar": 3,
        "tie_word_embeddings": True, "max_window_layers": 1, "n_inner": 24, "clip_qkv": 0.02, "logit_scale": 0.5, "num_kv_heads": 1,
        "rms_norm_eps": 0.05, "layer_norm_eps": 0.05, "layer_norm_epsilon": 0.05, "norm_epsilon": 0.05, "norm_eps": 0.05,
    }
    return defaults.get(key)


def run(checkpoint, config, ids):
    with tempfile.TemporaryDirectory() as folder:
        json.dump(config, open(os.path.join(folder, "config.json"), "w"))
        os.symlink(os.path.abspath(os.path.join(checkpoint, "model.safetensors")), os.path.join(folder, "model.safetensors"))
        try:
            model, info = AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
            whole = not any(info.get(part) for part in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"))
            with torch.no_grad():
                logits = model.eval()(torch.tensor([ids])).logits[0, -1]
            values = [float(f"{x:.7g}") for x in logits[[t for t in TOKENS if t < len(logits)]].tolist()]
            return {"logits": values, "whole": whole}
        except Exception as e:  # whatever the reference says: it gives no numbers
            return {"failed": type(e).__name__}


def main(target):
    golden = {}
    for folder in ("conformance", "conformance2"):
        for name in sorted(os.listdir(os.path.join(TEST, folder))):
            checkpoint = os.path.join(TEST, folder, name)
            if not os.path.isdir(checkpoint) or name in ALIKE:
                continue
            config = json.load(open(os.path.join(checkpoint, "config.json")))
            family = config["model_type"]
            if family == "internlm3":  # no class of the library
                continue
            ids = json.load(open(os.path.join(checkpoint, "golden.json")))["input_ids"][0]
            cases = {}
            for key in sorted((keys_of(resolved(family)) | set(config)) - SKIPPED):
                changes = {}
                if key in config:
                    without = dict(config)
                    del without[key]
                    changes["deleted"] = without
                if config.get(key, 0) is not None:
                    changes["null"] = {**config, key: None}
                value = other(key, config.get(key))
                if value is not None:
                    changes["other"] = {**config, key: value}
                for change, changed in changes.items():
                    result = run(checkpoint, changed, ids)
                    if change == "other":
                        result["value"] = value
                    cases[key + " " + change] = result
            cases["unchanged"] = run(checkpoint, config, ids)
            golden[name] = {"ids": ids, "cases": cases}
            json.dump({"tokens": TOKENS, "checkpoints": golden}, open(target, "w"), indent=0)
            print(name, len(cases), sum("failed" in c for c in cases.values()), flush=True)


main(sys.argv[1])
