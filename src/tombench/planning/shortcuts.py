"""Answers that need no reasoning about a mind; what they reach says what a question is worth.

`last_target` alone answers four of five of MMToM-QA's questions (docs/planner.md).
"""

from collections.abc import Callable, Mapping

from tombench.planning.episode import Answer, Episode, Place

Shortcut = Callable[[Episode], Answer | None]
"""An answer; None: the shortcut says nothing."""


def last_place(episode: Episode) -> Place | None:
    """Where the person went, or did something, last."""
    kinds = ("walk", "open", "close", "grab")
    places = [event.place for event in episode.events if event.kind in kinds]
    return next((place for place in reversed(places) if place is not None), None)


def last_target(episode: Episode) -> Answer | None:
    """Believed inside if and only if it is where the person went last; wanted is what is there.

    Where a question states what the person does not believe, the other goal is wanted.
    """
    query, target = episode.query, last_place(episode)
    first, second = query.options
    if first.belief is not None:
        return "a" if first.belief.inside == (first.belief.place == target) else "b"
    if query.stated is not None:
        return negation(episode)
    held = episode.furnishing(target).contents if target in episode.places else ()
    return _either(first.goal in held, second.goal in held)


def negation(episode: Episode) -> Answer | None:
    """What is denied is not wanted; "not inside" is right."""
    query = episode.query
    first, second = query.options
    if first.belief is not None and second.belief is not None:
        return _either(not first.belief.inside, not second.belief.inside)
    if query.stated is None or query.stated.inside:
        return None
    return _either(first.goal != query.stated.thing, second.goal != query.stated.thing)


def first_mentioned(episode: Episode) -> Answer | None:
    """The goal that the apartment's description has first."""
    first, second = (_mentions(episode, option.goal) for option in episode.query.options)
    if not first or not second:
        return _either(bool(first), bool(second))
    return _either(first[0] < second[0], second[0] < first[0])


def last_mentioned(episode: Episode) -> Answer | None:
    """The goal that the apartment's description has last."""
    first, second = (_mentions(episode, option.goal) for option in episode.query.options)
    if not first or not second:
        return _either(bool(first), bool(second))
    return _either(first[-1] > second[-1], second[-1] > first[-1])


def always_a(episode: Episode) -> Answer | None:
    """The first option, whatever is asked."""
    return "a"


SHORTCUTS: Mapping[str, Shortcut] = {
    "last_target": last_target,
    "negation": negation,
    "first_mentioned": first_mentioned,
    "last_mentioned": last_mentioned,
    "always_a": always_a,
}


def _mentions(episode: Episode, thing: str) -> list[int]:
    """At which of all things told, in their order, a thing of the class is."""
    told = [one for furnishing in episode.furnishings for one in furnishing.contents]
    return [number for number, one in enumerate(told) if one == thing]


def _either(first: bool, second: bool) -> Answer | None:
    """The option that alone has what is looked for."""
    if first == second:
        return None
    return "a" if first else "b"
