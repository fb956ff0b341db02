"""Short everyday scenes: something changes, and one person does or does not learn of it.

Version 1 of the training text for the embedded models: templates and coins, nothing proved. A
scene is a fact known to a person, a change that somebody else makes, and how the person has
access to that change; who believes what follows from the last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tombench.stories import words
from tombench.stories.words import Person


@dataclass(frozen=True)
class Change:
    """A fact about one subject before and after somebody changed it: "the ball" "in the box"."""

    plot: str  # place, contents, state, plan
    subject: str
    plural: bool
    before: str  # predicate at first
    after: str  # predicate from the change on
    start: str  # sentence from which the observer knows `before`
    event: str  # what the actor did, past tense, without the actor

    def clause(self, predicate: str, tense: str = "now") -> str:
        """The subject with a predicate: "the ball is in the box"; `tense` is "now" or "past"."""
        return f"{self.subject} {self.be(tense)} {predicate}"

    def be(self, tense: str = "now") -> str:
        """is, are, was or were."""
        if tense == "past":
            return "were" if self.plural else "was"
        return "are" if self.plural else "is"


@dataclass(frozen=True)
class Access:
    """How the observer gets to know of the change, or fails to.

    Templates know {a} the observer, {she} {her}, {b} the actor, {room}, {other} and {errand}.
    """

    informed: bool  # knows of the change in the end
    present: bool  # in the room at the change
    saw: bool  # saw it with their own eyes
    before: str  # told before the change
    after: str  # told after it
    why: str  # the reason in one sentence


ACCESSES = (
    Access(False, False, False, "{a} went to the {other}.", "", "{a} was in the {other}."),
    Access(False, False, False, "{a} left the {room} to {errand}.", "", "{a} left the {room}."),
    Access(
        False, False, False, "{a} took a nap in the {other}.", "{a} did not wake up.",
        "{a} was asleep in the {other}.",
    ),
    Access(
        False, False, False, "{a} went to the {other}.",
        "{b} wrote {her} a message, but {she} did not read it.", "{a} did not read the message.",
    ),
    Access(
        False, True, False, "{a} was in the {room}, but {she} was reading.",
        "{a} noticed nothing.", "{a} was reading and noticed nothing.",
    ),
    Access(
        False, True, False, "{a} stayed in the {room} and talked on the phone.",
        "{a} did not look up.", "{a} did not look up from the phone.",
    ),
    Access(
        True, True, True, "{a} stayed in the {room}.", "{a} watched {b}.",
        "{a} watched {b} in the {room}.",
    ),
    Access(
        True, True, True, "{a} was in the {room} and was reading.",
        "{a} looked up and saw it.", "{a} looked up from the book and saw it.",
    ),
    Access(
        True, True, True, "{a} went to the {other}, but soon {she} was back.",
        "{a} saw it all.", "{a} was back in the {room} and saw it.",
    ),
    Access(
        True, False, True, "{a} went to the {other}.", "{a} saw it through the open door.",
        "{a} saw it from the {other}.",
    ),
    Access(
        True, False, False, "{a} left the {room} to {errand}.",
        "{b} wrote {her} a message, and {she} read it.", "{a} read the message.",
    ),
    Access(
        True, False, False, "{a} went to the {other}.", "{b} called {her} and told {her} about it.",
        "{b} told {a} about it.",
    ),
)  # fmt: skip
"""Either sort has people who leave, stay, read and get messages: no single word gives it away."""


@dataclass(frozen=True)
class Scene:
    """A story with its key: who observes, what changed, and how the observer has access."""

    observer: Person
    actor: Person
    room: str
    change: Change
    access: Access  # its templates filled in
    story: str

    @property
    def believed(self) -> str:
        """The predicate that the observer believes in the end."""
        return self.change.after if self.access.informed else self.change.before

    @property
    def moment(self) -> str:
        """When the question is asked, from the observer's point of view."""
        return "In the evening" if self.access.present else f"When {self.observer.name} returns"

    @property
    def they(self) -> str:
        """The observer by pronoun, or by name where a pronoun could mean the actor."""
        observer, actor = self.observer, self.actor
        return observer.name if observer.they == actor.they else observer.they


