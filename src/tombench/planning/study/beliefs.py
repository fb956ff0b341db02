"""The study's belief writer: places still possible, found by searching names in a text.

It is kept with all that is wrong with it, because the study's numbers rest on it:

- a place is possible where its name occurs in the text, be it inside another word ("cabinet" in
  "2nd kitchencabinet") or under another wording not at all ("coffee table", "first and 4th");
- two names are fused by a missing comma, so neither is ever possible (`wording.FUSED`);
- the goal is seen where its name and a place's occur in one sentence, so wine is seen wherever a
  wineglass is;
- at a step one surface of the room is looked at, not all of them;
- the living room's cabinet never holds the goal.

Reconstructed from the published parser of MMToM-QA, which covers goal questions; the published
belief questions come from another version and are taken to follow the same rule. The study takes a
room's surfaces in the order of a hashed set, so in no certain one: here it is the list's order.
"""

from collections.abc import Sequence

from tombench.planning.episode import Episode
from tombench.planning.study.steps import MicroSteps, micro_steps
from tombench.planning.study.wording import (
    ROOMS,
    StudyWriter,
    place_names,
    state_words,
    surface_names,
)

NEVER_HOLDS = "cabinet"
"""Opened, it is struck off, whatever is in it: its name occurs in other cabinets' sentences."""


def belief_lists(
    episode: Episode, goal: str, writer: StudyWriter = "study", steps: MicroSteps | None = None
) -> list[list[str]]:
    """Names of places where `goal` may be, by time step; a list of names for each action.

    List 0 is that of the beginning, which the study does not write; list t is what is possible at
    the action of step t, after all before it.
    """
    actions = (steps or micro_steps(episode)).actions
    text = state_words(episode, writer)
    rooms = ROOMS if episode.theme == "home" else episode.rooms
    sentences, surfaces = text.split("."), surface_names(episode)
    possible = [name for name in place_names(episode, writer) if name in text]
    room = actions[0].split()[-1]
    found = [possible]
    for done in actions[:-1]:
        last = done.split()[-1]
        room = last if last in rooms else room
        possible = _after_glance(possible, surfaces, sentences, (goal, room))
        if "open" in done:
            possible = _after_opening(possible, done.split(maxsplit=1)[1], sentences, goal)
        found.append(possible)
    return found


def _after_glance(
    possible: list[str], surfaces: Sequence[str], sentences: Sequence[str], wanted: tuple[str, str]
) -> list[str]:
    """What is left when one surface in the room was looked at; `wanted`: goal and room."""
    goal, room = wanted
    for name in possible:
        if name in surfaces and _together(sentences, name, room):
            return [name] if _together(sentences, goal, name) else _without(possible, name)
    return possible


def _after_opening(
    possible: list[str], name: str, sentences: Sequence[str], goal: str
) -> list[str]:
    """What is left when a container was opened."""
    if name not in possible:
        return possible
    holds = name != NEVER_HOLDS and _together(sentences, goal, name)
    return [name] if holds else _without(possible, name)


def _together(sentences: Sequence[str], *words: str) -> bool:
    """Do the words occur in one sentence, be it inside other words?"""
    return any(all(word in sentence for word in words) for sentence in sentences)


def _without(possible: Sequence[str], name: str) -> list[str]:
    return [other for other in possible if other != name]
