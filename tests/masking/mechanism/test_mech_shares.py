"""Where a mask falls, counted by hand."""

import pytest
import torch
from attention_networks import mask_of, network

from tombench.masking.mechanism.attention_layout import AttentionLayer, attention_layout
from tombench.masking.mechanism.head_shares import Norms
from tombench.masking.mechanism.matrices import Matrix, kinds_of, matrices_of
from tombench.masking.mechanism.shares import Shares, gini, shares

QUERY = "model.layers.0.self_attn.q_proj.weight"  # [32, 32]
KEY = "model.layers.0.self_attn.k_proj.weight"  # [16, 32]
OUTPUT = "model.layers.1.self_attn.o_proj.weight"  # [32, 32]


def norms(layer: AttentionLayer, largest: tuple[int, ...]) -> Norms:
    """Of heads and key heads whose largest pair is given."""
    pairs = layer.rotary.pairs if layer.rotary else 0
    values = torch.ones(layer.heads + layer.key_heads, pairs)
    for head, pair in enumerate(largest):
        values[head, pair] = 2
    return {"query": values[: layer.heads], "key": values[layer.heads :]}


def found(name: str, entries: dict[str, list[int]], *largest: int) -> Shares:
    made = network(name)
    layers = attention_layout(made)
    given = [norms(layer, largest) for layer in layers]
    return shares(mask_of(made, entries), matrices_of(made), layers, given)


def entry(row: int, column: int, width: int = 32) -> int:
    return row * width + column


def test_layers_kinds_and_matrices() -> None:
    result = found("llama", {QUERY: [entry(0, 1), entry(0, 2), entry(5, 1)], OUTPUT: [0]})
    size = 2 * (2 * 32 * 32 + 2 * 16 * 32 + 3 * 48 * 32)
    assert (result.in_all.count, result.in_all.size) == (4, size)
    assert result.in_all.expected == pytest.approx(4)
    assert [(one.layer, one.count, one.expected) for one in result.layers] == [(0, 3, 2), (1, 1, 2)]
    kinds = {one.kind: one for one in result.kinds}
    assert list(kinds) == [
        *("q_proj", "k_proj", "v_proj", "o_proj"),
        *("gate_proj", "up_proj", "down_proj"),
    ]
    assert kinds["q_proj"].share == pytest.approx(3 / 2048)
    assert kinds["q_proj"].expected == pytest.approx(4 * 2048 / size)
    first = result.matrices[0]
    assert (first.layer, first.kind, first.count, first.size) == (0, "q_proj", 3, 1024)
    # rows: 2 and 1 of 32; sum (2 i - 33) x / (32 * 3) = (31 * 2 + 29 * 1) / 96
    assert first.gini_rows == pytest.approx(91 / 96)
    assert first.gini_columns == pytest.approx(91 / 96)
    assert result.matrices[1].gini_rows is None


def test_heads_are_rows_of_queries_and_columns_of_the_output() -> None:
    result = found("llama", {QUERY: [entry(8, 0), entry(15, 31)], KEY: [entry(7, 3)], OUTPUT: [31]})
    counts = {(one.layer, one.part): one for one in result.heads}
    assert counts[0, "query"].counts == [0, 2, 0, 0]
    assert counts[0, "key"].counts == [1, 0]
    assert counts[1, "output"].counts == [0, 0, 0, 1]
    assert counts[1, "query"].counts == [0, 0, 0, 0]
    assert {counts[0, part].size for part in ("query", "key", "value", "output")} == {8 * 32}


