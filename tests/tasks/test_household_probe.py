"""The probe of a training: divergence and twins by hand."""

import math

import numpy as np
import pytest
from household.homes import FRIDGE, SOFA, STOVE, situation

from tombench.household.agent import at_hand
from tombench.household.layouts import layout_name, split_of
from tombench.planning.policies.base import Labelled
from tombench.planning.situations import Action
from tombench.tasks import household_probe
from tombench.tasks.household_probe import measured, probe, twins

WALKS = tuple(Action("walk", place) for place in (FRIDGE, STOVE, SOFA))
BOTH = Labelled(situation(FRIDGE, STOVE, candidates=WALKS), (0.5, 0.4, 0.1))
STOVE_LESS = Labelled(situation(FRIDGE, candidates=WALKS), (0.8, 0.1, 0.1))
"""The stove is not possible here: four times less probable, and the fridge 1.6 times more."""


def found(first: tuple[float, ...], second: tuple[float, ...]) -> dict[str, float]:
    return measured([BOTH, STOVE_LESS], [np.log(first), np.log(second)])


def test_the_agents_own_policy_has_no_divergence_and_every_twin_right() -> None:
    own = found(BOTH.probabilities, STOVE_LESS.probabilities)
    assert own == pytest.approx({"divergence": 0.0, "twins elsewhere": 1.0, "twins at it": 1.0})


def test_divergence_by_hand() -> None:
    """KL(label || policy), nats: of a policy without a preference, the mean of both."""
    third = (1 / 3, 1 / 3, 1 / 3)
    first = math.log(3) + 0.5 * math.log(0.5) + 0.4 * math.log(0.4) + 0.1 * math.log(0.1)
    second = math.log(3) + 0.8 * math.log(0.8) + 0.2 * math.log(0.1)
    assert found(third, third)["divergence"] == pytest.approx((first + second) / 2)


def test_a_place_that_is_one_of_many_and_the_place_itself() -> None:
    """The stove's action ought to fall (by more than three: at it), the fridge's to rise
    (elsewhere); the sofa's stays, and is not looked at."""
    falls = found((0.5, 0.4, 0.1), (0.5, 0.3, 0.2))
    assert (falls["twins at it"], falls["twins elsewhere"]) == (1.0, 0.0)
    rises = found((0.5, 0.2, 0.3), (0.6, 0.3, 0.1))
    assert (rises["twins at it"], rises["twins elsewhere"]) == (0.0, 1.0)


def test_improbable_actions_are_not_looked_at() -> None:
    rare = Labelled(BOTH.situation, (0.96, 0.02, 0.02))
    rarer = Labelled(STOVE_LESS.situation, (0.975, 0.005, 0.02))
    same = [np.log(np.array(one.probabilities)) for one in (rare, rarer)]
    assert "twins at it" not in measured([rare, rarer], same)


def test_twins_are_development_apartments_in_both_sorts_of_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(household_probe, "PAIRS", 6)
    twins.cache_clear()
    try:
        home, invented = twins("home"), twins("invented")
    finally:
        twins.cache_clear()
    assert len(home) == len(invented) == 6
    for pair in (*home, *invented):
        first, second = pair.first.situation, pair.second.situation
        assert len(set(first.possible) ^ set(second.possible)) == 1
        assert (first.goal, first.at, first.candidates) == (
            second.goal,
            second.at,
            second.candidates,
        )
        assert sum(pair.first.probabilities) == pytest.approx(1.0)
        assert at_hand(first) is None
    for pair in home:
        assert split_of(layout_name(pair.first.situation.places)) == "dev"
    kitchens = [one.name for pair in invented for one in pair.first.situation.places]
    assert not {"fridge", "stove", "sofa"} & set(kitchens)


def test_a_model_is_measured_in_both_sorts_of_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that likes every continuation alike: log p is minus its logarithm of how many."""
    from tombench.backends.hf import server
    from tombench.schema import LikelihoodResponse

    class Alike:
        def __init__(self, loaded: object, batch_tokens: int) -> None: ...

        def loglikelihood(self, requests):
            return [
                LikelihoodResponse(
                    one.context, (-5.0,) * len(one.continuations), (2,) * len(one.continuations)
                )
                for one in requests
            ]

    pair = household_probe.Twins(BOTH, STOVE_LESS)
    monkeypatch.setattr(server, "HfServer", Alike)
    monkeypatch.setattr(household_probe, "twins", lambda words: (pair,))
    values = probe(None, None)
    assert set(values) == {
        f"{words}/{name}"
        for words in ("home", "invented")
        for name in ("divergence", "twins elsewhere", "twins at it")
    }
    expected = found((1 / 3,) * 3, (1 / 3,) * 3)
    assert values["home/divergence"] == pytest.approx(expected["divergence"])
    assert values["home/twins elsewhere"] == 0.0  # no difference is no difference in the right way
