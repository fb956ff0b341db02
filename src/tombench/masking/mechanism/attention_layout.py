"""How a network's attention layers are laid out: matrices, heads, rotation; found by trying it.

A few tokens go through the network twice a layer, at their own positions and all at position 0,
where a rotation turns nothing. What turns the one into the other is how the layer rotates; what a
fused matrix puts out is looked up among queries, keys and values. So no list of architectures is
kept, and frequencies are those that the model has, however its configuration scales them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from tombench.masking.mechanism.listening import Heard, listening
from tombench.masking.mechanism.matrices import Matrix, matrices_of
from tombench.masking.mechanism.rotation import Pairing, Rotary, rotate
from tombench.masking.names import bare_name, layer_number

PartName = Literal["query", "key", "value", "output"]
NAMES: Mapping[PartName, frozenset[str]] = {
    "query": frozenset({"q_proj", "query", "wq", "q_lin"}),
    "key": frozenset({"k_proj", "key", "wk", "k_lin"}),
    "value": frozenset({"v_proj", "value", "wv", "v_lin"}),
    "output": frozenset({"o_proj", "out_proj", "dense", "c_proj", "wo", "out_lin"}),
}
FUSED = frozenset({"query_key_value", "qkv_proj", "c_attn", "Wqkv", "W_pack", "att_proj"})
TOKENS = 8  # that the network is tried with
NEAR = 0.02  # relative error of a rotation that is the layer's own: bfloat16 has 0.004 an entry


@dataclass(frozen=True, eq=False)
class Part:
    """What of a matrix belongs to which head."""

    matrix: str
    places: Tensor  # int64 [heads, head_dim]: rows; columns of the output matrix


@dataclass(frozen=True, eq=False)
class AttentionLayer:
    """One layer's self-attention."""

    number: int
    module: str  # its name
    heads: int
    key_heads: int  # fewer than heads where these share keys and values
    head_dim: int
    parts: Mapping[PartName, Part]  # lacks those that no matrix of its own makes (latent attention)
    rotary: Rotary | None  # None: no rotary position embedding


@dataclass
class _Trial:
    """What a layer computed of the same hidden states at two sets of positions."""

    unturned: Heard | None = None
    turned: Heard | None = None
    fused: Tensor | None = None  # [tokens, rows]: what its fused matrix put out


def attention_layout(network: nn.Module) -> tuple[AttentionLayer, ...]:
    """The attention layers of a transformers causal language model, in order.

    `network` has no adapters around it (inside it, it may). It is run twice on a few tokens.
    """
    matrices = matrices_of(network)
    names = {module: bare_name(name) for name, module in network.named_modules()}
    layers = []
    for module, trial in _try(network).items():
        own = {n: m for n, m in matrices.items() if n.startswith(f"{names[module]}.")}
        heads, _, head_dim = trial.turned.query.shape[1:]
        layers.append(
            AttentionLayer(
                number=layer_number(f"{names[module]}."),
                module=names[module],
                heads=heads,
                key_heads=trial.turned.key.shape[1],
                head_dim=head_dim,
                parts=_separate(own, trial.turned) | _fused(own, trial),
                rotary=_rotary(trial, _frequencies(network, module)),
            )
        )
    return tuple(sorted(layers, key=lambda layer: layer.number))


def _try(network: nn.Module) -> dict[nn.Module, _Trial]:
    weight = network.get_input_embeddings().weight
    ids = (torch.arange(TOKENS, device=weight.device) % weight.shape[0])[None]
    attends: dict[nn.Module, None] = {}
    with torch.no_grad(), listening(network, lambda heard: attends.setdefault(heard.module)):
        network.base_model(input_ids=ids, use_cache=False)
    trials = {module: _Trial() for module in attends}
    standing: set[nn.Module] = set()  # layers that are being run at position 0

    def hear(heard: Heard) -> None:
        trial = trials[heard.module]
        if heard.module in standing:
            trial.unturned = heard
        else:
            trial.turned = heard

    with torch.no_grad(), listening(network, hear), _standing_first(trials, standing):
        network.base_model(input_ids=ids, use_cache=False)
    return trials


