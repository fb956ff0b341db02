"""A sweep of masks examined, on a loaded model, to JSON."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
import torch
from attention_networks import mask_of

from tombench.errors import UserError
from tombench.masking.masks import Mask
from tombench.masking.mechanism.examine import Mechanism, examine, to_json
from tombench.masking.names import weights_by_name
from tombench.models.base import Model
from tombench.models.load import Loaded, load

TEXTS = ("Ann puts the ball in the box.", "The box is red.", "Bob leaves.")
QUERY = "model.layers.1.self_attn.q_proj.weight"
MOVED = [row * 128 + column for row in range(64) for column in range(0, 128, 2)]


@dataclass
class Applied:
    """Zeroes a mask's entries inside `with`."""

    loaded: Loaded
    times: int = 0

    @contextmanager
    def __call__(self, mask: Mask) -> Iterator[None]:
        self.times += 1
        weights = weights_by_name(self.loaded.causal_lm)
        saved = {name: weights[name].detach().clone() for name in mask.entries}
        with torch.no_grad():
            for name, entries in mask.entries.items():
                weights[name].view(-1)[entries] = 0
        try:
            yield
        finally:
            with torch.no_grad():
                for name, weight in saved.items():
                    weights[name].copy_(weight)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(Model(name="tiny", path="data:models/tiny"), "cpu")


@pytest.fixture(scope="module")
def found(loaded: Loaded) -> Mechanism:
    network = loaded.causal_lm
    masks = {"0": mask_of(network, {}), "1e-02": mask_of(network, {QUERY: MOVED})}
    return examine(loaded, masks, Applied(loaded), TEXTS)


def test_a_mask_of_nothing_changes_nothing(found: Mechanism) -> None:
    nothing = found.masked["0"]
    assert nothing.activations == found.unmasked
    assert all(one.shifted == 0 for one in nothing.sink_shifts)
    assert all(one.rank == 0 for one in nothing.ranks.matrices)


def test_a_mask_of_queries_moves_its_layer_and_those_after(found: Mechanism) -> None:
    masked = found.masked["1e-02"]
    first, own, after = (masked.activations[layer] for layer in (0, 1, 2))
    assert first == found.unmasked[0]
    assert own.key_norm == found.unmasked[1].key_norm
    for head in (0, 1):  # rows 0-63
        assert own.query_norm[head] != pytest.approx(found.unmasked[1].query_norm[head], rel=0.01)
    assert own.query_norm[2:] == found.unmasked[1].query_norm[2:]
    assert own.angle_before[0] != pytest.approx(found.unmasked[1].angle_before[0], abs=0.1)
    assert after.key_norm != found.unmasked[2].key_norm
    heads = {(one.layer, one.part): one.counts for one in masked.shares.heads}
    assert heads[1, "query"] == [2048, 2048, 0, 0]


def test_facts_and_counts(found: Mechanism, loaded: Loaded) -> None:
    assert found.texts == 3
    assert found.tokens == sum(len(loaded.encoding.encode(text)) for text in TEXTS)
    assert [one.layer for one in found.layers] == [0, 1, 2, 3]
    facts = found.layers[1]
    assert (facts.heads, facts.head_dim, facts.pairing, facts.query) == (4, 32, "half", QUERY)
    assert facts.inverse_frequencies[1] == pytest.approx(10000 ** (-1 / 16))
    assert len(found.unmasked[0].query_norms[0]) == 16
    expected = {one.expected for one in found.masked["1e-02"].shares.dominant}
    assert expected == {2 / 16}  # 1.6 of 16 pairs, rounded up


def test_the_model_is_left_as_it_was(loaded: Loaded) -> None:
    network = loaded.causal_lm
    before = {name: weight.clone() for name, weight in weights_by_name(network).items()}
    implementation = network.config._attn_implementation
    applied = Applied(loaded)
    examine(loaded, {"1e-02": mask_of(network, {QUERY: MOVED})}, applied, TEXTS[:1])
    assert applied.times == 1
    assert network.config._attn_implementation == implementation
    assert all(torch.equal(weight, before[n]) for n, weight in weights_by_name(network).items())


def test_json_keeps_everything(found: Mechanism) -> None:
    plain = to_json(found)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert set(plain) == {"texts", "tokens", "thresholds", "layers", "unmasked", "masked"}
    assert plain["thresholds"] == {"sink": 0.3, "shift": 0.01, "dominant": 0.1}
    masked = plain["masked"]["1e-02"]
    assert set(masked) == {"shares", "ranks", "activations", "sink_shifts"}
    assert set(masked["shares"]) == {
        *("in_all", "layers", "kinds", "matrices", "heads", "frequencies", "dominant")
    }
    (query,) = [x for x in masked["shares"]["matrices"] if (x["layer"], x["kind"]) == (1, "q_proj")]
    assert query["count"] == 4096 and query["size"] == 16384 and query["share"] == 0.25
    (rank,) = [x for x in masked["ranks"]["matrices"] if (x["layer"], x["kind"]) == (1, "q_proj")]
    assert rank == {"layer": 1, "kind": "q_proj", "rank": 64, "bound": 64, "count": 4096}
    mass = plain["unmasked"][0]["sink_mass"][0]
    assert mass == pytest.approx(found.unmasked[0].sink_mass[0], rel=1e-4)
    assert len(str(mass).replace("0.", "").lstrip("0")) <= 5


def test_what_is_no_number_is_null(found: Mechanism) -> None:
    lost = replace(found.unmasked[0], sink_mass=[float("nan"), 0.123456789])
    plain = to_json(replace(found, unmasked=(lost,)))
    assert plain["unmasked"][0]["sink_mass"] == [None, 0.12346]


def test_short_texts_are_left_out_and_long_ones_cut(loaded: Loaded) -> None:
    long = "box " * 3000
    found = examine(loaded, {}, Applied(loaded), ["", TEXTS[0], long])
    assert found.texts == 2
    assert found.tokens == len(loaded.encoding.encode(TEXTS[0])) + 2048
    with pytest.raises(UserError, match=r"^mechanism: none of its texts has two tokens"):
        examine(loaded, {}, Applied(loaded), [""])


def test_attention_that_is_no_number_is_told(loaded: Loaded) -> None:
    mask = mask_of(loaded.causal_lm, {QUERY: [0]})
    weight = weights_by_name(loaded.causal_lm)[QUERY]
    kept = weight.detach().clone()
    try:
        with torch.no_grad():
            weight[0, 0] = float("nan")
        with pytest.raises(UserError, match="attention of layer 1 is no number; load the model"):
            examine(loaded, {"1e-02": mask}, Applied(loaded), TEXTS)
    finally:
        with torch.no_grad():
            weight.copy_(kept)
