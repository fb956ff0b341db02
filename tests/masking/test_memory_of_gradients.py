"""The memory of a gathering, by hand and of the study's model."""

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tombench.masking.memory import Memory, Reading, gradient_memory
from tombench.masking.names import layer_matrices, weights_by_name

GB = 10**9


def test_by_hand() -> None:
    shapes = {"a": (2, 3), "b": (4, 5)}
    found = gradient_memory(100, shapes, Reading(tokens=10, counted=3, vocabulary=7))
    transient = (2 + 8) * 20 + 2 * 2 * 10 * (5 + 9) + (4 + 12) * 3 * 7
    assert found == Memory(weights=100, sums=4 * 26, transient=transient)
    assert found.total == 100 + 104 + transient
    half = gradient_memory(0, shapes, Reading(0, 0, 7), entry_bytes=4, accumulator_bytes=2)
    assert half == Memory(weights=0, sums=2 * 26, transient=(4 + 4) * 20)


def test_llama_3_8b_fits_a_device_of_80_gigabytes() -> None:
    config = LlamaConfig(
        vocab_size=128256, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32,
        num_attention_heads=32, num_key_value_heads=8, tie_word_embeddings=False,
    )  # fmt: skip
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    weights = weights_by_name(model)
    shapes = {name: tuple(weights[name].shape) for name in layer_matrices(model)}
    entries = sum(weight.numel() for weight in weights.values())
    assert entries == 8_030_261_248
    prompts = gradient_memory(2 * entries, shapes, Reading(2048, 128, config.vocab_size))
    windows = gradient_memory(2 * entries, shapes, Reading(2048, 2032, config.vocab_size))
    parts = (prompts.weights, prompts.sums, prompts.transient, prompts.total)
    assert [round(part / GB, 1) for part in parts] == [16.1, 27.9, 22.3, 66.3]
    assert round(windows.transient / GB, 1) == 26.2
    assert round(windows.total / GB, 1) == 70.2  # of the 80 of a device