def _place(rng: Random, who: str) -> Change:
    thing, (before, after) = words.draw_thing(rng), words.draw_places(rng, 2)
    subject, it = f"the {thing.text}", "them" if thing.plural else "it"
    start = rng.choice((f"{who} put {subject} {before}.", f"{who} left {subject} {before}."))
    event = rng.choice((f"took {subject} and put {it} {after}", f"put {subject} {after}"))
    return Change("place", subject, thing.plural, before, after, start, event)


def _contents(rng: Random, who: str) -> Change:
    container = f"the {rng.choice(words.CONTAINERS)}"
    first, second = rng.sample(words.FILLINGS, 2)
    filled = f"{who} filled {container} with {first}."
    label = f"The label on {container} said {first}, and {who} read the label."
    event = f"took out the {first} and filled {container} with {second}"
    before, after = f"full of {first}", f"full of {second}"
    return Change("contents", container, False, before, after, rng.choice((filled, label)), event)


def _state(rng: Random, who: str) -> Change:
    noun, before, event, after = rng.choice(words.STATES)
    seen = f"{who} saw that the {noun} was {before}."
    known = f"The {noun} was {before}, and {who} knew it."
    return Change("state", f"the {noun}", False, before, after, rng.choice((seen, known)), event)


def _plan(rng: Random, who: str) -> Change:
    subject = f"the {rng.choice(words.OCCASIONS)}"
    unit, sort = rng.choice(((words.HOURS, "at"), (words.DAYS, "on")))
    first, second = rng.sample(unit, 2)
    start = rng.choice(
        (f"{who} heard that {subject} was {sort} {first}.", f"{who} planned {subject} for {first}.")
    )
    event = f"moved {subject} to {second}"
    return Change("plan", subject, False, f"{sort} {first}", f"{sort} {second}", start, event)


PLOTS: tuple[Callable[[Random, str], Change], ...] = (_place, _place, _contents, _state, _plan)


def draw_scene(rng: Random, accesses: tuple[Access, ...]) -> Scene:
    """A scene whose observer has one of `accesses`, all as likely."""
    observer, actor = words.draw_people(rng, 2)
    room = rng.choice(words.ROOMS)
    slots = {
        "a": observer.name,
        "she": observer.they,
        "her": observer.them,
        "b": actor.name,
        "room": room,
        "other": rng.choice([place for place in words.ROOMS + words.OUTSIDE if place != room]),
        "errand": rng.choice(words.ERRANDS),
    }
    chosen = rng.choice(accesses)
    access = Access(
        chosen.informed,
        chosen.present,
        chosen.saw,
        chosen.before.format(**slots),
        chosen.after.format(**slots),
        chosen.why.format(**slots),
    )
    change = rng.choice(PLOTS)(rng, observer.name)
    return Scene(observer, actor, room, change, access, _story(rng, slots, change, access))


def _story(rng: Random, slots: dict[str, str], change: Change, access: Access) -> str:
    """The scene in order: setting, first fact, access, change, access, an ending."""
    a, b, room = slots["a"], slots["b"], slots["room"]
    settings = [f"{a} and {b} were in the {room}.", f"{b} and {a} were in the {room}."]
    if room in access.before:
        settings.append("")
    openings = ["Then", "After that,", "A little later,"]
    if not access.present:
        openings += [f"While {a} was away,", f"While {slots['she']} was gone,"]
    event = f"{rng.choice(openings)} {b} {change.event}."
    ending = rng.choice(("", "In the evening they were both tired."))
    if not access.present:
        ending = rng.choice(("", f"Later {a} came back.", f"Soon {a} came back to the {room}."))
    parts = (rng.choice(settings), change.start, access.before, event, access.after, ending)
    return " ".join(part for part in parts if part)
