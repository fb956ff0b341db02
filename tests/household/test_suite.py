"""Suites of questions: reproducible, the same in every theme, apart from what is trained on."""

from dataclasses import replace
from random import Random

import pytest

from tombench.household.agent import Diversity, draw_agent
from tombench.household.layouts import layout_name, split_of
from tombench.household.moments import TYPES
from tombench.household.simulate import episode_of, simulate
from tombench.household.suite import HouseholdSuite, episode_hash
from tombench.household.themed import themed
from tombench.household.themes import load_theme
from tombench.household.world import draw_apartment

QUICK = "2.2"


def test_the_same_settings_give_the_same_questions():
    one = HouseholdSuite(seed=1, per_type=3).of_type(QUICK)
    assert one == HouseholdSuite(seed=1, per_type=3).of_type(QUICK)
    assert one[:2] == HouseholdSuite(seed=1, per_type=2).of_type(QUICK)
    other = HouseholdSuite(seed=2, per_type=3).of_type(QUICK)
    assert not {episode_hash(e) for e in one} & {episode_hash(e) for e in other}


def test_all_types_are_asked_with_ids_texts_and_keys():
    episodes = HouseholdSuite(seed=1, per_type=1).episodes()
    assert [one.query.question_type for one in episodes] == list(TYPES)
    assert [one.id for one in episodes] == [f"home-test-1-{name}-0" for name in TYPES]
    for one in episodes:
        assert one.query.key in ("a", "b") and one.query.posterior is not None
        assert one.question_text.startswith(f"What's inside the apartment: {one.state_text}")
        assert one.id == f"home-{one.cluster}" and one.faults == ()


def test_themes_ask_the_same_of_the_same_people():
    home = HouseholdSuite(seed=1, per_type=2).of_type(QUICK)
    space = HouseholdSuite(seed=1, per_type=2, theme="outer_space").of_type(QUICK)
    for one, other in zip(home, space, strict=True):
        assert other.theme == "outer_space" and other.question_text != one.question_text
        untold = {"id": "", "question_text": "", "state_text": ""}
        assert replace(other, **untold) == replace(themed(one, load_theme("outer_space")), **untold)
        assert (one.cluster, one.query.key) == (other.cluster, other.query.key)


@pytest.mark.parametrize("controls", [False, True])
def test_layouts_are_those_of_the_split(controls):
    suite = HouseholdSuite(seed=1, per_type=2, controls=controls)
    for one in suite.of_type("2.3c" if controls else "2.3"):
        assert split_of(layout_name(one.places)) == "test"


def test_nothing_asked_was_trained_on():
    rng, trained = Random("train/0"), set()
    for _ in range(100):
        apartment = draw_apartment(rng, split="train")
        trace = simulate(rng, apartment, draw_agent(rng, apartment, Diversity()))
        trained.add(episode_hash(episode_of(trace)))
    asked = {episode_hash(one) for one in HouseholdSuite(seed=1, per_type=3).of_type(QUICK)}
    assert len(asked) == 3 and not asked & trained


def test_the_hash_is_of_what_is_where_and_what_was_done():
    one, other = HouseholdSuite(seed=1, per_type=2).of_type(QUICK)
    assert episode_hash(replace(one, id="x", person="y", question_text="")) == episode_hash(one)
    assert episode_hash(replace(one, events=one.events[:-1])) != episode_hash(one)
    assert episode_hash(replace(one, furnishings=other.furnishings)) != episode_hash(one)
