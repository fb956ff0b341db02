"""Who is where, who perceives an event, and which plots are possible."""

from collections.abc import Iterator
from dataclasses import replace

from tombench.stories.events import (
    AWAY,
    Attend,
    Audience,
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
    Whereabouts,
    actor,
)


def at_first(setting: Setting) -> Whereabouts:
    """Before the first event."""
    return Whereabouts({a.name: a.room for a in setting.agents}, {}, frozenset())


def after(where: Whereabouts, event: Event) -> Whereabouts:
    """After one more event."""
    match event:
        case Enter(agent, room):
            return _moved(where, agent, room)
        case Exit(agent):
            return _moved(where, agent, AWAY)
        case Peek(agent, room):
            return replace(where, peeking={**where.peeking, agent: room})
        case Distract(agent):
            return replace(where, distracted=where.distracted | {agent})
        case Attend(agent):
            return replace(where, distracted=where.distracted - {agent})
    return where


def _moved(where: Whereabouts, agent: str, room: str) -> Whereabouts:
    peeking = {name: seen for name, seen in where.peeking.items() if name != agent}
    return Whereabouts({**where.room, agent: room}, peeking, where.distracted - {agent})


def audience(event: Event, before: Whereabouts) -> Audience:
    """Who perceives an event, given the whereabouts before it."""
    match event:
        case Tell(speaker, hearer, private=True):
            return Audience(frozenset({speaker, hearer}))
        case Peek(agent):
            return Audience(frozenset(), frozenset({agent}))
        case Enter() | Attend():
            before = after(before, event)
    room = before.room[actor(event)]
    if room == AWAY:
        return Audience(frozenset({actor(event)}))
    there = {name for name, place in before.room.items() if place == room}
    group = frozenset(there - before.distracted | {actor(event)})
    if isinstance(event, Tell):
        return Audience(group)
    return Audience(group, frozenset(n for n, seen in before.peeking.items() if seen == room))


def timeline(plot: Plot) -> Iterator[tuple[Event, Whereabouts, Audience]]:
    """Each event with the whereabouts before it and its audience."""
    where = at_first(plot.setting)
    for event in plot.events:
        yield event, where, audience(event, where)
        where = after(where, event)


def check(plot: Plot) -> None:
    """Raise ValueError for the first event that cannot happen: "event 3: why"."""
    for variable in plot.setting.variables:
        if variable.initial not in variable.values:
            raise ValueError(f"'{variable.initial}' is no value of '{variable.subject}'")
    for number, event in enumerate(plot.events):
        if why := _unknown(plot.setting, event):
            raise ValueError(f"event {number}: {why} ({event})")
    facts = {v.subject: v.initial for v in plot.setting.variables}
    for number, (event, where, heard) in enumerate(timeline(plot)):
        why = _obstacle(plot.setting, event, where, heard, facts)
        if why:
            raise ValueError(f"event {number}: {why} ({event})")
        _happen(plot.setting, event, facts)


def _unknown(setting: Setting, event: Event) -> str | None:
    """Which name in the event is not one of the setting's."""
    named: dict[str, set[str]] = {
        "agent": {agent.name for agent in setting.agents},
        "container": {container.name for container in setting.containers},
        "subject": {variable.subject for variable in setting.variables},
        "room": {c.room for c in setting.containers} | {agent.room for agent in setting.agents},
    }
    same = {"speaker": "agent", "hearer": "agent", "thing": "subject"}
    same |= {"first": "container", "second": "container"}
    for field, value in vars(event).items():
        known = named.get(same.get(field, field))
        if known is not None and value not in known:
            return f"there is no {same.get(field, field)} '{value}'"
    return None


def facts_after(plot: Plot) -> dict[str, str]:
    """What is true in the end, by subject."""
    facts = {v.subject: v.initial for v in plot.setting.variables}
    for event in plot.events:
        _happen(plot.setting, event, facts)
    return facts


def _happen(setting: Setting, event: Event, facts: dict[str, str]) -> None:
    match event:
        case Move(_, thing, to):
            facts[thing] = to
        case Fill(_, container, value):
            facts[container] = value
        case Swap(_, first, second):
            facts.update(swapped(setting, facts, first, second))


def swapped(setting: Setting, facts: dict[str, str], first: str, second: str) -> dict[str, str]:
    """The facts that change when two containers exchange what they hold."""
    other = {first: second, second: first}
    found = {s: other[v] for s, v in facts.items() if setting.is_place(s) and v in other}
    return found | {s: facts[other[s]] for s in other if s in facts and other[s] in facts}


def _obstacle(
    setting: Setting, event: Event, where: Whereabouts, heard: Audience, facts: dict[str, str]
) -> str | None:
    """Why the event cannot happen; None where it can."""
    who = actor(event)
    room = where.room.get(who)
    if room is None:
        return f"{who} is not in the story"
    match event:
        case Enter(_, to):
            return f"{who} is there already" if room == to or to == AWAY else None
        case Exit():
            return None if room != AWAY or who in where.peeking else f"{who} is away already"
        case Peek():
            return None if room == AWAY else f"{who} is in a room"
        case Distract():
            return f"{who} is in no room" if room == AWAY else None
        case Attend():
            return None if who in where.distracted else f"{who} is not distracted"
        case Nothing():
            return None
        case Tell():
            return _untold(setting, event, heard)
    return _unreachable(setting, event, where, facts)


def _untold(setting: Setting, event: Tell, heard: Audience) -> str | None:
    if event.speaker == event.hearer or event.hearer not in heard.group:
        return f"{event.hearer} does not hear {event.speaker}"
    if event.value not in setting.variable(event.subject).values:
        return f"'{event.value}' is no value of '{event.subject}'"
    return None


def _unreachable(
    setting: Setting, event: Event, where: Whereabouts, facts: dict[str, str]
) -> str | None:
    """What is in the way of one who handles containers."""
    who = actor(event)
    if who in where.distracted:
        return f"{who} is distracted"
    touched = {
        Move: lambda: (event.to, facts[event.thing]),
        Fill: lambda: (event.container,),
        Look: lambda: (event.container,),
        ReadLabel: lambda: (event.container,),
        Swap: lambda: (event.first, event.second),
    }[type(event)]()
    for name in touched:
        if setting.container(name).room != where.room[who]:
            return f"{who} is not where the {name} is"
    values = {v.subject: v.values for v in setting.variables}
    match event:
        case Move(_, thing, to) if to not in values[thing]:
            return f"'{to}' is no value of '{thing}'"
        case Fill(_, container, value) if value not in values.get(container, ()):
            return f"'{value}' is no value of '{container}'"
        case ReadLabel(_, container):
            label = setting.container(container).label
            if label is not None and label not in values.get(container, ()):
                return f"label '{label}' is no value of '{container}'"
        case Swap(_, first, second):
            return _unswappable(values, setting, first, second)
    return None


def _unswappable(
    values: dict[str, tuple[str, ...]], setting: Setting, first: str, second: str
) -> str | None:
    if set(values.get(first, ())) != set(values.get(second, ())):
        return f"what '{first}' and '{second}' may hold differs"
    for subject, places in values.items():
        if setting.is_place(subject) and len({first, second} & set(places)) == 1:
            return f"'{subject}' may be in one of '{first}' and '{second}' alone"
    return None
