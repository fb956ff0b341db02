"""Rank of masked parts: as torch has it of the whole matrix."""

import pytest
import torch
from attention_networks import mask_of, network

from tombench.masking.mechanism.attention_layout import attention_layout
from tombench.masking.mechanism.rank import Ranks, masked_rank, ranks
from tombench.masking.names import layer_matrices, weights_by_name


def dense_rank(name: str, entries: dict[str, list[int]]) -> dict[str, int]:
    """torch.linalg.matrix_rank of W * M, whole."""
    found = {}
    for matrix, weight in weights_by_name(network(name)).items():
        if matrix in entries:
            chosen = torch.zeros(weight.numel())
            chosen[entries[matrix]] = 1
            found[matrix] = int(torch.linalg.matrix_rank(weight.detach() * chosen.view_as(weight)))
    return found


def drawn(name: str, share: float) -> dict[str, list[int]]:
    """Entries of every matrix, half of them crowded into its first rows."""
    generator = torch.Generator().manual_seed(3)
    found = {}
    weights = weights_by_name(network(name))
    for matrix in layer_matrices(network(name)):
        size = weights[matrix].numel()
        count = int(size * share)
        some = torch.randint(size, (count // 2,), generator=generator)
        crowded = torch.randint(size // 8, (count // 2,), generator=generator)
        found[matrix] = torch.cat((some, crowded)).unique().tolist()
    return found


@pytest.mark.parametrize("share", [0.004, 0.02, 0.1])
@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_it_is_the_rank_of_the_whole_matrix(name: str, share: float) -> None:
    made, entries = network(name), drawn(name, share)
    expected = dense_rank(name, entries)
    found = ranks(made, mask_of(made, entries), ())
    assert [one.rank for one in found.matrices] == list(expected.values())
    assert all(one.rank <= one.bound <= one.count for one in found.matrices)
    assert any(one.rank > 2 for one in found.matrices)


def of(entries: list[tuple[int, int, float]], shape: tuple[int, int] = (9, 9)) -> tuple[int, ...]:
    rows, columns, values = zip(*entries, strict=True)
    return masked_rank(torch.tensor(rows), torch.tensor(columns), torch.tensor(values), shape)


def test_by_hand() -> None:
    assert of([(0, 3, 1.0), (0, 5, 2.0), (0, 7, 3.0)]) == (1, 1, 3)  # a row
    assert of([(0, 3, 1.0), (4, 3, 2.0)]) == (1, 1, 2)  # a column
    assert of([(0, 0, 1.0), (1, 1, 2.0), (2, 2, 3.0)]) == (3, 3, 3)  # a diagonal
    assert of([(0, 0, 1.0), (0, 1, 2.0), (1, 0, 2.0), (1, 1, 4.0)]) == (1, 2, 4)  # dependent rows
    assert of([(0, 0, 1.0), (1, 1, 1e-9)]) == (1, 2, 2)  # under float32's tolerance
    assert of([(0, 0, 1.0), (1, 1, 1e-5)]) == (2, 2, 2)


def test_no_entries_have_no_rank() -> None:
    none = torch.zeros(0, dtype=torch.int64)
    assert masked_rank(none, none, torch.zeros(0), (4, 4)) == (0, 0, 0)


def test_means_by_kind_count_matrices_without_entries() -> None:
    made = network("llama")
    query = "model.layers.1.self_attn.q_proj.weight"
    found = ranks(made, mask_of(made, {query: [0, 33, 66]}), attention_layout(made))
    kinds = {one.kind: one for one in found.kinds}
    assert (kinds["q_proj"].rank, kinds["q_proj"].bound, kinds["q_proj"].matrices) == (1.5, 1.5, 2)
    assert kinds["k_proj"].rank == 0


def test_a_fused_matrix_is_counted_whole_and_in_parts() -> None:
    made = network("neox")
    name = "gpt_neox.layers.0.attention.query_key_value.weight"
    rows = [0, 1, 8, 16, 25]  # q0, q0, k0, v0, q1
    entries = [row * 32 + column for column, row in enumerate(rows)]
    found: Ranks = ranks(made, mask_of(made, {name: entries}), attention_layout(made))
    first = {one.kind: one.rank for one in found.matrices if one.layer == 0}
    assert first["query_key_value"] == 5
    assert (first["query"], first["key"], first["value"]) == (3, 1, 1)
