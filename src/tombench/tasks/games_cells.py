"""One model's answers in one game and context, counted; what the study's keys and names say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tombench.errors import UserError

GAMES = ("prison", "delight", "staghunt", "snowdrift")
"""The study's games of two players, as its keys name them."""

PUBLIC_GOODS = ("poolparty",)
"""Its game of donations, whose key stands alone."""

VARIANTS = {"": "", "d": "doubled"}
"""A key's last part and the variant of the game it stands for; another stands for itself."""

HELD_OUT = ("roomsharing", "sports", "ventcap")
"""The study's contexts that its tuned model was not trained on."""

_NOT_A_MODEL = frozenset(
    "results result distribution org fixed new ood oos oog pgg reasoning answers".split()
)
_TUNED = frozenset(("finetuned", "fined"))


@dataclass(frozen=True)
class CellKey:
    """Which game was put in which context."""

    context: str
    game: str
    variant: str = ""  # "" the payoffs as published, "doubled", or as the key says

    @property
    def name(self) -> str:
        return "_".join(part for part in (self.context, self.game, self.variant) if part)

    @property
    def split(self) -> str:
        """in_sample, new_contexts, public_goods, or the payoffs' variant."""
        if is_donation(self.game):
            return "public_goods"
        return self.variant or ("new_contexts" if self.context in HELD_OUT else "in_sample")


@dataclass(frozen=True)
class Cell:
    """How often a model chose what."""

    model: str
    key: CellKey
    cooperate: int
    defect: int
    invalid: int = 0  # answers that could not be parsed; in no rate
    notes: tuple[str, ...] = ()  # what is odd about these answers
    source: str = ""  # the file

    @property
    def parsed(self) -> int:
        return self.cooperate + self.defect

    @property
    def draws(self) -> int:
        return self.parsed + self.invalid


@dataclass(frozen=True)
class Donations:
    """What a model gave in a public goods game."""

    model: str
    key: CellKey
    amounts: tuple[float, ...]
    invalid: int = 0
    notes: tuple[str, ...] = ()
    source: str = ""

    @property
    def draws(self) -> int:
        return len(self.amounts) + self.invalid


def is_donation(key: str) -> bool:
    return key in PUBLIC_GOODS


def cell_key(key: str, games: Sequence[str] = GAMES) -> CellKey:
    """CONTEXT_GAME or CONTEXT_GAME_VARIANT, as the study's files name a cell.

    Raises:
        UserError: no game's name stands in it.
    """
    if is_donation(key):
        return CellKey("", key)
    names = "|".join(re.escape(game) for game in sorted(games, key=len, reverse=True))
    found = re.fullmatch(rf"(?P<context>.+)_(?P<game>{names})(?:_(?P<variant>[^_]+))?", key)
    if not found:
        raise UserError(
            f"key '{key[:60]}' is no CONTEXT_GAME with a game of {', '.join(games)}, "
            f"nor {' or '.join(PUBLIC_GOODS)}"
        )
    variant = found["variant"] or ""
    return CellKey(found["context"], found["game"], VARIANTS.get(variant, variant))


def model_of(stem: str) -> str:
    """Whose answers a file holds, from its name without the ending: "7bF-results-ood" is 7bF.

    The study's own words for the tuned model, fined and finetuned, are its letter F. What stands
    before a double underscore is a folder. A name without a model is told back whole.
    """
    words = re.split(r"[-_\s]+", re.sub(r"\(\d+\)", "", stem.split("__")[-1]).strip())
    kept = [word for word in words if word.lower() not in _NOT_A_MODEL | _TUNED and word]
    tuned = any(word.lower() in _TUNED for word in words)
    return "_".join(kept) + "F" * tuned if kept else stem
