"""What does not add up in episodes: checks of one question, and of the questions of one episode.

Nothing is repaired and nothing raised; a fault says what a reader of the results should know.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tombench.planning.episode import Episode, Event, Fault, Place
from tombench.planning.reading.language import HOME

UNREAD = "unread_words"
"""The check that tells of words that the reader did not understand."""


@dataclass(frozen=True)
class AuditRow:
    """A fault, ready for a table."""

    episode: str  # id of the question
    cluster: str
    question_type: str
    check: str
    what: str

    def cells(self) -> dict[str, Any]:
        """By column."""
        return {
            "question": self.episode,
            "episode": self.cluster,
            "question_type": self.question_type,
            "check": self.check,
            "what": self.what,
        }


@dataclass(frozen=True)
class Audit:
    """All faults of a set of questions."""

    questions: int
    rows: tuple[AuditRow, ...]

    @property
    def clean(self) -> int:
        """How many questions have no fault."""
        return self.questions - len({row.episode for row in self.rows})

    @property
    def counts(self) -> dict[str, int]:
        """Questions with a fault, by check; the most frequent first."""
        pairs = {(row.check, row.episode) for row in self.rows}
        counted = Counter(check for check, _ in pairs)
        return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def audit_table(episodes: Sequence[Episode]) -> Audit:
    """`audit`, with what a table needs beside."""
    known = {episode.id: episode for episode in episodes}
    rows = tuple(
        AuditRow(name, one.cluster, one.query.question_type, fault.check, fault.what)
        for name, fault in audit(episodes)
        for one in [known[name]]
    )
    return Audit(len(episodes), rows)


def audit(episodes: Sequence[Episode]) -> list[tuple[str, Fault]]:
    """Ids of questions with their faults, in the questions' order."""
    across = defaultdict(list)
    for name, fault in _across(episodes):
        across[name].append(fault)
    return [
        (episode.id, fault)
        for episode in episodes
        for fault in dict.fromkeys((*episode_faults(episode), *across[episode.id]))
    ]


def episode_faults(episode: Episode) -> tuple[Fault, ...]:
    """What its reader found, and what does not add up in what was read."""
    checks = (_rooms, _numbers, _targets, _things, _claims, _doors, _start, _closeness)
    found = (fault for check in checks for fault in check(episode))
    return tuple(dict.fromkeys((*episode.faults, *found)))


def _rooms(episode: Episode) -> Iterator[Fault]:
    """As many rooms as an apartment has, and each place in one of them."""
    expected = HOME.room_count
    if episode.theme == HOME.theme and len(episode.rooms) != expected:
        named = ", ".join(episode.rooms) or "none"
        yield Fault("rooms", f"{expected} rooms were to be named, and {named} are")
    for room in dict.fromkeys(place.room for place in episode.places):
        if room not in episode.rooms:
            yield Fault(
                "rooms", f"places stand in the {room or 'unnamed room'}, which is not named"
            )


def _numbers(episode: Episode) -> Iterator[Fault]:
    """Numbered places run from the first to the last, each once."""
    numbers = defaultdict(list)
    for place in episode.places:
        ordinal, _, name = place.name.partition(" ")
        if name and ordinal[:-2].isdecimal():
            numbers[place.room, name].append(int(ordinal[:-2]))
    for (room, name), found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            told = ", ".join(str(number) for number in sorted(found))
            yield Fault("count", f"of the {name} in the {room} there are the numbers {told}")
    for place, count in Counter(episode.places).items():
        if count > 1:
            yield Fault("count", f"the {_named(place)} is told {count} times")


def _targets(episode: Episode) -> Iterator[Fault]:
    """Whatever the person goes to or opens is there."""
    places, things = set(episode.places), _all_things(episode)
    for event in episode.events:
        if event.place is not None and event.place not in places:
            what = f"no list has the {_named(event.place)}, which the person deals with"
            yield Fault("unlisted_target", what)
        if event.thing is not None and event.thing not in things:
            yield Fault("unlisted_target", f"no place holds a {event.thing}, which is dealt with")
        if event.kind in ("start", "enter") and event.room not in episode.rooms:
            yield Fault("unlisted_target", f"the {event.room}, which is entered, is not named")


def _things(episode: Episode) -> Iterator[Fault]:
    things = _all_things(episode)
    for goal in dict.fromkeys(option.goal for option in episode.query.options):
        if goal not in things:
            yield Fault("absent_goal", f"no {goal or 'thing'} is told to be anywhere")


