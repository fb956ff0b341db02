"""Timelines by hand: what is so, who believes what, and when a belief turns false."""

import pytest
from hand_cases import CASES, KITCHEN, SALLY_LEFT, ball, tin

from tombench.stories.events import (
    Attend,
    Distract,
    Enter,
    Exit,
    Look,
    Move,
    Peek,
    Plot,
    ReadLabel,
    Tell,
)
from tombench.stories.timeline import FACTS, Timeline, usual_chains, watch

BASKET, BOX = frozenset({"basket"}), frozenset({"box"})
EITHER = BASKET | BOX
SALLY, ANNE = ("Sally",), ("Anne",)
ANNE_OF_SALLY, SALLY_OF_ANNE = ("Anne", "Sally"), ("Sally", "Anne")


def values(timeline: Timeline, chain: tuple[str, ...]) -> list[frozenset[str]]:
    return [moment.values[chain] for moment in timeline.moments]


def false(timeline: Timeline, chain: tuple[str, ...]) -> list[bool]:
    return [moment.false(chain) for moment in timeline.moments]


def becomes_false(timeline: Timeline, chain: tuple[str, ...]) -> list[int]:
    return [n for n in range(len(timeline.moments)) if timeline.becomes_false(chain, n)]


@pytest.fixture(scope="module")
def transfer() -> Timeline:
    """Sally puts the ball into the basket and leaves, Anne moves it, Sally comes back and looks."""
    back = (Enter("Sally", KITCHEN), Look("Sally", "basket"))
    return watch(Plot(ball("Sally", "Anne"), (*SALLY_LEFT, *back)))


def test_the_transfer_story_moment_by_moment(transfer):
    assert transfer.subject == "ball"
    assert values(transfer, FACTS) == [BASKET, BASKET, BASKET, BOX, BOX, BOX]
    assert values(transfer, SALLY) == [EITHER, BASKET, BASKET, BASKET, BASKET, BOX]
    assert values(transfer, ANNE) == [EITHER, BASKET, BASKET, BOX, BOX, BOX]
    # Anne sees Sally look, not what she sees; since Sally held the basket alone possible, Anne
    # knows that in the world as Anne knows it Sally finds it empty
    assert values(transfer, ANNE_OF_SALLY) == [EITHER, BASKET, BASKET, BASKET, BASKET, BOX]
    assert values(transfer, SALLY_OF_ANNE) == [EITHER, BASKET, BASKET, BASKET, BASKET, BASKET]


def test_where_beliefs_turn_false(transfer):
    assert false(transfer, SALLY) == [False, False, False, True, True, False]
    assert becomes_false(transfer, SALLY) == [3]
    assert becomes_false(transfer, ANNE) == []
    assert becomes_false(transfer, ANNE_OF_SALLY) == []  # Anne knows what Sally thinks
    assert false(transfer, SALLY_OF_ANNE) == [False, False, False, True, True, True]


def test_who_perceives_and_who_is_there(transfer):
    assert [m.perceives("Sally") for m in transfer.moments] == [
        *(False, True, True, False, True, True)
    ]
    assert [m.perceives("Anne") for m in transfer.moments] == [False, *[True] * 5]
    assert [m.presence("Sally") for m in transfer.moments] == [
        *("present", "present", "away", "away", "present", "present")
    ]


def test_not_to_know_is_not_false_and_a_false_belief_about_who_does_not_know_is():
    plot = Plot(tin("Anna", "Ben", label="sweets"), (ReadLabel("Ben", "tin"),))
    timeline = watch(plot, chains=[("Ben",), ("Anna",), ("Anna", "Ben"), ("Ben", "Anna")])
    assert becomes_false(timeline, ("Ben",)) == [1]  # the tin is full of pencils
    assert false(timeline, ("Anna",)) == [False, False]
    assert false(timeline, ("Anna", "Ben")) == [False, False]
    lied_to = watch(Plot(plot.setting, (Tell("Anna", "Ben", "tin", "sweets"),)))
    # Anna knows nothing herself; Ben takes her to believe what she says
    assert lied_to.moments[1].values[("Anna",)] == {"sweets", "pencils"}
    assert lied_to.moments[1].values[("Ben", "Anna")] == {"sweets"}
    assert lied_to.moments[1].false(("Ben", "Anna"))


def test_watching_unseen_and_not_attending():
    events = (Exit("Anna"), Peek("Anna", KITCHEN), Distract("Ben"), Move("Cleo", "ball", "box"))
    timeline = watch(Plot(ball("Anna", "Ben", "Cleo"), (*events, Attend("Ben"))))
    last = timeline.moments[-1]
    assert [m.presence("Anna") for m in timeline.moments] == [
        *("present", "away", "watching", "watching", "watching", "watching")
    ]
    assert [m.presence("Ben") for m in timeline.moments][3:] == [
        *("distracted", "distracted", "present")
    ]
    assert timeline.moments[4].perceives("Anna") and "Anna" in timeline.moments[4].audience.unseen
    assert not timeline.moments[4].perceives("Ben")
    assert last.values[("Anna",)] == BOX


def test_usual_chains():
    assert usual_chains(Plot(ball("A", "B", "C"), ())) == (
        *((), ("A",), ("B",), ("C",)),
        *(("B", "A"), ("A", "B")),
    )
    assert usual_chains(Plot(ball("A"), ())) == ((), ("A",))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_ends_as_calculated_by_hand(case):
    timeline = watch(case.plot, case.subject, list(case.expected))
    assert len(timeline.moments) == len(case.plot.events) + 1
    assert {chain: timeline.moments[-1].values[chain] for chain in timeline.chains} == case.expected


def test_an_event_that_cannot_happen():
    with pytest.raises(ValueError, match="event 1"):
        watch(Plot(ball("Sally", "Anne"), (Exit("Sally"), Exit("Sally"))))
