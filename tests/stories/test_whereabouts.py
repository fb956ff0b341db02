"""Who perceives an event, and that plots which cannot happen are refused."""

import pytest

from tombench.stories import replay, tracker
from tombench.stories.events import (
    Agent,
    Attend,
    Container,
    Distract,
    Enter,
    Event,
    Exit,
    Fill,
    Look,
    Move,
    Nothing,
    Peek,
    Plot,
    ReadLabel,
    Setting,
    Swap,
    Tell,
    Variable,
)
from tombench.stories.whereabouts import check, timeline

FILLINGS = ("sweets", "pencils")
SETTING = Setting(
    (Agent("Anna", "kitchen"), Agent("Ben", "hall"), Agent("Cleo")),
    (
        Container("box", "kitchen", label="stones"),
        Container("jar", "kitchen"),
        Container("bag", "kitchen"),
        Container("tin", "hall"),
    ),
    (
        Variable("box", FILLINGS, "pencils"),
        Variable("bag", (*FILLINGS, "tea"), "tea"),
        Variable("ball", ("jar", "tin"), "jar"),
    ),
)
BEN_COMES = Enter("Ben", "kitchen")
LEGAL = (
    (Move("Anna", "ball", "jar"), Exit("Anna"), Peek("Anna", "hall"), Exit("Anna")),
    (Distract("Anna"), Tell("Anna", "Cleo", "ball", "jar"), Attend("Anna"), Look("Anna", "jar")),
    (BEN_COMES, Tell("Ben", "Anna", "ball", "tin", private=False), ReadLabel("Ben", "bag")),
    (Nothing("Cleo", "hums"), Peek("Cleo", "hall"), Enter("Cleo", "hall"), Look("Cleo", "tin")),
    (Distract("Anna"), Exit("Anna"), Enter("Anna", "kitchen"), Fill("Anna", "box", "sweets")),
)
ILLEGAL = (
    (Move("Ben", "ball", "tin"),),  # the ball is in the kitchen
    (Move("Anna", "ball", "tin"),),  # the tin is in the hall
    (Move("Anna", "ball", "bag"),),  # the ball is never in the bag
    (Fill("Ben", "box", "sweets"),),
    (Fill("Anna", "box", "tea"),),
    (Fill("Anna", "jar", "sweets"),),  # the jar has no contents
    (Swap("Anna", "jar", "tin"),),
    (Swap("Anna", "box", "bag"),),  # tea is never in the box
    (Swap("Anna", "box", "jar"),),
    (Look("Ben", "box"),),
    (Look("Cleo", "box"),),
    (Exit("Anna"), Look("Anna", "box")),
    (Exit("Anna"), Peek("Anna", "kitchen"), Look("Anna", "box")),
    (Distract("Anna"), Look("Anna", "box")),
    (Distract("Anna"), Move("Anna", "ball", "jar")),
    (ReadLabel("Ben", "bag"),),
    (ReadLabel("Anna", "box"),),  # stones are never in the box
    (Tell("Anna", "Ben", "ball", "tin", private=False),),  # not in the same room
    (BEN_COMES, Distract("Anna"), Tell("Ben", "Anna", "ball", "tin", private=False)),
    (Exit("Ben"), Tell("Ben", "Cleo", "ball", "tin", private=False)),  # both are away
    (Tell("Anna", "Anna", "ball", "tin"),),
    (Tell("Anna", "Ben", "ball", "bag"),),
    (Enter("Anna", "kitchen"),),
    (Exit("Cleo"),),
    (Exit("Anna"), Exit("Anna")),
    (Peek("Anna", "hall"),),
    (Distract("Cleo"),),
    (Attend("Anna"),),
)

ALOUD = Tell("Anna", "Ben", "ball", "tin", private=False)
CLEO_PEEKS = Peek("Cleo", "kitchen")
PERCEIVED = (  # who is in the group of the last event, and who watches it unseen
    ((Look("Anna", "jar"),), "Anna", ""),
    ((BEN_COMES,), "Anna Ben", ""),
    ((Enter("Anna", "hall"),), "Anna Ben", ""),
    ((BEN_COMES, Exit("Ben")), "Anna Ben", ""),
    ((BEN_COMES, Distract("Ben")), "Anna Ben", ""),
    ((BEN_COMES, Distract("Ben"), Look("Anna", "jar")), "Anna", ""),
    ((BEN_COMES, Distract("Ben"), Attend("Ben")), "Anna Ben", ""),
    ((BEN_COMES, Distract("Ben"), Exit("Ben"), BEN_COMES, Look("Anna", "jar")), "Anna Ben", ""),
    ((BEN_COMES, ALOUD), "Anna Ben", ""),
    ((BEN_COMES, Distract("Anna"), ALOUD), "Anna Ben", ""),
    ((BEN_COMES, CLEO_PEEKS, ALOUD), "Anna Ben", ""),
    ((BEN_COMES, Tell("Anna", "Cleo", "ball", "tin")), "Anna Cleo", ""),
    ((CLEO_PEEKS,), "", "Cleo"),
    ((CLEO_PEEKS, Move("Anna", "ball", "jar")), "Anna", "Cleo"),
    ((CLEO_PEEKS, BEN_COMES), "Anna Ben", "Cleo"),
    ((CLEO_PEEKS, Look("Ben", "tin")), "Ben", ""),
    ((CLEO_PEEKS, Exit("Cleo"), Look("Anna", "jar")), "Anna", ""),
    ((CLEO_PEEKS, Enter("Cleo", "hall"), Look("Anna", "jar")), "Anna", ""),
    ((Exit("Anna"), Nothing("Cleo", "hums")), "Cleo", ""),
)


def last_kind(events: object) -> str:
    return type(events[-1]).__name__ if isinstance(events, tuple) else str(events)


@pytest.mark.parametrize(("events", "group", "unseen"), PERCEIVED, ids=last_kind)
def test_who_perceives_an_event(events: tuple[Event, ...], group: str, unseen: str) -> None:
    plot = Plot(SETTING, events)
    check(plot)
    *_, (_, _, audience) = timeline(plot)
    assert (audience.group, audience.unseen) == (set(group.split()), set(unseen.split()))
    for agent in SETTING.agents:
        expected = agent.name in audience.group | audience.unseen
        assert replay.perceived(plot, agent.name, len(events) - 1) == expected


@pytest.mark.parametrize("events", LEGAL, ids=last_kind)
def test_what_can_happen_is_not_refused(events: tuple[Event, ...]) -> None:
    check(Plot(SETTING, events))


@pytest.mark.parametrize("events", ILLEGAL, ids=last_kind)
def test_what_cannot_happen_is_refused(events: tuple[Event, ...]) -> None:
    check(Plot(SETTING, events[:-1]))
    for refuse in (check, tracker.track):
        with pytest.raises(ValueError, match=f"^event {len(events) - 1}: "):
            refuse(Plot(SETTING, events))
