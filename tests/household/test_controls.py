"""Graded controls: shortcuts are near chance, the exact observer is not, and it is calibrated."""

import numpy as np
import pytest

from tombench.household.controls import CONTROL_TYPES
from tombench.household.kinds import BATCH, SHARES, Kind, kind_of
from tombench.household.moments import TYPES
from tombench.household.suite import HouseholdSuite
from tombench.planning.episode import Claim, Episode, Event, Furnishing, Hypothesis, Place, Query
from tombench.planning.shortcuts import last_target

FRIDGE, STOVE = Place("kitchen", "fridge"), Place("kitchen", "stove")
FURNISHINGS = (
    Furnishing(FRIDGE, "container", ("apple",)),
    Furnishing(STOVE, "container", ("plate", "book")),
)
EVENTS = (Event("start", room="kitchen"), Event("walk", place=FRIDGE))
BELIEF = tuple(Hypothesis("plate", Claim("plate", FRIDGE, inside)) for inside in (True, False))
ELSEWHERE = tuple(Hypothesis("plate", Claim("plate", STOVE, inside)) for inside in (True, False))


def episode(options, posterior):
    query = Query("2.2c", options, key="a", posterior=posterior)
    return Episode("e", "e", "Karin", ("kitchen",), FURNISHINGS, EVENTS, query)


@pytest.mark.parametrize(
    ("options", "posterior", "kind"),
    [
        (BELIEF, 0.97, Kind("inside", "right")),
        (BELIEF, 0.7, Kind("inside", "likely")),
        (BELIEF, 0.5, Kind("inside", "even")),
        (BELIEF, 0.2, Kind("inside", "unlikely")),
        (BELIEF, 0.0, Kind("inside", "wrong")),
        (BELIEF[::-1], 0.0, Kind("inside", "right")),
        (ELSEWHERE, 0.3, Kind("not inside", "likely")),
        (ELSEWHERE, 1.0, Kind("not inside", "wrong")),
        ((Hypothesis("apple"), Hypothesis("plate")), 0.3, Kind("goal", "unlikely")),
        ((Hypothesis("plate"), Hypothesis("apple")), 0.3, Kind("goal", "likely")),
        ((Hypothesis("plate"), Hypothesis("book")), 0.3, Kind("none", "likely")),
        ((Hypothesis("plate"), Hypothesis("book")), 0.5, Kind("none", "even")),
    ],
)
def test_kinds_by_hand(options, posterior, kind):
    assert kind_of(episode(options, posterior)) == kind


@pytest.mark.parametrize("question_type", CONTROL_TYPES)
def test_shares_fill_a_batch(question_type):
    numbers = [share * BATCH for share in SHARES[question_type].values()]
    assert numbers == pytest.approx([round(number) for number in numbers])
    assert sum(numbers) == pytest.approx(BATCH)


def test_every_type_has_its_control():
    assert [name.removesuffix("c") for name in CONTROL_TYPES] == list(TYPES)


@pytest.fixture(scope="module")
def asked():
    """One batch of every control."""
    suite = HouseholdSuite(per_type=BATCH, controls=True)
    return {name: suite.of_type(name) for name in suite.types}


def expected_share(episodes, answer):
    """Of right answers, by the exact posterior; no answer is half a point."""
    shares = []
    for one in episodes:
        said, p = answer(one), one.query.posterior
        shares.append({"a": p, "b": 1 - p, None: 0.5}[said])
    return float(np.mean(shares))


def exact(episode):
    return "a" if episode.query.posterior > 0.5 else "b"


def test_the_exact_observer_is_in_its_band(asked):
    for episodes in asked.values():
        assert 0.85 <= expected_share(episodes, exact) <= 0.96


def test_shortcuts_are_near_chance(asked):
    """The last-target shortcut for each type; "not inside" over the family of belief questions."""
    for episodes in asked.values():
        assert 0.43 <= expected_share(episodes, last_target) <= 0.57
    beliefs = [one for name, own in asked.items() if name < "2" for one in own]
    denied = expected_share(beliefs, lambda one: "b" if one.query.options[0].belief.inside else "a")
    assert 0.43 <= denied <= 0.57


def test_keys_are_as_probable_as_is_said(asked):
    """Choosing by kind leaves the posterior calibrated: keys within 4 standard errors of it."""
    queries = [one.query for own in asked.values() for one in own]
    p = np.array([query.posterior for query in queries])
    truth = np.array([query.key == "a" for query in queries], float)
    sure = np.abs(p - 0.5) > 0.5 - 1e-9
    assert (truth[sure] == p[sure].round()).all()
    confidence, right = np.maximum(p, 1 - p), np.where(p > 0.5, truth, 1 - truth)
    for low, high in ((0.5, 0.75), (0.75, 1.01)):
        own = (confidence >= low) & (confidence < high)
        error = np.sqrt((p[own] * (1 - p[own])).sum())
        assert own.sum() > 10
        assert abs((right[own] - confidence[own]).sum()) <= 4 * error


def test_shares_of_kinds_are_kept(asked):
    for name, episodes in asked.items():
        for kind, share in SHARES[name].items():
            assert sum(kind_of(one) == kind for one in episodes) == round(share * BATCH)