def _claims(episode: Episode) -> Iterator[Fault]:
    """What is asked about is there, and the two options differ."""
    query = episode.query
    claims = [option.belief for option in query.options if option.belief is not None]
    claims += [query.stated] if query.stated is not None else []
    for place in dict.fromkeys(claim.place for claim in claims):
        if place not in episode.places:
            yield Fault("absent_place", f"the {_named(place)} is asked about, and no list has it")
    if query.options[0] == query.options[1]:
        yield Fault("same_options", "the two options say the same")


def _doors(episode: Episode) -> Iterator[Fault]:
    """Containers are opened, then closed; surfaces are neither."""
    kinds = {one.place: one.kind for one in episode.furnishings}
    opened: Place | None = None
    for event in episode.events:
        if event.kind in ("open", "close") and kinds.get(event.place) == "surface":
            yield Fault("open_surface", f"the {_named(event.place)} is a surface, and is opened")
        if not event.done:
            continue
        if event.kind == "open":
            if opened is not None:
                yield Fault("alternation", f"the {_named(opened)} is open as another is opened")
            opened = event.place
        elif event.kind == "close":
            if opened is None or opened != event.place:
                yield Fault("alternation", f"the {_named(event.place)} is closed, and was not open")
            opened = None
        elif event.kind in ("walk", "enter") and opened is not None:
            yield Fault("alternation", f"the {_named(opened)} is left open")
            opened = None


def _start(episode: Episode) -> Iterator[Fault]:
    kinds = [event.kind for event in episode.events]
    if not kinds:
        yield Fault("no_events", "nothing is told that the person did")
    elif kinds[0] != "start":
        yield Fault("no_start", "no event tells where the person is at first")
    elif kinds == ["start"]:
        yield Fault("no_events", "nothing is told that the person did")
    for event in episode.events[:-1]:
        if not event.done:
            yield Fault("not_last", f"{event.kind} is said to be about to happen, and more follows")


def _closeness(episode: Episode) -> Iterator[Fault]:
    """What is opened is near at some time, where what is near is known."""
    if not any(episode.nearby):
        return
    near = {name for step in episode.nearby for name in step}
    for place in dict.fromkeys(_opened(episode.events)):
        if place.name.split()[-1] not in near:
            yield Fault("never_near", f"the {_named(place)} is opened, and is near at no time step")


def _across(episodes: Sequence[Episode]) -> Iterator[tuple[str, Fault]]:
    """Questions about one episode tell of the same apartment and of the same beginning."""
    clusters: defaultdict[tuple[str, str], list[Episode]] = defaultdict(list)
    for episode in episodes:
        clusters[episode.theme, episode.cluster].append(episode)
    for members in clusters.values():
        if len(members) > 1:
            yield from _contents(members)
            yield from _order(members)


def _contents(members: Sequence[Episode]) -> Iterator[tuple[str, Fault]]:
    """Contents that differ from what most of the questions tell; a draw blames nobody."""
    told: defaultdict[Place, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for episode in members:
        for one in episode.furnishings:
            told[one.place][tuple(sorted(one.contents))] += 1
    for episode in members:
        for one in episode.furnishings:
            own = tuple(sorted(one.contents))
            usual, count = told[one.place].most_common(1)[0]
            if own != usual and count > told[one.place][own]:
                what = f"the {_named(one.place)} holds {_listed(own)}; elsewhere {_listed(usual)}"
                yield episode.id, Fault("contents_differ", what)
        for place, counts in told.items():
            if place not in episode.places and counts.total() > len(members) / 2:
                what = f"the {_named(place)} is not told of, and is elsewhere"
                yield episode.id, Fault("contents_differ", what)


def _order(members: Sequence[Episode]) -> Iterator[tuple[str, Fault]]:
    """The longer story of an episode begins with what the shorter one tells was opened."""
    ranked = sorted(members, key=lambda one: (len(list(_opened(one.events))), one.id))
    for shorter, longer in pairwise(ranked):
        first, second = list(_opened(shorter.events)), list(_opened(longer.events))
        if second[: len(first)] != first:
            at = next(
                n for n, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]
            )
            what = (
                f"number {at + 1} that is opened is the {_named(second[at])}; "
                f"in {shorter.id} it is the {_named(first[at])}"
            )
            yield longer.id, Fault("opened_order", what)


def _opened(events: Sequence[Event]) -> Iterator[Place]:
    for event in events:
        if event.kind == "open" and event.done and event.place is not None:
            yield event.place


def _all_things(episode: Episode) -> set[str]:
    return {thing for one in episode.furnishings for thing in one.contents}


def _named(place: Place | None) -> str:
    return (
        "unknown place" if place is None else f"{place.name} of the {place.room or 'unknown room'}"
    )


def _listed(things: Sequence[str]) -> str:
    return ", ".join(things) or "nothing"