@contextmanager
def _standing_first(trials: Mapping[nn.Module, _Trial], standing: set[nn.Module]) -> Iterator[None]:
    """Each of these layers is first run with all tokens at position 0, then as it is called."""

    def stand(module: nn.Module, given: tuple[Any, ...], options: dict[str, Any]) -> None:
        if module in standing:
            return
        standing.add(module)
        try:
            module(*given, **{key: _first(key, value) for key, value in options.items()})
        finally:
            standing.remove(module)

    hooks = [module.register_forward_pre_hook(stand, with_kwargs=True) for module in trials]
    for module, trial in trials.items():
        for name, child in module.named_modules():
            if name in FUSED:
                hooks.append(child.register_forward_hook(_keep(trial)))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _first(key: str, value: Any) -> Any:
    """An argument of a layer, its tokens' positions all that of the first token."""
    if key == "position_ids" and value is not None:
        return torch.zeros_like(value)
    if key == "position_embeddings" and isinstance(value, Tensor):
        return value[:, :1].expand_as(value)
    if key == "position_embeddings" and value is not None:
        return type(value)(_first(key, part) for part in value)
    return value


def _keep(trial: _Trial) -> Callable[[nn.Module, Any, Tensor], None]:
    def keep(module: nn.Module, given: Any, output: Tensor) -> None:
        trial.fused = output.detach().flatten(0, -2)

    return keep


def _separate(own: Mapping[str, Matrix], heard: Heard) -> dict[PartName, Part]:
    """Parts with a matrix each; its rows (the output's columns) go head by head."""
    shapes = {
        "query": heard.query.shape,
        "key": heard.key.shape,
        "value": heard.value.shape,
        "output": (*heard.query.shape[:-1], heard.value.shape[-1]),
    }
    parts = {}
    for name, matrix in own.items():
        for part in get_args(PartName):
            heads, width = shapes[part][1], shapes[part][3]
            length = matrix.columns if part == "output" else matrix.rows
            if name.split(".")[-2] in NAMES[part] and length == heads * width:
                parts[part] = Part(name, torch.arange(length).reshape(heads, width))
    return parts


def _fused(own: Mapping[str, Matrix], trial: _Trial) -> dict[PartName, Part]:
    """Queries', keys' and values' rows of one matrix: where its output has their very numbers."""
    fused = next((name for name in own if name.split(".")[-2] in FUSED), None)
    if fused is None or trial.fused is None:
        return {}
    rows = {_bits(column): row for row, column in enumerate(trial.fused.T)}
    parts = {}
    for part in ("query", "key", "value"):
        values = getattr(trial.unturned, part)[0]  # [heads, tokens, head_dim]
        found = [[rows.get(_bits(column)) for column in head.T] for head in values]
        own = {row for head in found for row in head}
        if None not in own and len(own) == values.shape[0] * values.shape[2]:
            parts[part] = Part(fused, torch.tensor(found))
    return parts


def _bits(column: Tensor) -> tuple[float, ...]:
    return tuple((column.float() + 0.0).tolist())  # -0 as 0


def _frequencies(network: nn.Module, module: nn.Module) -> list[tuple[float, ...]]:
    """Inverse frequencies that the model holds, each of which a layer may use."""
    found = []
    for place in (module, network):
        for name, values in place.named_buffers():
            if name.endswith("inv_freq") and "original" not in name:
                found.append(tuple(values.float().tolist()))
            elif name.endswith("embed_positions") and values.ndim == 2:
                sines = values[1, : values.shape[1] // 2]  # GPT-J's table: sines, then cosines
                found.append(tuple(sines.double().asin().tolist()))
    return list(dict.fromkeys(found))


def _rotary(trial: _Trial, frequencies: list[tuple[float, ...]]) -> Rotary | None:
    """The rotation that turns a layer's queries and keys at position 0 into those it used."""
    if all(
        torch.equal(getattr(trial.turned, x), getattr(trial.unturned, x)) for x in ("query", "key")
    ):
        return None
    width = trial.turned.query.shape[-1]
    candidates = [
        Rotary(pairing, values)
        for values in frequencies
        if 2 * len(values) <= width
        for pairing in get_args(Pairing)
    ]
    errors = [(_error(trial, rotary), rotary) for rotary in candidates]
    error, rotary = min(errors, key=lambda pair: pair[0], default=(1.0, None))
    return rotary if error < NEAR else None


def _error(trial: _Trial, rotary: Rotary) -> float:
    """Relative error of queries that this rotation makes of those at position 0."""
    turned = trial.turned.query.float()
    return float((rotate(trial.unturned.query, rotary) - turned).norm() / turned.norm())
