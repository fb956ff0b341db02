"""Three small models for the tests of several: a base, an adapter on it, and a larger one."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import torch
import transformers
from hf_models import PROMPTS, VOCABULARY, saved, scoring, tokenizer
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from tombench.backends.hf.backend import HfBackend
from tombench.models.base import Model
from tombench.schema import LikelihoodRequest

CPU = HfBackend(device="cpu")
OPTIONS = (" Yes", " oat milk", " almond milk or coffee, she believes")

_root = tempfile.TemporaryDirectory()


@cache
def adapter(name: str = "lora", **settings: str) -> Path:
    """A LoRA adapter with an effect, for the Llama of `hf_models`."""
    base = AutoModelForCausalLM.from_pretrained(saved("llama"))
    torch.manual_seed(1)
    config = LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False, **settings)
    folder = Path(_root.name) / name
    get_peft_model(base, config).save_pretrained(folder)
    return folder


@cache
def larger(padding: int = 16) -> Path:
    """A random model with the same tokenizer, wider, its head padded by so many rows."""
    config = transformers.LlamaConfig(
        vocab_size=VOCABULARY + padding,
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=128,
        initializer_range=0.3,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=None,
    )
    torch.manual_seed(7)
    folder = Path(_root.name) / f"larger-{padding}"
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def trio(**changes: Model) -> dict[str, Model]:
    """Weak-to-strong's models by role: base, adapter on it, and the larger one."""
    own = {
        "tuned": Model("tuned", str(saved("llama")), adapter=str(adapter())),
        "large": Model("large", str(larger())),
        "untuned": Model("untuned", str(saved("llama"))),
    }
    return own | changes


def asked(role: str, *continuations: str, prompts=PROMPTS) -> list[LikelihoodRequest]:
    """One request a prompt, for one role."""
    return [replace(scoring(prompt, *(continuations or OPTIONS)), role=role) for prompt in prompts]
