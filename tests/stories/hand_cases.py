"""Stories whose beliefs are calculated by hand from the rules in `docs/stories.md`."""

from dataclasses import dataclass, replace

from tombench.stories.events import (
    AWAY,
    Agent,
    Attend,
    Container,
    Distract,
    Enter,
    Event,
    Exit,
    Fill,
    Look,
    Move,
    Peek,
    Plot,
    ReadLabel,
    Setting,
    Swap,
    Tell,
    Variable,
)


@dataclass(frozen=True)
class Case:
    """A story and what its agents believe about `subject` in the end."""

    name: str
    plot: Plot
    subject: str
    expected: dict[tuple[str, ...], frozenset[str]]  # chain -> values


KITCHEN = "kitchen"
PLACES = ("basket", "box", "drawer")


def ball(*agents: str, away: str = "", transparent: str = "", places: int = 2) -> Setting:
    """A ball in the basket, in a kitchen where the agents are."""
    people = tuple(Agent(name, AWAY if name == away else KITCHEN) for name in agents)
    containers = tuple(Container(name, KITCHEN, name == transparent) for name in PLACES[:places])
    return Setting(people, containers, (Variable("ball", PLACES[:places], "basket"),))


def tin(*agents: str, label: str | None = None, readable: bool = True) -> Setting:
    """A tin full of pencils, in a kitchen where the agents are."""
    people = tuple(Agent(name, KITCHEN) for name in agents)
    containers = (Container("tin", KITCHEN, label=label, readable=readable),)
    return Setting(people, containers, (Variable("tin", ("sweets", "pencils"), "pencils"),))


def case(
    name: str, setting: Setting, events: tuple[Event, ...], expected: str, subject: str = ""
) -> Case:
    """About the setting's first variable, or that of `subject`.

    `expected` names chains and values: "= box; Anna Ben = basket box" says that the box is true
    and that Anna thinks that Ben thinks one or the other.
    """
    found = {}
    for part in expected.split("; "):
        chain, _, values = part.partition("=")
        found[tuple(chain.split())] = frozenset(values.split())
    return Case(name, Plot(setting, events), subject or setting.variables[0].subject, found)


KNOWN = (Move("Sally", "ball", "basket"), Exit("Sally"))
SALLY_LEFT = (*KNOWN, Move("Anne", "ball", "box"))
BEN_PEEKS = (Move("Anna", "ball", "basket"), Exit("Ben"), Peek("Ben", KITCHEN))
NOTICED = (Distract("Ben"), Move("Anna", "ball", "box"))
LABELLED = tin("Anna", "Ben", label="sweets")
READS, LOOKS = ReadLabel("Ben", "tin"), Look("Ben", "tin")
LIE = Tell("Anna", "Ben", "tin", "sweets", private=False)
PHONE = Tell("Anne", "Sally", "ball", "box")
CLEO_PEEKS = (Exit("Cleo"), Peek("Cleo", KITCHEN))
JARS = Setting(
    (Agent("Anna", KITCHEN), Agent("Ben", KITCHEN)),
    (Container("jar", KITCHEN), Container("mug", KITCHEN)),
    (Variable("jar", ("tea", "sweets"), "tea"), Variable("mug", ("tea", "sweets"), "sweets")),
)
JARS_SWAPPED = (Look("Ben", "jar"), Swap("Anna", "jar", "mug"))
THREE_MOVES = (
    *(Move("Anna", "ball", "basket"), *CLEO_PEEKS, Move("Ben", "ball", "box")),
    *(Exit("Anna"), Move("Ben", "ball", "drawer")),
)

