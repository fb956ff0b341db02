"""A game in words: what each outcome pays, and what to answer.

What an action is called and which one is told of first are crossed, so that a liking for a letter,
or for what comes first, can be told from a choice.
"""

from dataclasses import dataclass
from itertools import product
from typing import Literal

from tombench.errors import UserError
from tombench.strategy.payoffs import Action, Game

Place = Literal["first", "second"]
LABELINGS = {
    "cd": ("C", "D"),
    "dc": ("D", "C"),
    "xy": ("X", "Y"),
    "yx": ("Y", "X"),
    "blue_green": ("blue", "green"),
    "green_blue": ("green", "blue"),
}
"""What the first and the second action are called, by name: the study's letters, letters that stand
for nothing, and words; each also the other way round."""

ORDERS: dict[str, tuple[Place, Place]] = {
    "first": ("first", "second"),
    "second": ("second", "first"),
}
"""Which action is told of first, by name."""


@dataclass(frozen=True)
class Presentation:
    """How the two actions are named and in which order they are told of.

    Raises:
        UserError: the labels cannot be told apart, or the order is no order.
    """

    labels: tuple[str, str] = ("C", "D")  # of the first action and the second
    order: tuple[Place, Place] = ("first", "second")

    def __post_init__(self) -> None:
        plain = [label.strip().lower() for label in self.labels]
        if len(set(plain)) < 2 or not all(label.isalnum() for label in plain):
            raise UserError(
                f"labels {', '.join(self.labels)}: give two different letters or single words"
            )
        if "i" in plain:
            raise UserError("label I: it reads as the word; take another letter")
        if sorted(self.order) != ["first", "second"]:
            raise UserError(f"order {', '.join(self.order)}: it is first, second or the reverse")

    @property
    def actions(self) -> tuple[Action, Action]:
        """In the order in which they are told of."""
        return (0, 1) if self.order[0] == "first" else (1, 0)

    @property
    def told(self) -> tuple[str, str]:
        """The labels in the order in which they are told of."""
        return (self.labels[self.actions[0]], self.labels[self.actions[1]])

    @property
    def letters(self) -> bool:
        """Are the labels single letters?"""
        return all(len(label) == 1 for label in self.labels)


def presentations(*labelings: str) -> tuple[Presentation, ...]:
    """Labelings (all, where none is named) crossed with both orders.

    Raises:
        UserError: there is no labeling of that name.
    """
    for name in labelings:
        if name not in LABELINGS:
            raise UserError(f"no labels '{name}'; one of {', '.join(LABELINGS)}")
    named = [LABELINGS[name] for name in labelings or LABELINGS]
    return tuple(Presentation(*pair) for pair in product(named, ORDERS.values()))


def tell(
    game: Game,
    labels: tuple[str, str] = ("C", "D"),
    order: tuple[Place, Place] = ("first", "second"),
) -> str:
    """What each of the four outcomes pays, to the row player: one sentence each.

    Raises:
        UserError: see `Presentation`.
    """
    presentation = Presentation(labels, order)
    return " ".join(
        _sentence(game, own, other, labels)
        for own in presentation.actions
        for other in presentation.actions
    )


def instruction(presentation: Presentation, reasoning: bool = False) -> str:
    """What to answer: one letter (or word) and nothing else, or reasons and then a last line."""
    first, second = presentation.told
    if reasoning:
        return (
            "First reason step by step about what the coplayer may do and what each of your two "
            f"options would then bring you. Then end with a line that reads: My choice: {first}, "
            f"or: My choice: {second}"
        )
    kind = "letter" if presentation.letters else "word"
    return (
        f"Which option do you take? Reply with exactly one {kind}, {first} or {second}, and "
        "nothing else."
    )


def number(value: float) -> str:
    """As people write it: "10", "2.5"."""
    return f"{value:.10g}"


def _sentence(game: Game, own: Action, other: Action, labels: tuple[str, str]) -> str:
    mine, theirs = game.payoff(own, other), game.coplayer_payoff(own, other)
    if own == other:
        case = f"When both of you take {labels[own]}"
    else:
        case = f"When you take {labels[own]} and the coplayer takes {labels[other]}"
    if mine == theirs:
        return f"{case}, each gets {_points(mine)}."
    return f"{case}, you get {_points(mine)} and the coplayer gets {_points(theirs)}."


def _points(value: float) -> str:
    return f"{number(value)} {'point' if value == 1 else 'points'}"
