"""A plot to English text in one voice: tense, style and wordings are the same in all cells."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Literal

from tombench.stories.events import (
    Attend,
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
    actor,
)
from tombench.stories.lexicon import Person
from tombench.stories.renderings import RENDERINGS, Style
from tombench.stories.whereabouts import swapped, timeline
from tombench.stories.words import ERRANDS, OUTSIDE

Tense = Literal["past", "present"]
Wordings = Literal["training", "held_out"]
ALIKE = {"put_back": "move"}  # sorts whose lists of wordings are parallel
PLACES = ALIKE | {"not_look": "look"}  # sorts in one another's place in the cells of a set
FIXED = ('"', "The ", "In ", "It ", "Unseen")  # how sentences begin that take none
CONNECTIVES = ("Then ", "After that, ", "Later ")
CONNECTIVE_SHARE = 0.15  # of the sentences that may have one


@dataclass(frozen=True)
class Voice:
    """How a story is told. Everything follows from the seed, so all cells are told alike."""

    seed: str
    tense: Tense
    style: Style
    wordings: Wordings
    people: Mapping[str, Person] = field(hash=False)
    surfaces: frozenset[str] = frozenset()  # of the containers: "on" in place of "in"
    introduced: bool = True  # containers are named before anything happens
    matched: bool = False  # cells of a contrast set have the same connectives in the same places

    def chosen(self, what: str, count: int) -> int:
        """A number below `count` that depends on what is asked alone."""
        return Random(f"{self.seed}/{what}").randrange(count)

    def put(self, sort: str, slots: Mapping[str, str], key: str = "") -> str:
        """A sentence of a sort; `key` lets two of one sort differ in wording."""
        options = _options(sort, self.wordings, self.style, self.tense)
        chosen = self.chosen(f"{ALIKE.get(sort, sort)}/{key}", len(options))
        return options[chosen].format_map(slots)

    def at(self, container: str) -> str:
        """ "in the box", "on the shelf"."""
        return f"{'on' if container in self.surfaces else 'in'} the {container}"


@cache
def _options(sort: str, wordings: Wordings, style: Style, tense: Tense) -> tuple[str, ...]:
    """The templates of a sort in a tense; narrative ones where a style has none of its own."""
    known = RENDERINGS[sort]
    spoken = [r for r in known if r.style == style != "narrative"]
    told = [r for r in known if r.style == "narrative" and r.held_out == (wordings == "held_out")]
    return tuple(in_tense(r.text, tense) for r in spoken or told)


def in_tense(template: str, tense: Tense) -> str:
    """ "[put|puts]" as "put" or "puts"."""
    number = 1 if tense == "past" else 2
    return re.sub(r"\[([^|]*)\|([^]]*)\]", lambda found: found[number], template)


def tell(plot: Plot, voice: Voice) -> str:
    """The plot's setting, then a sentence an event."""
    return " ".join([*opening(plot, voice), *happenings(plot, voice)])


def opening(plot: Plot, voice: Voice) -> list[str]:
    """Who is where, which containers there are, and what the reader alone is told of them."""
    setting = plot.setting
    sentences = []
    rooms = dict.fromkeys(a.room for a in setting.agents if a.room)
    for room in rooms:
        names = [a.name for a in setting.agents if a.room == room]
        sort = {1: "alone", 2: "together", 3: "three"}[len(names)]
        slots = dict(zip("abc", names, strict=False)) | {"room": room}
        sentences.append(voice.put(sort, slots))
    holders = [v.subject for v in setting.variables if not setting.is_place(v.subject)]
    if voice.introduced:
        sentences += _containers(setting, voice)
    glass = [c.name for c in setting.containers if c.transparent and c.name not in voice.surfaces]
    for first, second in zip(glass[::2], [*glass[1::2], ""], strict=False):
        sort = "glass" if second else "glass_one"
        sentences.append(voice.put(sort, {"p": first, "q": second}))
    for name in holders:
        sentences += _held(setting, name, voice)
    return sentences


def _containers(setting: Setting, voice: Voice) -> list[str]:
    """Pairs of containers, room by room, in an order of the voice's own."""
    found = []
    for room in dict.fromkeys(c.room for c in setting.containers):
        names = sorted(c.name for c in setting.containers if c.room == room)
        if voice.chosen(f"order/{room}", 2):
            names.reverse()
        for first, second in zip(names[::2], [*names[1::2], ""], strict=False):
            sort = "containers" if second else "container"
            found.append(voice.put(sort, {"p": first, "q": second, "room": room}))
    return found


def _held(setting: Setting, name: str, voice: Voice) -> list[str]:
    """What a container holds at first, and what its label says."""
    container, value = setting.container(name), setting.variable(name).initial
    sentences = [voice.put("full", {"p": name, "v": value})]
    if container.label is not None:
        sort = "label" if container.readable else "label_unreadable"
        sentences.append(voice.put(sort, {"p": name, "v": container.label}))
    return sentences


