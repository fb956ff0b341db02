"""What attention layers do on texts: norms, sinks and angles, all of one forward."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tombench.masking.mechanism.angles import angles_to_first_key
from tombench.masking.mechanism.attention_layout import AttentionLayer
from tombench.masking.mechanism.listening import Heard, listening
from tombench.masking.mechanism.norms import pair_norms
from tombench.masking.mechanism.rotation import rotate
from tombench.masking.mechanism.sinks import SINK, sink_mass
from tombench.masking.names import bare_name

SQUARES = 2**20  # of a batch: texts x longest^2, which a layer's attention weights grow with


@dataclass(frozen=True)
class LayerActivations:
    """Means over texts. Rows of norms are heads (key heads for keys), columns rotary pairs."""

    layer: int
    query_norms: list[list[float]]  # over tokens; no columns: the layer does not rotate
    key_norms: list[list[float]]
    query_norm: list[float]  # of whole vectors, by head
    key_norm: list[float]
    sink_mass: list[float]  # over query positions of a text, then over texts; by head
    sink_share: list[float]  # of texts with more mass than `SINK`; by head
    angle_before: list[float]  # degrees to the first token's key, over query positions; by head
    angle_after: list[float]  # of rotation; the same as before where the layer does not rotate


@dataclass(frozen=True, eq=False)
class Measured:
    """A network's attention on texts."""

    layers: tuple[LayerActivations, ...]
    masses: tuple[Tensor, ...]  # by layer: mass on the first token, [texts, heads]


def batched(texts: Sequence[Sequence[int]]) -> list[list[Sequence[int]]]:
    """Texts' token ids in batches of like length, shortest first."""
    batches: list[list[Sequence[int]]] = []
    for ids in sorted(texts, key=len):
        if batches and (len(batches[-1]) + 1) * len(ids) ** 2 <= SQUARES:
            batches[-1].append(ids)
        else:
            batches.append([ids])
    return batches


def measure(
    network: nn.Module,
    layers: Sequence[AttentionLayer],
    batches: Sequence[Sequence[Sequence[int]]],
) -> Measured:
    """Put the texts through the network once; each has two tokens or more.

    They are padded on the right, which a causal model's other tokens do not see.
    """
    names = {module: bare_name(name) for name, module in network.named_modules()}
    sums = {layer.module: _Sums(layer) for layer in layers}
    device = network.get_input_embeddings().weight.device
    is_token = torch.empty(0)

    def hear(heard: Heard) -> None:
        sums[names[heard.module]].add(heard, is_token.to(heard.query.device))

    with torch.no_grad(), listening(network, hear):
        for batch in batches:
            ids = torch.zeros(len(batch), max(map(len, batch)), dtype=torch.int64)
            is_token = torch.zeros_like(ids, dtype=torch.bool)
            for row, text in enumerate(batch):
                ids[row, : len(text)] = torch.tensor(text)
                is_token[row, : len(text)] = True
            # without the head: logits of all tokens would take more memory than all else
            network.base_model(input_ids=ids.to(device), use_cache=False)
    found = list(sums.values())
    return Measured(tuple(one.means() for one in found), tuple(one.mass() for one in found))


class _Sums:
    """Sums over a layer's batches, in float64 on the CPU."""

    def __init__(self, layer: AttentionLayer) -> None:
        self._layer = layer
        self._tokens = 0
        self._queries = 0
        self._sums: dict[str, Tensor] = {}
        self._masses: list[Tensor] = []

    def add(self, heard: Heard, is_token: Tensor) -> None:
        """A batch; is_token [batch, tokens] is false where texts are padded."""
        rotary = self._layer.rotary
        query, key = heard.query.float(), heard.key.float()
        is_query = is_token.clone()
        is_query[:, 0] = False
        self._tokens += int(is_token.sum())
        self._queries += int(is_query.sum())
        self._masses.append(sink_mass(heard.weights.float(), is_query).double().cpu())
        for name, x in (("query", query), ("key", key)):
            self._add(f"{name}_norms", pair_norms(x, rotary), is_token)
            self._add(f"{name}_norm", x.norm(dim=-1), is_token)
        self._add("angle_after", angles_to_first_key(query, key), is_query)
        if rotary is not None:  # the first key stands at position 0: it is not turned
            query = rotate(query, rotary, back=True)
        self._add("angle_before", angles_to_first_key(query, key), is_query)

    def _add(self, name: str, values: Tensor, counts: Tensor) -> None:
        """Values [batch, heads, tokens, …] of the tokens that count."""
        total = torch.einsum("bht...,bt->h...", values, counts.to(values.dtype)).double().cpu()
        self._sums[name] = self._sums.get(name, 0) + total

    def mass(self) -> Tensor:
        """On the first token: float64 [texts, heads]."""
        return torch.cat(self._masses)

    def means(self) -> LayerActivations:
        """Sums over counts."""
        mass = self.mass()
        counts = {name: self._queries if "angle" in name else self._tokens for name in self._sums}
        means = {name: (total / counts[name]).tolist() for name, total in self._sums.items()}
        return LayerActivations(
            layer=self._layer.number,
            sink_mass=mass.mean(0).tolist(),
            sink_share=(mass > SINK).double().mean(0).tolist(),
            **means,
        )
