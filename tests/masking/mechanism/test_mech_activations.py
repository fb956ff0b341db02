"""Norms, sinks and angles of a forward beside what the network itself tells."""

import pytest
import torch
from attention_networks import NETWORKS, network
from torch import Tensor

from tombench.masking.mechanism.activations import SQUARES, Measured, batched, measure
from tombench.masking.mechanism.angles import angles_to_first_key
from tombench.masking.mechanism.attention_layout import attention_layout
from tombench.masking.mechanism.sinks import sink_mass, sink_shift

TEXTS = [[7, 3, 9, 21, 4, 7, 30, 2], [11, 5, 40], [8, 8]]


def measured(name: str) -> Measured:
    made = network(name)
    return measure(made, attention_layout(made), batched(TEXTS))


def own_attention(name: str, ids: list[int]) -> list[Tensor]:
    """The network's own eager attention, by layer [heads, tokens, tokens]."""
    made = network(name)
    before = made.config._attn_implementation
    if name != "gptj":  # which cannot change it and is eager
        made.set_attn_implementation("eager")
    with torch.no_grad():
        found = made(input_ids=torch.tensor([ids]), output_attentions=True).attentions
    if name != "gptj":
        made.set_attn_implementation(before)
    return [weights[0] for weights in found]


@pytest.mark.parametrize("name", NETWORKS)
def test_sink_mass_is_that_of_the_networks_own_attention(name: str) -> None:
    found = measured(name)
    texts = sorted(TEXTS, key=len)
    for row, ids in enumerate(texts):
        for place, weights in enumerate(own_attention(name, ids)):
            expected = weights[:, 1:, 0].mean(1)
            assert torch.allclose(found.masses[place][row].float(), expected, atol=1e-5)
    mean = found.masses[0].mean(0).tolist()
    assert found.layers[0].sink_mass == pytest.approx(mean)


def test_queries_and_keys_of_a_llama_are_its_projections() -> None:
    """Grouped heads: four of queries, two of keys; texts one at a time, no padding."""
    made, seen = network("llama"), {}
    attention = made.model.layers[1].self_attn
    hooks = [
        getattr(attention, f"{name}_proj").register_forward_hook(
            lambda _, given, output, name=name: seen.setdefault(name, []).append(output[0])
        )
        for name in "qk"
    ]
    with torch.no_grad():
        for ids in TEXTS:
            made(input_ids=torch.tensor([ids]))
    for hook in hooks:
        hook.remove()
    query = [x.unflatten(-1, (4, 8)) for x in seen["q"]]  # [tokens, heads, head_dim]
    key = [x.unflatten(-1, (2, 8)) for x in seen["k"]]
    found = measured("llama").layers[1]
    assert found.query_norm == pytest.approx(torch.cat(query).norm(dim=-1).mean(0).tolist(), 1e-4)
    pairs = torch.cat(key)[..., [1, 5]].norm(dim=-1).mean(0)  # pair 1: dimensions 1 and 1 + 8/2
    assert [head[1] for head in found.key_norms] == pytest.approx(pairs.tolist(), 1e-4)
    cosines = [
        torch.cosine_similarity(q[1:], k[0].repeat_interleave(2, 0)[None], dim=-1)
        for q, k in zip(query, key, strict=True)
    ]
    degrees = torch.rad2deg(torch.cat(cosines).acos()).mean(0)
    assert found.angle_before == pytest.approx(degrees.tolist(), abs=1e-3)
    assert found.angle_after != pytest.approx(degrees.tolist(), abs=0.1)


def test_without_rotation_there_are_no_pairs_and_one_angle() -> None:
    first = measured("gpt2").layers[0]
    assert first.query_norms == [[], [], [], []]
    assert first.angle_before == first.angle_after


@pytest.mark.parametrize("name", ["llama", "yarn", "neox", "gptj", "cohere", "qwen3"])
def test_pairs_make_up_the_norm_of_what_turns(name: str) -> None:
    """One token twice: in the first layer its queries differ by their rotation alone."""
    made = network(name)
    layers = attention_layout(made)
    first = measure(made, layers, [[[5, 5]]]).layers[0]
    rotary, width = layers[0].rotary, layers[0].head_dim
    pairs, whole = torch.tensor(first.query_norms), torch.tensor(first.query_norm)
    assert pairs.shape == (layers[0].heads, rotary.pairs)
    if rotary.dimensions == width:
        assert torch.allclose(pairs.square().sum(1), whole.square(), rtol=1e-4)
    else:
        assert (pairs.square().sum(1) < whole.square()).all()
    same = measure(made, layers, [[[5] * 6]]).layers[0]  # rotation apart, six times one query
    assert same.angle_before == pytest.approx(first.angle_before, abs=0.01)
    assert same.angle_after != pytest.approx(first.angle_after, abs=0.01)


def test_angles_by_hand() -> None:
    """Key heads 0 and 1 stand for heads 0-1 and 2-3; later keys do not matter."""
    key = torch.tensor([[[[1.0, 0], [5, 5]], [[0, 2.0], [5, 5]]]])  # [1, 2, 2, 2]
    query = torch.tensor(
        [[[[3.0, 0], [0, 1]], [[1, 1], [-1, 0]], [[0, 1], [1, 0]], [[1, 3**0.5], [0, -4]]]]
    )
    expected = [[0, 90], [45, 180], [0, 90], [30, 180]]
    assert angles_to_first_key(query, key)[0].tolist() == [
        pytest.approx(row, abs=1e-4) for row in expected
    ]


def test_sink_mass_by_hand() -> None:
    weights = torch.zeros(1, 1, 4, 4)
    weights[0, 0, :, 0] = torch.tensor([1.0, 0.5, 0.1, 0.9])
    is_query = torch.tensor([[False, True, True, False]])  # the last is padding
    assert sink_mass(weights, is_query).tolist() == [[pytest.approx(0.3)]]


def test_shifted_sinks_by_hand() -> None:
    before = torch.tensor([[0.31, 0.30, 0.9], [0.5, 0.1, 0.29]])
    after = torch.tensor([[0.305, 0.9, 0.8], [0.52, 0.9, 0.0]])
    found = sink_shift(4, before, after)  # sinks: 0.31 (moved 0.005), 0.9 (0.1), 0.5 (0.02)
    assert (found.layer, found.sinks, found.shifted) == (4, 3, 2)
    assert found.share == pytest.approx(2 / 3)
    assert sink_shift(4, torch.zeros(2, 3), after).share is None


def test_batches_hold_every_text_once_and_stay_small() -> None:
    texts = [[1] * length for length in (5, 900, 2000, 2, 700, 600, 5)]
    batches = batched(texts)
    assert [[len(ids) for ids in batch] for batch in batches] == [
        [2, 5, 5],
        [600, 700],
        [900],
        [2000],
    ]
    assert 2 * 700**2 <= SQUARES < 3 * 900**2


def test_batches_do_not_matter() -> None:
    made = network("llama")
    layers = attention_layout(made)
    together = measure(made, layers, batched(TEXTS))
    alone = measure(made, layers, [[ids] for ids in sorted(TEXTS, key=len)])
    assert torch.allclose(together.masses[1], alone.masses[1], atol=1e-6)
    assert together.layers[1].angle_after == pytest.approx(alone.layers[1].angle_after, abs=1e-3)
    assert together.layers[1].key_norm == pytest.approx(alone.layers[1].key_norm, rel=1e-5)
