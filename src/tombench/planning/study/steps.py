"""Micro-steps: what a person does, one short move a step, as the study counts time.

Step 0 tells where the person is; at every later step stands the action that is done there. A walk
goes on until the person comes close to its aim, after the closeness lists (MMToM-QA, BIP-ALM).
"""

import re
from dataclasses import dataclass

from tombench.planning.episode import Episode, Event
from tombench.planning.situations import VERBS
from tombench.planning.study.wording import FUSED

_TIMES = re.compile(r"-(?P<start>\d+)-(?P<end>\d+)(?:-\d+)?$")
"""Ids of questions that come with times end with them: "130-1.3-0-9"."""

REPEATED = frozenset(
    {"cabinet", "bathroomcabinet", "dishwasher", "fridge", "microwave", "stove"}
    | {"coffeetable", "sofa", *FUSED.values()}
)
"""Aims to which a walk is repeated: the last words that stand in the study's list of places, by
themselves. So a walk to a thing or to a numbered cabinet is one step, unless it comes last."""


@dataclass(frozen=True)
class Span:
    """From which time step to which a question looks."""

    start: int
    end: int


@dataclass(frozen=True)
class MicroSteps:
    """Actions and what is near, both by time step from 0 to end_time + 1."""

    actions: tuple[str, ...]
    nearby: tuple[tuple[str, ...], ...]  # () at every step where closeness is not known
    events: tuple[int, ...]  # of the episode, the one that each action belongs to
    fits: bool  # False: the steps were too few, and the last action was forced to the end


def span(episode: Episode) -> Span:
    """The times in the question's id; without them, from 0 to what closeness or events reach."""
    if found := _TIMES.search(episode.id):
        return Span(int(found["start"]), int(found["end"]))
    steps = len(episode.nearby) or len(episode.events)
    return Span(0, max(steps - 2, 0))


def written(event: Event, person: str) -> str:
    """An event in the study's words: "walktowards fridge", "about to open fridge"."""
    if event.kind == "start":
        return f"{person} is in the {event.room}"
    if event.kind == "enter":
        return f"{VERBS['walk']} {event.room}"
    aim = event.thing if event.place is None or event.kind == "grab" else event.place.name
    if event.kind == "open" and not event.done:
        return f"about to open {aim}"
    return f"{VERBS[event.kind]} {aim}"


def micro_steps(episode: Episode) -> MicroSteps:
    """The episode's actions spread over its time steps.

    Where closeness is not known, each event takes one step. Reconstructed from the published
    parser; the published file is another version's, and agrees in the one line that is known.

    Raises:
        ValueError: the episode has no event, or begins with none that tells where the person is.
    """
    if not episode.events or episode.events[0].kind != "start":
        raise ValueError(f"episode {episode.id}: no event tells where {episode.person} is at first")
    told = [n for n, event in enumerate(episode.events) if not _implied(event)]
    moves = tuple(written(episode.events[number], episode.person) for number in told)
    if not episode.nearby:
        return MicroSteps(moves, ((),) * len(moves), tuple(told), True)
    nearby = _nearby(episode)
    numbers = _spread(moves, nearby)
    last = len(moves) - 1
    fits = numbers[-1] == last
    own = (*numbers[:-1], last)
    events = tuple(told[number] for number in own)
    return MicroSteps(tuple(moves[number] for number in own), nearby, events, fits)


def _implied(event: Event) -> bool:
    """A walk that no words tell, but that an opening takes: the study's parser has none."""
    return event.kind in ("walk", "enter") and event.source == "text" and not event.said


def _nearby(episode: Episode) -> tuple[tuple[str, ...], ...]:
    """Closeness from 0 to end_time + 1; at least two steps, the one after the last known empty."""
    steps = span(episode).end + 2
    return (*episode.nearby, *((),) * steps)[:steps]


def _spread(moves: tuple[str, ...], nearby: tuple[tuple[str, ...], ...]) -> list[int]:
    """Which move is done at each step."""
    numbers, now, last = [0], min(1, len(moves) - 1), len(nearby) - 1
    for step in range(1, last + 1):
        numbers.append(now)
        aim = moves[now].split()[-1]
        walks = moves[now].startswith(VERBS["walk"]) and aim in REPEATED
        if walks and step != last and aim not in nearby[step + 1]:
            continue
        now = min(now + 1, len(moves) - 1)
    return numbers
