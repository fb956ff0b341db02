"""The study's prompts as decisions in situations, for a policy that reads no text.

The person stands where the episode says; what is believed possible is what the study's list names.
"""

from collections.abc import Sequence
from dataclasses import replace

from tombench.planning.beliefs import decisions
from tombench.planning.episode import Episode, Event
from tombench.planning.situations import Decision
from tombench.planning.study.prompts import StudyPrompt
from tombench.planning.study.steps import micro_steps


def study_decisions(episode: Episode, prompts: Sequence[StudyPrompt]) -> list[Decision | None]:
    """A decision for each prompt; None where the action decides nothing (a walk into a room).

    Its score is then the same under every belief: 0.
    """
    walked, events = _walked(episode), micro_steps(episode).events
    last = len(walked.events) - 1
    known = {
        goal: {one.event: one for one in decisions(walked, goal)}
        for goal in {prompt.goal for prompt in prompts}
    }
    found = ((known[one.goal].get(min(events[one.step], last)), one) for one in prompts)
    return [one and _believing(one, prompt.believed) for one, prompt in found]


def _walked(episode: Episode) -> Episode:
    """The episode with a container that is about to be opened as one that is walked to.

    So the study asks about it. A walk that led there is that walk already.
    """
    *before, last = episode.events
    if last.done or last.kind != "open":
        return episode
    walk = Event("walk", place=last.place, source=last.source, said=last.said)
    led = bool(before) and before[-1].kind == "walk" and before[-1].place == last.place
    return replace(episode, events=tuple(before) if led else (*before, walk))


def _believing(decision: Decision, names: Sequence[str]) -> Decision:
    """The same decision with the possible places that the names mean.

    The goal counts as seen where the tracker saw it, and the names leave that place alone.
    """
    before = decision.situation
    possible = tuple(place for place in before.places if place.name in names)
    seen = before.seen if possible == (before.seen,) else None
    offered = tuple(
        action
        for action in before.candidates
        if action.kind != "grab" or seen is not None or action == decision.action
    )
    situation = replace(before, possible=possible, seen=seen, candidates=offered)
    return replace(decision, situation=situation)