CASES = (
    case(
        "Sally-Anne",
        ball("Sally", "Anne"),
        SALLY_LEFT,
        "= box; Sally = basket; Anne = box; Anne Sally = basket; Sally Anne = basket; "
        "Anne Sally Anne = basket; Sally Anne Sally = basket",
    ),
    case(
        "peeking at a transparent box",
        ball("Anna", "Ben", away="Ben", transparent="box"),
        (Peek("Ben", KITCHEN),),
        "Ben = basket; Ben Ben = basket; Anna Ben = basket box; Ben Anna = basket box",
    ),
    case(
        "unexpected contents",
        LABELLED,
        (READS,),
        "= pencils; Ben = sweets; Anna = sweets pencils; Anna Ben = sweets; "
        "Ben Anna = sweets pencils; Ben Anna Ben = sweets",
    ),
    case(
        "looked inside, then read",
        LABELLED,
        (LOOKS, READS),
        "Ben = pencils; Anna = sweets pencils; Anna Ben = sweets pencils; "
        "Ben Anna = sweets pencils; Ben Anna Ben = sweets pencils",
    ),
    case(
        "read, then looked inside",
        LABELLED,
        (READS, LOOKS),
        "Ben = pencils; Anna = sweets pencils; Anna Ben = sweets pencils",
    ),
    case(
        "unreadable label",
        tin("Anna", "Ben", label="sweets", readable=False),
        (READS,),
        "= pencils; Ben = sweets pencils; Anna Ben = sweets pencils",
    ),
    case(
        "filled in absence",
        tin("Anna", "Ben"),
        (LOOKS, Exit("Ben"), Fill("Anna", "tin", "sweets")),
        "Ben = pencils; Anna = sweets; Anna Ben = sweets pencils; Ben Anna = sweets pencils",
    ),
    case(
        "informed by phone",
        ball("Sally", "Anne"),
        (*SALLY_LEFT, PHONE),
        "Sally = box; Anne Sally = box; Sally Anne = box; Anne Sally Anne = box",
    ),
    case(
        "a lie",
        ball("Sally", "Anne"),
        (*KNOWN, PHONE),
        "= basket; Sally = box; Anne = basket; Anne Sally = box; Sally Anne = box; "
        "Anne Sally Anne = box; Sally Anne Sally = box",
    ),
    case(
        "a lie that is not believed",
        ball("Sally", "Anne"),
        (*KNOWN, replace(PHONE, trusted=False)),
        "Sally = basket; Anne = basket; Anne Sally = basket; Sally Anne = basket",
    ),
    case(
        "a bystander without a belief",
        tin("Anna", "Ben", "Cleo"),
        (Look("Anna", "tin"), LIE),
        "Anna = pencils; Ben = sweets; Cleo = sweets; Cleo Anna = sweets; Anna Cleo = sweets; "
        "Ben Cleo = sweets; Ben Anna = sweets; Anna Ben Anna = sweets",
    ),
    case(
        "a bystander with a belief",
        tin("Anna", "Ben", "Cleo"),
        (Look("Anna", "tin"), Look("Cleo", "tin"), LIE),
        "Anna = pencils; Ben = sweets; Cleo = pencils; Cleo Anna = pencils; "
        "Cleo Ben = sweets; Ben Cleo = sweets; Anna Cleo = pencils; Cleo Ben Cleo = sweets",
    ),
    case(
        "a bystander of whom the speaker knows only that they know",
        tin("Anna", "Ben", "Cleo"),
        (Look("Cleo", "tin"), LIE),
        "Anna = sweets pencils; Cleo = pencils; Anna Cleo = sweets pencils; "
        "Anna Ben = sweets; Cleo Anna = sweets pencils; Ben Anna = sweets",
    ),
    case(
        "peeking",
        ball("Anna", "Ben"),
        (*BEN_PEEKS, Move("Anna", "ball", "box")),
        "Ben = box; Anna = box; Anna Ben = basket; Ben Anna = box; Ben Anna Ben = basket; "
        "Anna Ben Anna = basket; Ben Ben = box",
    ),
    case(
        "two who peek know nothing of each other",
        ball("Anna", "Ben", "Cleo"),
        (*BEN_PEEKS, *CLEO_PEEKS, Move("Anna", "ball", "box")),
        "Ben = box; Cleo = box; Ben Cleo = basket; Cleo Ben = basket; Ben Anna Cleo = basket",
    ),
    case(
        "who peeks hears nothing",
        tin("Anna", "Ben", "Cleo"),
        (*CLEO_PEEKS, LIE),
        "Ben = sweets; Cleo = sweets pencils; Cleo Ben = sweets pencils",
    ),
    case(
        "distracted",
        ball("Anna", "Ben"),
        (Look("Ben", "basket"), *NOTICED),
        "Ben = basket; Anna = box; Anna Ben = basket box; Ben Anna = basket box",
    ),
    case(
        "attentive again, and nobody noticed how the ball got there",
        ball("Anna", "Ben", transparent="box"),
        (*NOTICED, Attend("Ben")),
        "= box; Ben = box; Anna = box; Anna Ben = box; Ben Anna = basket",
    ),
    case(
        "swap of contents, one of them known",
        JARS,
        JARS_SWAPPED,
        "= tea; Anna = tea; Ben = tea; Ben Anna = tea; Anna Ben = tea",
        subject="mug",
    ),
    case(
        "swap of contents, one of them unknown",
        JARS,
        JARS_SWAPPED,
        "= sweets; Anna = sweets; Ben = tea sweets; Ben Anna = tea sweets; Anna Ben = tea sweets",
        subject="jar",
    ),
    case(
        "swap in absence",
        ball("Sally", "Anne"),
        (*KNOWN, Swap("Anne", "box", "basket")),
        "= box; Sally = basket; Anne = box; Sally Anne = basket; Anne Sally = basket",
    ),
    case(
        "transparent, and one comes who was not there when the other saw it",
        ball("Anna", "Ben", "Cleo", away="Ben", transparent="box"),
        (Enter("Ben", KITCHEN),),
        "Ben = basket; Anna = basket; Anna Ben = basket; Ben Anna = basket box; "
        "Cleo Anna Cleo = basket; Anna Ben Cleo = basket box",
    ),
    case(
        "looks for it where it was",
        ball("Sally", "Anne", places=3),
        (*SALLY_LEFT, Enter("Sally", KITCHEN), Look("Sally", "basket")),
        "Sally = box drawer; Anne = box; Anne Sally = box drawer; Sally Anne = basket; "
        "Sally Sally = box drawer",
    ),
    case(
        "third order",
        ball("Anna", "Ben", "Cleo", places=3),
        THREE_MOVES,
        "= drawer; Cleo = drawer; Cleo Anna = box; Cleo Anna Cleo = basket; "
        "Cleo Anna Ben = box; Cleo Ben Anna = box; Cleo Ben Cleo = basket; "
        "Ben Anna Cleo = basket; Ben Cleo = basket; Anna Ben Cleo = basket; Anna = box; "
        "Ben Anna Ben = box; Ben Cleo Anna = basket",
    ),
)
