"""What does not add up in one episode, each check by itself."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tombench.planning.episode import Episode, Fault, Place, opened_places
from tombench.planning.reading.language import HOME


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
        if place.number is not None:
            numbers[place.room, place.class_name].append(place.number)
    for (room, name), found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            told = ", ".join(str(number) for number in sorted(found))
            yield Fault("count", f"of the {name} in the {room} there are the numbers {told}")
    for place, count in Counter(episode.places).items():
        if count > 1:
            yield Fault("count", f"the {place.told} is told {count} times")


def _targets(episode: Episode) -> Iterator[Fault]:
    """Whatever the person goes to or opens is there."""
    places, things = set(episode.places), _all_things(episode)
    for event in episode.events:
        if event.place is not None and event.place not in places:
            what = f"no list has the {event.place.told}, which the person deals with"
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
            yield Fault("absent_place", f"the {place.told} is asked about, and no list has it")
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
                yield Fault("alternation", f"the {opened.told} is open as another is opened")
            opened = event.place
        elif event.kind == "close":
            if opened is None or opened != event.place:
                yield Fault("alternation", f"the {_named(event.place)} is closed, and was not open")
            opened = None
        elif event.kind in ("walk", "enter") and opened is not None:
            yield Fault("alternation", f"the {opened.told} is left open")
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
    for place in dict.fromkeys(opened_places(episode.events)):
        if place.class_name not in near:
            yield Fault("never_near", f"the {place.told} is opened, and is near at no time step")


def _all_things(episode: Episode) -> set[str]:
    return {thing for one in episode.furnishings for thing in one.contents}


def _named(place: Place | None) -> str:
    return "unknown place" if place is None else place.told
