"""Choices kept in the cache, refused by backends that draw alone, and made by known minds."""

from dataclasses import replace
from pathlib import Path

import hf_models
import pytest
from loopback import Loopback

from tombench.backends.api.backend import ApiBackend
from tombench.backends.base import answer, refuse_choices
from tombench.backends.hf.backend import HfBackend
from tombench.backends.mock import MockServer
from tombench.backends.responses.key import ResponseKey, responder
from tombench.backends.responses.server import BATCH, CachedServer, with_cache
from tombench.backends.responses.store import ResponseStore
from tombench.backends.spellings import option_probabilities
from tombench.backends.vllm.server import VllmPreview, VllmServer
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.schema import ChoiceRequest, ChoiceResponse, Item, Sampling

ITEM = Item("i", "c", None, target="no", reality="yes")
STUDY = Sampling(0.8, 50, 0.9, 1)
ASKED = ChoiceRequest(ITEM, "Does Ilse believe it?", ((" Yes", "Yes"), (" No", "No")), STUDY, 1.1)
LONG = replace(ASKED, prompt="a b" * 100)


# --- sequences add up ---


def test_the_longest_sequence_counts() -> None:
    of = {(1,): 0.5, (1, 0): 0.2, (1, 0, 0): 0.05, (2, 0): 0.1}
    assert option_probabilities([[(1,)], [(1, 0)]], of) == pytest.approx((0.3, 0.2))
    assert option_probabilities([[(1,)], [(1, 0, 0)]], of) == pytest.approx((0.45, 0.05))
    nested = [[(1,)], [(1, 0)], [(1, 0, 0)], [(2, 0)]]
    assert option_probabilities(nested, of) == pytest.approx((0.3, 0.15, 0.05, 0.1))


def test_an_option_holds_its_own_longer_spellings() -> None:
    of = {(1,): 0.5, (1, 0): 0.2, (3,): 0.25}
    assert option_probabilities([[(1,), (1, 0)], [(3,)]], of) == pytest.approx((0.5, 0.25))


# --- the cache ---


@pytest.fixture(scope="module")
def model() -> Model:
    return Model("m", str(hf_models.saved("llama")))


def test_what_is_kept_needs_no_weights(tmp_path: Path, model: Model) -> None:
    backend = HfBackend(device="cpu")
    requests = [ASKED, replace(ASKED, prompt="And now?")]
    first = with_cache(backend, model, tmp_path)
    told = first.choices(requests)
    assert told == backend.load(model).choices(requests) and told[0].sampled
    again = CachedServer(first.key, ResponseStore(tmp_path), lambda: pytest.fail("loaded"))
    assert again.batches([[request] for request in requests] * BATCH)[0] == list(range(BATCH))
    assert again.choices(requests[::-1]) == told[::-1]
    assert (first.misses, again.hits, again.misses) == (2, 2, 0)


def test_errors_of_choices_are_not_kept(tmp_path: Path, model: Model) -> None:
    for _ in range(2):
        server = with_cache(HfBackend(device="cpu"), model, tmp_path)
        assert "200 tokens" in server.choices([LONG])[0].error
        assert server.misses == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, prompt="Does Ilse believe that?"),
        replace(ASKED, options=((" Yes", "Yes"), (" No",))),
        replace(ASKED, options=((" Yes",), ("Yes", " No", "No"))),
        replace(ASKED, sampling=replace(STUDY, top_p=0.95)),
        replace(ASKED, repetition_penalty=1.0),
    ],
)
def test_any_difference_misses(other: ChoiceRequest, model: Model) -> None:
    backend = HfBackend(device="cpu")
    key = ResponseKey(responder(backend, model), backend.reader(model))
    assert key.of(other) != key.of(ASKED)
    assert key.of(replace(ASKED)) == key.of(ASKED)


# --- backends that only draw ---


def test_a_backend_that_only_draws_says_what_to_do(model: Model) -> None:
    vllm = VllmServer(None, 8)  # refused before anything is asked of the model
    with Loopback() as loopback:
        api = ApiBackend(base_url=loopback.url).load(model)
    refusing = {
        "api": [api.batches, api.estimate],
        "vllm": [vllm.batches, VllmPreview(model).estimate],
    }
    for name, calls in refusing.items():
        for call in calls:
            with pytest.raises(UserError, match=f"backend={name}: .*task.mode=sample"):
                call([[], [ASKED]])
    refuse_choices([[hf_models.drawing("a")]], "api")


# --- known minds ---


@pytest.mark.parametrize(
    ("mind", "told"),
    [
        ("right", (0.0, 1.0)),
        ("reality_biased", (1.0, 0.0)),
        ("yes_sayer", (1.0, 0.0)),
        ("refuser", (0.0, 0.0)),
        ("rambler", (0.0, 0.0)),
    ],
)
def test_known_minds_choose(mind: str, told: tuple[float, float]) -> None:
    server = MockServer(mind)
    assert answer(server, [[ASKED]]) == [[ChoiceResponse(ASKED.prompt, told, told)]]
    assert server.estimate([[ASKED]]).prompt_tokens == 4


def test_a_yes_sayer_takes_yes_wherever_it_stands_and_else_the_first() -> None:
    turned = replace(ASKED, options=ASKED.options[::-1])
    letters = replace(ASKED, options=(("C",), ("D",)))
    told = MockServer("yes_sayer").choices([turned, letters])
    assert [response.probabilities for response in told] == [(0.0, 1.0), (1.0, 0.0)]


def test_the_right_mind_needs_a_right_answer() -> None:
    with pytest.raises(UserError, match="take another mind"):
        MockServer("right").choices([replace(ASKED, item=replace(ITEM, target=None))])
