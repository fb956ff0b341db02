"""Hear what each attention layer computes while a network runs, whatever its architecture.

Queries and keys are taken where transformers hands them to an attention function: after rotation
and after whatever norms the architecture has. The weights are those of the architecture's own eager
function, so that soft caps and sliding windows act as they do in the model.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

NAME = "listening"  # of our attention function, among transformers' own


@dataclass(frozen=True, eq=False)
class Heard:
    """What an attention layer computed of a batch; queries and keys after rotation."""

    module: nn.Module
    query: Tensor  # [batch, heads, tokens, head_dim]
    key: Tensor  # [batch, key heads, tokens, head_dim]
    value: Tensor  # [batch, key heads, tokens, value_dim]
    weights: Tensor  # [batch, heads, tokens, tokens]: each query's row sums to 1


@contextmanager
def listening(network: nn.Module, hear: Callable[[Heard], None]) -> Iterator[None]:
    """Have `hear` called by each attention layer of a transformers network that runs inside.

    The network answers as with eager attention, and is left as it was. Layers that go through no
    attention function, such as Mamba's, are not heard.
    """
    with ExitStack() as stack:
        own = [module for module in network.modules() if hasattr(type(module), "_attn")]
        for module in own:  # GPT-J, CodeGen: a method in place of an attention function
            stack.enter_context(_method(module, hear))
        if not own:
            stack.enter_context(_function(network, hear))
        yield


@contextmanager
def _method(module: nn.Module, hear: Callable[[Heard], None]) -> Iterator[None]:
    original = module._attn

    def attend(
        query: Tensor, key: Tensor, value: Tensor, *rest: Any, **options: Any
    ) -> tuple[Tensor, Tensor]:
        output, weights = original(query, key, value, *rest, **options)
        hear(Heard(module, query, key, value, weights))
        return output, weights

    module._attn = attend
    try:
        yield
    finally:
        del module._attn


@contextmanager
def _function(network: nn.Module, hear: Callable[[Heard], None]) -> Iterator[None]:
    from transformers.masking_utils import AttentionMaskInterface, eager_mask
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
    from transformers.models.llama import modeling_llama

    def attend(
        module: nn.Module, query: Tensor, key: Tensor, value: Tensor, *rest: Any, **options: Any
    ) -> tuple[Tensor, Tensor]:
        architecture = vars(sys.modules[type(module).__module__])
        eager = architecture.get("eager_attention_forward", modeling_llama.eager_attention_forward)
        output, weights = eager(module, query, key, value, *rest, **options)
        hear(Heard(module, query, key, value, weights))
        return output, weights

    before = network.config._attn_implementation
    ALL_ATTENTION_FUNCTIONS[NAME] = attend
    AttentionMaskInterface.register(NAME, eager_mask)  # models look among registered ones alone
    try:
        network.set_attn_implementation(NAME)
        yield
    finally:
        network.set_attn_implementation(before)
        del ALL_ATTENTION_FUNCTIONS[NAME]
