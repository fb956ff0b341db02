"""Several samples in one forward pass: what they are padded to, and where that is not sound."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from tombench.masking.names import bare_name
from tombench.masking.squared_gradients import Sample, check_sample

ROWS, PLACES = 2, 3  # tokens of the forward pass that tells whether a network can be batched


@dataclass(frozen=True, eq=False)
class Batch:
    """Samples on the right of which token 0 pads them to one length."""

    samples: Sequence[Sample]
    number: int  # of the first of them

    def __post_init__(self) -> None:
        for place, sample in enumerate(self.samples, self.number):
            check_sample(sample, place)

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        return tuple(len(sample.ids) for sample in self.samples)

    @property
    def shape(self) -> tuple[int, int]:
        """Samples, and the tokens of the longest."""
        return len(self.samples), max(self.lengths)

    def inputs(self, device: torch.device) -> dict[str, Tensor]:
        """`input_ids` [B, T], and an `attention_mask` where any is padded."""
        ids = torch.zeros(self.shape, dtype=torch.long)
        for row, sample in zip(ids, self.samples, strict=True):
            row[: len(sample.ids)] = torch.as_tensor(list(sample.ids))
        if len(set(self.lengths)) == 1:
            return {"input_ids": ids.to(device)}
        there = torch.arange(self.shape[1]) < torch.tensor(self.lengths)[:, None]
        return {"input_ids": ids.to(device), "attention_mask": there.long().to(device)}

    @property
    def counted(self) -> tuple[int, ...]:
        """How many tokens' losses count, by sample."""
        return tuple(len(sample.ids) - sample.first for sample in self.samples)

    def predicting(self) -> tuple[Tensor, Tensor]:
        """Row and place of each token before a counted one, int64 [sum of `counted`] on the CPU."""
        rows = torch.repeat_interleave(torch.arange(len(self.samples)), torch.tensor(self.counted))
        places = [torch.arange(one.first - 1, len(one.ids) - 1) for one in self.samples]
        return rows, torch.cat(places)

    def targets(self) -> Tensor:
        """The counted tokens, int64 [sum of `counted`] on the CPU."""
        return torch.tensor([token for one in self.samples for token in one.ids[one.first :]])


def spans(lengths: Sequence[int], start: int, stop: int, tokens: int) -> Iterator[tuple[int, int]]:
    """Samples [a, b) that are read at once, from `start` on: consecutive ones of `tokens` at most.

    Padding counts; a longer sample stands alone. Samples keep their order, as sums in float32 hang
    on it in their last bits.
    """
    while start < stop:
        end, longest = start + 1, lengths[start]
        while end < stop and max(longest, lengths[end]) * (end + 1 - start) <= tokens:
            longest = max(longest, lengths[end])
            end += 1
        yield start, end
        start = end


def linear_modules(network: nn.Module) -> dict[str, nn.Module]:
    """Linear layers by the name of their matrix in the network without adapters."""
    from transformers.pytorch_utils import Conv1D

    return {
        f"{bare_name(name)}.weight": layer
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Linear | Conv1D)
    }


def by_sample(given: Tensor, shape: tuple[int, int]) -> Tensor | None:
    """[B, T, features] of a layer's input or output; None where it is not one row a token."""
    if given.ndim == 3 and given.shape[:2] == shape:
        return given
    if given.ndim == 2 and given.shape[0] == shape[0] * shape[1]:
        return given.view(*shape, -1)
    return None


def why_not_batched(network: nn.Module, modules: Mapping[str, nn.Module]) -> str | None:
    """Why what single samples do in these layers cannot be told apart in a batch; None: it can.

    It can where each layer is plain, holds its matrix alone, and is called once a forward pass
    with one row a token. Some are not: experts see the tokens that are routed to them, layers that
    stand twice in a network are called twice, and state-space layers take `dt_proj`'s matrix
    without calling it. One forward pass of six tokens tells.
    """
    from transformers.pytorch_utils import Conv1D

    plain = (nn.Linear.forward, Conv1D.forward)
    holders = Counter(id(weight) for _, weight in network.named_parameters(remove_duplicate=False))
    for name, layer in modules.items():
        if type(layer).forward not in plain:
            return f"{name} is of a {type(layer).__name__}"
        if holders[id(layer.weight)] > 1:
            return f"{name} is used in several layers"
    calls = _calls(network, modules)
    for name in modules:
        if calls[name] != [True]:
            told = "once, but not with one row a token" if calls[name] == [False] else ""
            return f"{name} is called {told or f'{len(calls[name])} times'} a forward pass"
    return None


def _calls(network: nn.Module, modules: Mapping[str, nn.Module]) -> dict[str, list[bool]]:
    """Of each call of a layer: has it one row a token?"""
    embeddings = network.get_input_embeddings().weight
    ids = torch.arange(ROWS * PLACES, device=embeddings.device).view(ROWS, PLACES)
    calls: dict[str, list[bool]] = {name: [] for name in modules}
    hooks = []
    for name, layer in modules.items():

        def note(_: nn.Module, given: tuple, out: Tensor, name: str = name) -> None:
            parts = (*given, out)
            calls[name].append(
                len(parts) == 2 and all(by_sample(p, (ROWS, PLACES)) is not None for p in parts)
            )

        hooks.append(layer.register_forward_hook(note))
    try:
        with torch.no_grad():
            network(input_ids=ids % embeddings.shape[0], use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
    return calls


@contextmanager
def head_over(network: nn.Module, rows: Tensor, places: Tensor) -> Iterator[list[bool]]:
    """The head sees these tokens alone: logits are [1, tokens, vocabulary].

    Yields a list that is not empty once it was so; a network without a head of its own gives the
    logits of all tokens.
    """
    head = getattr(network, "get_output_embeddings", lambda: None)()
    cut: list[bool] = []
    if head is None:
        yield cut
        return

    def choose(_: nn.Module, given: tuple) -> tuple | None:
        if len(given) != 1 or given[0].ndim != 3:
            return None
        cut.append(True)
        hidden = given[0]
        return (hidden[rows.to(hidden.device), places.to(hidden.device)][None],)

    hook = head.register_forward_pre_hook(choose)
    try:
        yield cut
    finally:
        hook.remove()
