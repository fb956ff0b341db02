"""Training examples: soft labels, twins, what an ablation leaves out, forms and themes."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from household.homes import FRIDGE, SOFA, STOVE, situation

from tombench.household.agent import ALIKE, DIVERSE, Diversity, expected_probabilities
from tombench.household.examples import GROUP, PolicyExamples, nouns_of, policy_text, spoken_shares
from tombench.household.invented import ONSETS
from tombench.household.themes import UNSEEN, load_theme
from tombench.planning.episode import Place
from tombench.planning.policies.base import Labelled
from tombench.planning.situations import Action
from tombench.planning.study.pairs import parse_pair
from tombench.stories.text import Text

SEEDS = 25
BELIEF = re.compile(r"\nbelief: (.*)\naction:$")


def drawn(examples: PolicyExamples, seeds: int = SEEDS) -> list[Sequence[Text]]:
    return [examples.draw(Random(f"examples/{seed}"), 0.0) for seed in range(seeds)]


def places(prompt: str) -> Counter[str]:
    """Names on the list of a short prompt: "2nd kitchencabinet" is one."""
    (told,) = BELIEF.findall(prompt)
    return Counter(re.findall(r"(?:\d\w\w )?[A-Za-z]\w*", told))


def words(groups: list[Sequence[Text]]) -> set[str]:
    said = " ".join(f"{one.prompt} {one.answer}" for group in groups for one in group)
    return set(re.findall(r"[A-Za-z]\w*", said)) - FORM


FORM = {"at", "goal", "belief", "action", "open", "close", "grab", "walktowards", "nowhere"}


@pytest.fixture(scope="module")
def plain() -> list[Sequence[Text]]:
    return drawn(PolicyExamples())


def test_soft_labels_add_up_and_hold_the_answer(plain: list[Sequence[Text]]) -> None:
    for one in (one for group in plain for one in group):
        shares = dict(one.distribution)
        assert sum(shares.values()) == pytest.approx(1.0, abs=1e-9)
        assert len(shares) == len(one.distribution) > 2
        assert all(share > 0 and text.startswith(" ") for text, share in one.distribution)
        assert one.answer in shares


def test_examples_follow_from_the_random_stream_alone(plain: list[Sequence[Text]]) -> None:
    assert drawn(PolicyExamples(), 3) == plain[:3]
    assert PolicyExamples().draw(Random("examples/0"), 0.9) == plain[0]
    assert plain[0] != plain[1]


def test_twins_differ_in_one_place(plain: list[Sequence[Text]]) -> None:
    """Their prompts are of one head; the same may be done, and mostly not as probably: whoever
    stands at something open closes it in both."""
    twins, differing = 0, 0
    for group in plain:
        assert GROUP < len(group) <= 2 * GROUP
        for first, second in itertools.pairwise(group):
            same = first.prompt.split("\nbelief")[0] == second.prompt.split("\nbelief")[0]
            one, other = places(first.prompt), places(second.prompt)
            if same and ((one - other) + (other - one)).total() == 1:
                shares, others = dict(first.distribution), dict(second.distribution)
                assert set(shares) == set(others)
                twins, differing = twins + 1, differing + (shares != others)
    assert twins >= 2 * SEEDS  # of four situations a group; some have no twin
    assert differing > 0.6 * twins


def test_without_twins_a_group_is_four_situations() -> None:
    groups = drawn(PolicyExamples(ablation="no_twins"))
    assert {len(group) for group in groups} == {GROUP}


def test_sampled_labels_keep_the_drawn_action_alone(plain: list[Sequence[Text]]) -> None:
    groups = drawn(PolicyExamples(ablation="sampled_labels"))
    assert [[one.prompt for one in group] for group in groups] == [
        [one.prompt for one in group] for group in plain
    ]
    assert all(one.distribution == () for group in groups for one in group)
    assert [one.answer for one in groups[0]] == [one.answer for one in plain[0]]


def test_alike_agents_are_labelled_by_agents_without_diversity() -> None:
    """Somebody in the kitchen: who is alike has no room that is dearer, and slips less or not."""
    walks = tuple(Action("walk", place) for place in (FRIDGE, STOVE, SOFA))
    one = situation(FRIDGE, SOFA, candidates=walks)
    diverse, alike = (expected_probabilities(one, how) for how in (Diversity(), ALIKE))
    assert abs(alike - diverse).max() > 0.01
    text = PolicyExamples(ablation="alike_agents")._text(Random(0), one, {})
    shares = dict(text.distribution)
    assert list(shares) == [" walktowards fridge", " walktowards stove", " walktowards sofa"]
    assert list(shares.values()) == pytest.approx(alike.tolist())
    assert PolicyExamples()._diversity == Diversity() == DIVERSE


def test_names_are_invented_unless_that_is_left_out(plain: list[Sequence[Text]]) -> None:
    home = set(nouns_of(load_theme("home")).values())
    ordinals = {"st", "nd", "rd", "th"}
    none = words(drawn(PolicyExamples(ablation="no_invented_names"))) - ordinals
    assert none <= home
    invented = words(plain) - ordinals - home
    assert len(invented) > 30
    assert all(any(name.startswith(onset) for onset in ONSETS) for name in invented)
    foreign = {noun.name for theme in UNSEEN for noun in load_theme(theme).nouns} - home
    assert not invented & foreign


def test_a_theme_gives_its_own_names_alone() -> None:
    space = set(nouns_of(load_theme("outer_space")).values())
    found = words(drawn(PolicyExamples("short", ("outer_space",), "no_invented_names")))
    assert found - {"st", "nd", "rd", "th"} <= space
    both = words(drawn(PolicyExamples("short", ("home", "outer_space"), "no_invented_names")))
    assert both & space and both & {"fridge", "stove"}


def test_the_studys_form_has_actions_as_they_were_taken() -> None:
    for group in drawn(PolicyExamples(prompt="study"), 8):
        assert 1 <= len(group) <= 8
        for one in group:
            parsed = parse_pair(one.prompt)
            assert one.prompt == parsed.text and one.answer.startswith(" ")
            assert one.distribution == ()
            assert one.answer.split()[0] in {"walktowards", "open", "close", "grab"}
    (opaque,) = drawn(PolicyExamples("study", ("opaque",)), 1)
    assert not any("kitchen" in one.prompt for one in opaque)


def test_actions_that_are_said_alike_count_together() -> None:
    """Two coffee tables are one continuation."""
    tables = [Place(room, "coffeetable") for room in ("kitchen", "livingroom")]
    actions = (*(Action("walk", place) for place in tables), Action("walk", SOFA))
    one = replace(situation(SOFA, candidates=actions), places=(*tables, SOFA))
    labelled = Labelled(one, (0.25, 0.25, 0.5))
    assert spoken_shares(labelled) == {" walktowards coffeetable": 0.5, " walktowards sofa": 0.5}
    text = policy_text(Random(0), labelled)
    assert text.prompt == "at: kitchen\ngoal: plate\nbelief: sofa\naction:"
    assert text.distribution == ((" walktowards coffeetable", 0.5), (" walktowards sofa", 0.5))


def test_answers_are_drawn_by_their_shares() -> None:
    actions = (Action("walk", FRIDGE), Action("walk", STOVE))
    labelled = Labelled(situation(FRIDGE, candidates=actions), (0.9, 0.1))
    answers = Counter(policy_text(Random(seed), labelled).answer for seed in range(400))
    assert 340 < answers[" walktowards fridge"] < 380


def test_a_shuffled_list_has_the_same_places() -> None:
    one = Labelled(situation(FRIDGE, STOVE, SOFA, candidates=(Action("walk", FRIDGE),)), (1.0,))
    told = {policy_text(Random(seed), one, shuffled=True).prompt for seed in range(30)}
    assert len(told) == 6
    assert {tuple(sorted(places(prompt))) for prompt in told} == {("fridge", "sofa", "stove")}
