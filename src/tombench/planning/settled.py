"""Beliefs that sight has settled: whoever has looked thinks what was to be seen.

A question about what a person thinks now needs no inference where the place was in view, or the
thing itself: it is thought to be where it was seen, and nowhere that was seen to be without it.
MMToM-QA asks no such question; graded controls do.
"""

from dataclasses import replace

from tombench.planning.beliefs import Tracker
from tombench.planning.episode import Answer, Episode


def settled(episode: Episode) -> Answer | None:
    """The answer that sight gives to a belief question; None: it is about a goal, or left open.

    It is left open, too, where the options do not deny each other.
    """
    first, second = episode.query.options
    if first.belief is None or second.belief is None:
        return None
    if second.belief != replace(first.belief, inside=not first.belief.inside):
        return None
    tracker = Tracker(episode, first.goal)
    for event in episode.events:
        tracker.see(event)
    place, view = first.belief.place, tracker.view
    if view.seen is None and place not in view.excluded:
        return None
    inside = place == view.seen
    return "a" if first.belief.inside == inside else "b"
