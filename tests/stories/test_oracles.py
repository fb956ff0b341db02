"""The two oracles of belief: hand calculations, what must hold of every plot, and each other."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import product
from typing import Any

import pytest
from hand_cases import CASES, Case
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from plots import (
    AGENTS,
    CONTAINERS,
    FILLINGS,
    ROOMS,
    THINGS,
    Scene,
    plots,
    random_plots,
    settings,
)

from tombench.stories import replay, tracker
from tombench.stories.events import (
    Agent,
    Container,
    Distract,
    Event,
    Exit,
    Look,
    Nothing,
    Plot,
    ReadLabel,
    Setting,
    Tell,
    Variable,
)
from tombench.stories.whereabouts import check, timeline

Believed = Callable[[Plot, tuple[str, ...], str], frozenset[str]]
ORACLES = pytest.mark.parametrize(
    "believed", [replay.believed, tracker.believed], ids=["replay", "tracker"]
)
EXAMPLES = hypothesis_settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def chains(plot: Plot, longest: int, first: str | None = None) -> Iterator[tuple[str, ...]]:
    """All chains of at least one agent up to that length, of any first agent or this one."""
    names = [agent.name for agent in plot.setting.agents]
    for length in range(longest):
        for chain in product(names, repeat=length):
            yield from ((name, *chain) for name in ([first] if first else names))


def subjects(plot: Plot) -> list[str]:
    return [variable.subject for variable in plot.setting.variables]


def answers(believed: Believed, plot: Plot, first: str | None = None) -> dict[Any, frozenset[str]]:
    """What chains up to three agents believe about all subjects."""
    asked = product(chains(plot, 3, first), subjects(plot))
    return {(chain, subject): believed(plot, chain, subject) for chain, subject in asked}


@ORACLES
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hand_calculated(case: Case, believed: Believed) -> None:
    check(case.plot)
    found = {chain: believed(case.plot, chain, case.subject) for chain in case.expected}
    assert found == case.expected


def assert_oracles_agree(plot: Plot) -> None:
    tracked = tracker.track(plot)  # checks that it is legal
    for subject in subjects(plot):
        for chain in [(), *chains(plot, 3)]:
            assert tracked.believed(chain, subject) == replay.believed(plot, chain, subject)
    for index, (_, _, audience) in enumerate(timeline(plot)):
        for agent in plot.setting.agents:
            in_audience = agent.name in audience.group | audience.unseen
            assert replay.perceived(plot, agent.name, index) == in_audience


@EXAMPLES
@given(plots())
def test_oracles_agree(plot: Plot) -> None:
    assert_oracles_agree(plot)


@pytest.mark.slow
def test_oracles_agree_on_many_plots() -> None:
    for plot in random_plots(seed=1, count=25_000):
        assert_oracles_agree(plot)


def test_lies_found_out_again_and_again_do_not_multiply_states() -> None:
    places = ("basket", "box", "drawer", "jar")
    setting = Setting(
        tuple(Agent(name, "kitchen") for name in AGENTS),
        tuple(Container(name, "kitchen") for name in places),
        tuple(Variable(thing, places, "basket") for thing in THINGS),
    )
    lie = Tell("Ben", "Anna", "ball", "box", private=False)
    plot = Plot(setting, (lie, Look("Anna", "box")) * 5)
    assert replay.believed(plot, ("Anna",), "ball") == {"basket", "drawer", "jar"}
    assert_oracles_agree(plot)


@EXAMPLES
@given(plots())
def test_belief_is_never_empty_and_truth_is_one_value(plot: Plot) -> None:
    assert all(answers(replay.believed, plot).values())
    assert all(len(replay.believed(plot, (), subject)) == 1 for subject in subjects(plot))


@EXAMPLES
@given(plots())
def test_one_knows_what_one_believes(plot: Plot) -> None:
    found = answers(replay.believed, plot)
    for chain, subject in found:
        for at in range(len(chain) if len(chain) < 3 else 0):
            doubled = (*chain[: at + 1], *chain[at:])
            assert found[doubled, subject] == found[chain, subject]


def harmless(scene: Scene, event: Event) -> bool:
    """Anna stays and attends, and nobody says or reads what is false."""
    match event:
        case Exit(agent="Anna") | Distract(agent="Anna"):
            return False
        case Tell(subject=subject, value=value):
            return scene.world[subject] == value
        case ReadLabel(container=name):
            return scene.setting.container(name).label in (None, scene.world.get(name))
    return True


@EXAMPLES
@given(st.data())
def test_who_perceives_everything_believes_the_truth(data: st.DataObject) -> None:
    setting = data.draw(settings(room_count=1))
    anna, *others = setting.agents
    setting = replace(setting, agents=(replace(anna, room=ROOMS[0]), *others))
    plot = data.draw(plots(setting, harmless))
    looks = tuple(Look("Anna", container.name) for container in setting.containers)
    knowing = Plot(setting, looks + plot.events)
    check(knowing)
    for subject in subjects(plot):
        truth = replay.believed(plot, (), subject)
        assert truth <= replay.believed(plot, ("Anna",), subject)
        assert truth == replay.believed(knowing, ("Anna",), subject)


def renamed(part: Any, names: dict[str, str]) -> Any:
    """The same with other names, and everything in the setting listed the other way round."""
    if isinstance(part, str):
        return names.get(part, part)
    if isinstance(part, tuple):
        return tuple(renamed(item, names) for item in part)
    if is_dataclass(part):
        known = {field.name: renamed(getattr(part, field.name), names) for field in fields(part)}
        turned = {k: v[::-1] for k, v in known.items() if isinstance(v, tuple) and k != "events"}
        return type(part)(**(known | turned))
    return part


@EXAMPLES
@given(plots(), st.data())
def test_names_and_their_order_do_not_matter(plot: Plot, data: st.DataObject) -> None:
    names = {}
    for sort in (AGENTS, ROOMS, CONTAINERS, THINGS, FILLINGS):
        names |= dict(zip(sort, data.draw(st.permutations(sort)), strict=True))
    other = renamed(plot, names)
    check(other)
    for (chain, subject), values in answers(replay.believed, plot).items():
        found = replay.believed(other, renamed(chain, names), names[subject])
        assert found == {names[value] for value in values}


@EXAMPLES
@given(plots())
def test_what_the_first_of_a_chain_does_not_perceive_changes_nothing(plot: Plot) -> None:
    for index, _ in enumerate(plot.events):
        before = Plot(plot.setting, plot.events[:index])
        after = Plot(plot.setting, plot.events[: index + 1])
        for agent in plot.setting.agents:
            if not replay.perceived(plot, agent.name, index):
                first = agent.name
                assert answers(replay.believed, before, first) == answers(
                    replay.believed, after, first
                )


@EXAMPLES
@given(plots())
def test_what_nobody_perceives_and_what_says_nothing_can_be_left_out(plot: Plot) -> None:
    for index, event in enumerate(plot.events):
        if isinstance(event, Look | Tell | ReadLabel | Nothing):  # these move nobody and nothing
            idle = isinstance(event, Nothing) or (isinstance(event, Tell) and not event.trusted)
            without = Plot(plot.setting, plot.events[:index] + plot.events[index + 1 :])
            for agent in plot.setting.agents:
                if idle or not replay.perceived(plot, agent.name, index):
                    expected = answers(replay.believed, without, agent.name)
                    assert answers(replay.believed, plot, agent.name) == expected
