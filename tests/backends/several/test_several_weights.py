"""The same weights are loaded once; an adapter is switched on and off over one network."""

from dataclasses import replace

import pytest
from hf_models import saved
from several_models import CPU, adapter, asked, larger, trio

from tombench.backends.hf.backend import HfBackend
from tombench.backends.mock import MockBackend
from tombench.backends.several.pair import AdapterPair
from tombench.backends.several.server import several_preview, several_server
from tombench.backends.several.weights import Shelf, bare
from tombench.models.base import Model


@pytest.fixture
def loads(monkeypatch):
    """The models that are loaded, in their order."""
    found = []
    real = HfBackend.load
    monkeypatch.setattr(HfBackend, "load", lambda self, m: found.append(m.name) or real(self, m))
    return found


def scores(server, role=""):
    return [response.log_likelihoods for response in server.loglikelihood(asked(role))]


def alone(model):
    return scores(CPU.load(model))


def close(one, other):
    return all(a == pytest.approx(b, abs=1e-5) for a, b in zip(one, other, strict=True))


def test_a_pair_answers_as_two_loads_do():
    models = trio()
    pair = AdapterPair.of(CPU, models["tuned"])
    on, off = scores(pair.tuned), scores(pair.untuned)
    assert close(off, alone(models["untuned"]))
    assert close(on, alone(models["tuned"]))
    assert not close(on, off)
    assert scores(pair.tuned) == on  # it is on again
    assert pair.tuned.loaded is pair.untuned.loaded


def test_three_roles_are_two_loads(loads):
    server = several_server(CPU, trio())
    assert loads == ["tuned", "large"]
    tuned, untuned = server.models["tuned"], server.models["untuned"]
    assert tuned.loaded.network is untuned.loaded.network
    assert server.shared == {"untuned"}
    models = trio()
    for role in models:
        assert close(scores(server, role), alone(models[role]))


def test_the_base_stays_plain_whatever_is_asked_first(loads):
    server = several_server(CPU, dict(reversed(trio().items())))
    assert loads == ["tuned", "large"]
    assert close(scores(server, "untuned"), alone(trio()["untuned"]))


def test_a_model_in_two_roles_is_one(loads):
    models = trio(large=Model("again", str(saved("llama"))))
    server = several_server(CPU, models)
    assert loads == ["tuned"]
    assert server.models["large"] is server.models["untuned"]


def test_another_precision_or_base_is_another_network(loads):
    several_server(CPU, trio(untuned=Model("half", str(saved("llama")), dtype="bfloat16")))
    assert sorted(loads) == ["half", "large", "tuned"]
    assert Shelf(CPU, trio(untuned=Model("other", str(saved("qwen2"))))).shared == frozenset()


def test_a_whole_tuned_model_is_a_load_of_its_own(loads):
    models = trio(tuned=Model("tuned", str(larger(0))))
    assert several_server(CPU, models).shared == frozenset()
    assert sorted(loads) == ["large", "tuned", "untuned"]


def test_what_an_adapter_leaves_when_it_is_off():
    tuned = trio()["tuned"]
    assert bare(tuned) == replace(tuned, adapter=None)
    by_folder = Model("local", str(adapter()))  # the folder names its base
    assert bare(by_folder) == Model("local", str(saved("llama")))
    assert bare(trio()["untuned"]) is None
    biased = replace(tuned, adapter=str(adapter("biased", bias="all")))
    assert bare(biased) is None  # its biases would stay
    assert bare(replace(by_folder, adapter=str(adapter()))) is None  # the first one is merged


def test_known_minds_are_one_server():
    server = several_server(MockBackend(), trio())
    assert len({id(own) for own in server.models.values()}) == 1


def test_the_preview_counts_distinct_weights_once(monkeypatch):
    items = [[r for role in ("large", "tuned", "untuned") for r in asked(role)]]
    loaded = several_preview(CPU, trio())
    whole = loaded.estimate(items)
    size = {role: own.loaded.weights_bytes for role, own in loaded.models.items()}
    assert size["tuned"] == size["untuned"]
    assert whole.weights_bytes == size["tuned"] + size["large"]
    assert whole.memory_bytes > whole.weights_bytes and whole.seconds > 0
    each = [own.estimate([asked("")]) for own in loaded.models.values()]
    assert whole.prompt_tokens == sum(one.prompt_tokens for one in each)
    assert whole.new_tokens == sum(one.new_tokens for one in each)
    monkeypatch.setattr("tombench.models.hub.at_hand", lambda place: False)
    afar = several_preview(CPU, trio()).estimate(items)
    assert afar.seconds is None
    assert (afar.prompt_tokens, afar.new_tokens) == (whole.prompt_tokens, whole.new_tokens)
    adapter_bytes = size["tuned"] - CPU.load(trio()["untuned"]).loaded.weights_bytes
    assert afar.weights_bytes == whole.weights_bytes - adapter_bytes