def happenings(plot: Plot, voice: Voice) -> list[str]:
    """A sentence for each event."""
    facts = {v.subject: v.initial for v in plot.setting.variables}
    been = {(a.name, a.room) for a in plot.setting.agents}
    placed: set[str] = set()
    sentences = []
    for event, before, _ in timeline(plot):
        room = before.room[actor(event)]
        sort, slots = _sort_and_slots(event, facts, placed, been, room)
        slots |= _people(event, voice)
        if "claim" in slots:
            slots["claim"] = claim(plot.setting, event, voice)
        if target := slots.get("q") or slots.get("p"):
            on = target in voice.surfaces
            slots |= {"in": "on" if on else "in"}
            slots |= {"out": "off" if slots["p"] in voice.surfaces else "out of"}
        if sort == "exit":
            slots |= _errand(event, voice)
        sentence = voice.put(sort, slots, key=actor(event))
        sentences.append(_connected(sentence, sort, event, voice))
        _remember(plot.setting, event, facts, placed, been)
    return sentences


def _sort_and_slots(
    event: Event, facts: Mapping[str, str], placed: set[str], been: set[tuple[str, str]], room: str
) -> tuple[str, dict[str, str]]:
    """Which sort of sentence tells an event, and its nouns."""
    match event:
        case Move(_, thing, to):
            if thing not in placed:
                return "put", {"x": thing, "p": to}
            at = facts[thing]
            sort = "put_back" if at == to else "move"
            return sort, {"x": thing, "p": at, "q": to}
        case Fill(_, container, value):
            return "fill", {"p": container, "v": value}
        case Swap(_, first, second):
            return "swap", {"p": first, "q": second}
        case Look(_, container):
            return "look", {"p": container}
        case ReadLabel(_, container):
            return "read_label", {"p": container}
        case Tell(private=private, trusted=trusted):
            sort = "tell_private" if private else "tell_public"
            return sort if trusted else f"{sort}_distrusted", {"claim": ""}
        case Enter(agent, to):
            return "return" if (agent, to) in been else "enter", {"room": to}
        case Exit():
            return "exit", {"room": room or next(r for _, r in sorted(been))}
        case Peek(_, to):
            return "peek", {"room": to}
        case Nothing(_, what):
            sort, _, container = what.partition(" ")
            return sort, {"p": container} if container else {}
    return {Distract: "distract", Attend: "attend"}[type(event)], {}


def _people(event: Event, voice: Voice) -> dict[str, str]:
    person = voice.people[actor(event)]
    slots = {"a": person}
    if isinstance(event, Tell):
        slots["b"] = voice.people[event.hearer]
    return {name: _Named(who) for name, who in slots.items()}  # type: ignore[misc]


class _Named(str):
    """A name whose pronouns a template can ask for: "{a.them}"."""

    def __new__(cls, person: Person) -> "_Named":
        named = super().__new__(cls, person.name)
        named.they, named.them, named.their = person.they, person.them, person.their
        return named


def claim(setting: Setting, event: Tell, voice: Voice) -> str:
    """What is told: "the ball was in the box", "the box is full of coins"."""
    be = "was" if voice.tense == "past" else "is"
    if setting.is_place(event.subject):
        return f"the {event.subject} {be} {voice.at(event.value)}"
    return f"the {event.subject} {be} full of {event.value}"


def _errand(event: Exit, voice: Voice) -> dict[str, str]:
    return {
        "away": OUTSIDE[voice.chosen(f"away/{event.agent}", len(OUTSIDE))],
        "errand": ERRANDS[voice.chosen(f"errand/{event.agent}", len(ERRANDS))],
    }


def _connected(sentence: str, sort: str, event: Event, voice: Voice) -> str:
    """Perhaps with "Then" or the like before it, by what happens, or by its sort and actor."""
    what = f"{actor(event)}/{PLACES.get(sort, sort)}" if voice.matched else str(event)
    rng = Random(f"{voice.seed}/connective/{what}")
    if sentence.startswith(FIXED) or rng.random() > CONNECTIVE_SHARE:
        return sentence
    return rng.choice(CONNECTIVES) + sentence


def _remember(
    setting: Setting,
    event: Event,
    facts: dict[str, str],
    placed: set[str],
    been: set[tuple[str, str]],
) -> None:
    match event:
        case Move(_, thing, to):
            facts[thing] = to
            placed.add(thing)
        case Fill(_, container, value):
            facts[container] = value
        case Swap(_, first, second):
            facts.update(swapped(setting, facts, first, second))
        case Enter(agent, to):
            been.add((agent, to))