def test_both_rows_of_a_pair_and_all_heads_count_for_a_frequency() -> None:
    # head_dim 8, halves: rows 1 and 5 of head 0, row 8 + 5 of head 1 are pair 1; row 3 is pair 3
    rows = {QUERY: [entry(1, 0), entry(5, 2), entry(13, 2), entry(3, 9)], KEY: [entry(8, 0)]}
    result = found("llama", rows, 1, 0, 0, 0, 1, 0)
    counts = {(one.layer, one.part): one for one in result.frequencies}
    assert counts[0, "query"].counts == [0, 3, 0, 1]
    assert counts[0, "query"].size == 2 * 4 * 32
    assert counts[0, "key"].counts == [1, 0, 0, 0]
    # dominant: pair 1 of head 0 and pair 0 of the others, key heads 1 and 0
    shares_of = {(one.layer, one.part): one for one in result.dominant}
    query, key = shares_of[0, "query"], shares_of[0, "key"]
    assert (query.count, query.of, query.share, query.expected) == (2, 4, 0.5, 0.25)
    assert (key.count, key.of, key.share) == (1, 1, 1.0)
    assert shares_of[1, "query"].share is None


def test_interleaved_and_partial_rotation() -> None:
    gptj = "transformer.h.0.attn.q_proj.weight"  # head_dim 8, rotary 4: pairs (0, 1), (2, 3)
    result = found("gptj", {gptj: [entry(1, 0), entry(10, 0), entry(11, 0), entry(4, 0)]})
    assert result.frequencies[0].counts == [1, 2]
    neox = "gpt_neox.layers.0.attention.query_key_value.weight"  # halves: (0, 2), (1, 3)
    rows = [2, 24 + 1, 24 + 8 + 3, 24 + 8 + 4, 16]  # q0, q1, k1, k1 that stays, v0
    result = found("neox", {neox: [entry(row, 0) for row in rows]})
    counts = {(one.layer, one.part): one.counts for one in result.frequencies}
    assert (counts[0, "query"], counts[0, "key"]) == ([1, 1], [0, 1])
    heads = {(one.layer, one.part): one.counts for one in result.heads}
    assert heads[0, "key"] == [0, 2, 0, 0]
    assert heads[0, "value"] == [1, 0, 0, 0]


def test_matrices_stored_the_other_way_round() -> None:
    name = "transformer.h.0.attn.c_attn.weight"  # stored [inputs 32, outputs 96]
    assert matrices_of(network("gpt2"))[name] == Matrix(96, 32, is_transposed=True)
    result = found("gpt2", {name: [entry(31, 9, width=96), entry(3, 95, width=96)]})
    heads = {(one.layer, one.part): one.counts for one in result.heads}
    assert heads[0, "query"] == [0, 1, 0, 0]
    assert heads[0, "value"] == [0, 0, 0, 1]
    assert result.frequencies == [] and result.dominant == []


def test_a_mask_of_nothing() -> None:
    result = found("llama", {})
    assert (result.in_all.count, result.in_all.share, result.in_all.expected) == (0, 0, 0)
    assert all(one.count == 0 and one.gini_rows is None for one in result.matrices)


def test_places() -> None:
    rows, columns = Matrix(2, 3, is_transposed=False).places(torch.tensor([0, 4, 5]))
    assert (rows.tolist(), columns.tolist()) == ([0, 1, 1], [0, 1, 2])
    rows, columns = Matrix(2, 3, is_transposed=True).places(torch.tensor([0, 4, 5]))
    assert (rows.tolist(), columns.tolist()) == ([0, 0, 1], [0, 2, 2])


def test_kinds_that_a_layer_has_twice_are_told_apart() -> None:
    names = ["h.0.attn.c_attn.weight", "h.0.attn.c_proj.weight", "h.10.mlp.c_proj.weight"]
    assert list(kinds_of(names).values()) == ["c_attn", "c_proj", "c_proj"]
    names.append("h.0.mlp.c_proj.weight")
    assert list(kinds_of(names).values()) == [
        *("c_attn", "attn.c_proj", "mlp.c_proj", "mlp.c_proj")
    ]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([2, 2, 2], 0), ([0, 0, 0, 5], 3 / 4), ([1, 3], 1 / 4), ([0, 0], None)],
)
def test_gini(counts: list[int], expected: float | None) -> None:
    found = gini(torch.tensor(counts))
    assert found == (expected if expected is None else pytest.approx(expected))
