"""A text together with what was seen: what the text leaves open is filled in, and told apart.

Where text and sight disagree the text stays, and a fault tells of it; every fact keeps its source.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tombench.planning.episode import Episode, Fault, Furnishing, Place, opened_places
from tombench.planning.reading.scene import nth, undescribed
from tombench.planning.reading.scene_graph import Seen

Nearby = tuple[tuple[str, ...], ...]
"""By time step, classes within a metre."""


def fused(episode: Episode, seen: Seen | Nearby) -> Episode:
    """An episode that was read from a text, with scene graphs or lists of what was near."""
    if not isinstance(seen, Seen):
        return replace(episode, nearby=seen)
    furnishings = _as_numbered(episode, seen.furnishings)
    known = {one.place: one for one in furnishings}
    own = tuple(_filled(episode, one, known.get(one.place)) for one in episode.furnishings)
    added = tuple(one for one in furnishings if one.place not in set(episode.places))
    faults = dict.fromkeys((*episode.faults, *_disagreements(episode, known, seen)))
    rooms = dict.fromkeys((*episode.rooms, *seen.rooms))
    return replace(
        episode,
        rooms=tuple(rooms),
        furnishings=own + added,
        events=episode.events or seen.events,
        nearby=seen.nearby,
        faults=tuple(faults),
    )


def _silent(episode: Episode, one: Furnishing) -> bool:
    """Does the text say nothing about what is there? Of an empty surface it never does."""
    told = one.contents or (
        one.kind == "container" and undescribed(one.place) not in episode.faults
    )
    return not told


def _filled(episode: Episode, one: Furnishing, seen: Furnishing | None) -> Furnishing:
    return seen if seen is not None and seen.contents and _silent(episode, one) else one


def _as_numbered(episode: Episode, seen: Sequence[Furnishing]) -> tuple[Furnishing, ...]:
    """From which side a text counts is not known; taken is the one that agrees better with it."""
    told = {one.place: tuple(sorted(one.contents)) for one in episode.furnishings}
    ways = [tuple(seen), tuple(_mirrored(seen))]
    return min(ways, key=lambda way: sum(_differs(told, one) for one in way))


def _differs(told: dict[Place, tuple[str, ...]], one: Furnishing) -> bool:
    return one.place in told and told[one.place] != tuple(sorted(one.contents))


def _mirrored(seen: Sequence[Furnishing]) -> Iterator[Furnishing]:
    """The last numbered place first."""
    groups: dict[tuple[str, str], int] = {}  # (room, class): how many are numbered
    for place in (one.place for one in seen if one.place.number is not None):
        groups[place.room, place.class_name] = groups.get((place.room, place.class_name), 0) + 1
    for one in seen:
        room, name, number = one.place.room, one.place.class_name, one.place.number
        if number is None:
            yield one
        else:
            mirrored = groups[room, name] + 1 - number
            yield replace(one, place=Place(room, f"{nth(mirrored)} {name}"))


def _disagreements(episode: Episode, known: dict[Place, Furnishing], seen: Seen) -> Iterator[Fault]:
    for one in episode.furnishings:
        other = known.get(one.place)
        where = f"the {one.place.told}"
        if other is None:
            yield Fault("seen_places", f"{where} is told of, and not seen")
        elif sorted(one.contents) != sorted(other.contents) and not _silent(episode, one):
            told, shown = (", ".join(sorted(x.contents)) or "nothing" for x in (one, other))
            yield Fault(
                "seen_contents", f"{where} holds {told} in the text, and is seen with {shown}"
            )
    for place in known:
        if place not in episode.places:
            yield Fault("seen_places", f"the {place.told} is seen, and not told of")
    opened, shown = opened_places(episode.events), opened_places(seen.events)
    if shown[: len(opened)] != opened:
        names = [", ".join(place.name for place in way) or "nothing" for way in (opened, shown)]
        yield Fault("seen_events", f"opened are {names[0]} in the text, and {names[1]} are seen")
    rooms = [event.room for event in episode.events[:1] if event.kind == "start"]
    if rooms and seen.whereabouts and rooms[0] != seen.whereabouts[0]:
        what = f"the person begins in the {rooms[0]}, and is seen in the {seen.whereabouts[0]}"
        yield Fault("seen_events", what)
