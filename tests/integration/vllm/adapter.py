"""A LoRA adapter with random weights, in PEFT's format: small, of no use, and really served."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

RANK = 8
TARGETS = ("q_proj", "v_proj")


def write_adapter(target: Path, weights: Path) -> Path:
    """Write an adapter for the model whose weights are in ``weights``; gives the folder."""
    config = json.loads((weights / "config.json").read_text(encoding="utf-8"))
    hidden, heads = config["hidden_size"], config["num_attention_heads"]
    width = {"q_proj": hidden, "v_proj": hidden // heads * config["num_key_value_heads"]}
    random = np.random.default_rng(7)
    tensors = {
        f"base_model.model.model.layers.{layer}.self_attn.{name}.lora_{side}.weight": (
            random.normal(0, 0.02, (RANK, hidden) if side == "A" else (width[name], RANK)).astype(np.float32)
        )
        for layer in range(config["num_hidden_layers"])
        for name in TARGETS
        for side in "AB"
    }
    target.mkdir(parents=True, exist_ok=True)
    save_file(tensors, target / "adapter_model.safetensors")
    facts = {"peft_type": "LORA", "r": RANK, "lora_alpha": RANK, "target_modules": TARGETS, "bias": "none"}
    told = facts | {"task_type": "CAUSAL_LM", "base_model_name_or_path": str(weights)}
    (target / "adapter_config.json").write_text(json.dumps(told), encoding="utf-8")
    return target
