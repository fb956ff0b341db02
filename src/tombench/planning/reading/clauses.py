"""Clauses of a description: sentences, what the clause is about, which words may be its verb."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tombench.planning.episode import Place
from tombench.planning.reading.groups import Item, ThingNoun

_DOING = frozenset({"walk", "open", "close", "grab", "leave", "continue", "about"})
VERBAL = frozenset({"verb", "unknown", "measure", *_DOING})
"""Kinds of words that may be the verb of a description."""

PASSED = frozenset({"glue", "definite", "indefinite", "all", "both", "each", "other", "to", "same"})
"""Kinds of words that may stand between a preposition, or a verb, and its noun."""


@dataclass
class Clause:
    """What is being said, so far."""

    subject: list[Place] = field(default_factory=list)  # where things go that have no own place
    held: bool = False  # the subject is said to hold things: "the stove holds"
    excepted: set[Place] = field(default_factory=set)
    excepting: bool = False
    alike: bool = False  # "so does": what is said next is as the last was
    told: bool = False  # something was put into the subject
    spare: list[Place] = field(default_factory=list)  # the subject before "there is"
    with_list: bool = False  # after "with": things go where it is said of them, all of them


def sentences(items: Sequence[Item]) -> list[list[Item]]:
    """Items between full stops."""
    found: list[list[Item]] = [[]]
    for item in items:
        if item.kind == "stop":
            found.append([])
        else:
            found[-1].append(item)
    return [sentence for sentence in found if sentence]


def last_join(things: Sequence[ThingNoun]) -> int:
    """Where the last of a list begins that may begin a clause: after ", and" if there is one."""
    for joiner in (", and", "and", ","):
        found = [at for at, thing in enumerate(things) if at and thing.joiner == joiner]
        if found:
            return found[-1]
    return len(things) - 1
