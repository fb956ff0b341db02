"""With a cache: a second sweep reads no weights, and a model's scores serve other companies too."""

from dataclasses import replace

import pytest
from hf_models import PROMPTS, saved
from several_models import CPU, asked, larger, trio

from tombench.backends.api.backend import ApiBackend
from tombench.backends.base import answer
from tombench.backends.hf.backend import HfBackend
from tombench.backends.responses.key import ResponseKey, responder
from tombench.backends.responses.server import BATCH, with_cache
from tombench.backends.several.roles import TOKENS
from tombench.backends.several.server import several_server
from tombench.errors import UserError
from tombench.models.base import Model

ALPHAS = (0.0, 1.0)
ROLES = ("large", "tuned", "untuned")


@pytest.fixture
def loads(monkeypatch):
    """The models that are loaded, in their order."""
    found = []
    real = HfBackend.load
    monkeypatch.setattr(HfBackend, "load", lambda self, m: found.append(m.name) or real(self, m))
    return found


def items():
    """One item a prompt, all roles asked of it."""
    return [[r for role in ROLES for r in asked(role, prompts=(prompt,))] for prompt in PROMPTS]


def run(server, requests):
    """All items' responses, answered in the planned batches."""
    found = {}
    for batch in server.batches(requests):
        found |= dict(zip(batch, answer(server, [requests[i] for i in batch]), strict=True))
    return [found[index] for index in range(len(requests))]


def test_a_second_run_reads_no_weights(tmp_path, loads):
    plainly = run(several_server(CPU, trio()), items())
    loads.clear()
    first = several_server(CPU, trio(), tmp_path)
    assert loads == []
    found = run(first, items())
    assert found == plainly
    assert loads == ["tuned", "large"]
    again = several_server(CPU, trio(), tmp_path)
    assert again.batches(items()) == [list(range(len(PROMPTS)))]
    assert run(again, items()) == found
    assert loads == ["tuned", "large"]
    counts = {"cache_hits": len(PROMPTS), "cache_misses": 0}
    assert again.usage() == {f"{r}/{k}": n for r in ROLES for k, n in counts.items()}


def test_only_the_new_model_is_loaded(tmp_path, loads):
    run(several_server(CPU, trio(), tmp_path), items())
    loads.clear()
    server = several_server(CPU, trio(large=Model("larger", str(larger(0)))), tmp_path)
    server.loglikelihood([request for item in items() for request in item])
    assert loads == ["larger"]


def test_a_models_scores_are_those_of_a_run_with_it_alone(tmp_path, loads):
    large = trio()["large"]
    with_cache(CPU, large, tmp_path).loglikelihood(asked(""))
    loads.clear()
    several_server(CPU, trio(), tmp_path).loglikelihood(asked("large"))
    assert loads == []


def test_the_plan_is_the_first_models_until_all_is_there(tmp_path):
    many = [asked("large", prompts=(f"{PROMPTS[0]} {n}",)) for n in range(BATCH + 1)]
    both = [[*own, replace(own[0], role="tuned")] for own in many]
    backend = HfBackend("cpu", batch_tokens=200)
    plan = several_server(backend, trio()).batches(both)
    server = several_server(backend, trio(), tmp_path)
    assert server.batches(both) == plan and len(plan) > 2
    server.loglikelihood([item[1] for item in both])  # the planner's own are all kept now
    assert several_server(backend, trio(), tmp_path).batches(both) == plan
    server.loglikelihood([item[0] for item in both])
    kept = several_server(backend, trio(), tmp_path).batches(both)
    assert kept == [list(range(BATCH)), [BATCH]]


def test_a_request_has_the_same_key_whoever_is_asked():
    key = ResponseKey(responder(CPU, trio()["large"]), CPU.reader(trio()["large"]))
    assert key.of(asked("large")[0]) == key.of(asked("")[0])


def test_tokens_are_kept_alpha_by_alpha(tmp_path, loads):
    first = several_server(CPU, trio(), tmp_path, alphas=(0.0, 0.5, 1.0))
    assert loads == []
    found = first.loglikelihood(asked(TOKENS))
    loads.clear()
    again = several_server(CPU, trio(), tmp_path, alphas=(1.0, 0.0))
    assert again.batches([asked(TOKENS)]) == [[0]]
    narrower = again.loglikelihood(asked(TOKENS))
    assert loads == []
    for one, other in zip(narrower, found, strict=True):
        assert one.log_likelihoods[:3] == other.log_likelihoods[6:9]
        assert one.log_likelihoods[3:6] == other.log_likelihoods[:3]
        assert one.log_likelihoods[6:] == other.log_likelihoods[9:]  # the ablations
        assert (one.prompt, one.tokens, one.greedy[6:]) == (
            other.prompt,
            other.tokens[3:],
            other.greedy[9:],
        )
    wider = several_server(CPU, trio(), tmp_path, alphas=(0.0, 2.0))
    plainly = several_server(CPU, trio(), alphas=(0.0, 2.0)).loglikelihood(asked(TOKENS))
    loads.clear()
    assert wider.loglikelihood(asked(TOKENS)) == plainly
    assert loads == ["tuned", "large"]
    assert wider.usage()["tokens/cache_misses"] == len(PROMPTS)


def test_another_model_in_any_role_misses(tmp_path, loads):
    several_server(CPU, trio(), tmp_path, alphas=ALPHAS).loglikelihood(asked(TOKENS))
    others = {
        "large": Model("other", str(larger(0))),
        "tuned": Model("other", str(saved("llama"))),
        "untuned": Model("other", str(larger(0))),
    }
    for role, model in others.items():
        server = several_server(CPU, trio(**{role: model}), tmp_path, alphas=ALPHAS)
        server.loglikelihood(asked(TOKENS)[:1])
        assert server.usage()["tokens/cache_misses"] == 1, role


def test_errors_are_not_kept(tmp_path, loads):
    (long,) = asked(TOKENS, prompts=("a b" * 100,))
    for _ in range(2):
        server = several_server(CPU, trio(), tmp_path, alphas=ALPHAS)
        assert "200 tokens" in server.loglikelihood([long])[0].error
        assert server.usage()["tokens/cache_misses"] == 1


def test_a_service_has_to_be_pinned(tmp_path):
    with pytest.raises(UserError, match=r"cache: .*model\.revision="):
        several_server(ApiBackend(), {role: Model(role, role) for role in ROLES}, tmp_path)
