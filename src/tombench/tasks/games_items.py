"""The grid of task=games: games, payoffs, contexts, labels and orders crossed, a cell each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TypeVar

from tombench.errors import UserError, listed, nearest, told
from tombench.schema import Item
from tombench.strategy.contexts import NONE, Context, contexts, contexts_of
from tombench.strategy.ordinal import games_by_id, ordinal_game, ordinal_games
from tombench.strategy.payoffs import DILEMMAS, Game
from tombench.strategy.public_goods import DonationGame, Sharing
from tombench.strategy.symmetric import symmetric_class
from tombench.strategy.telling import LABELINGS, ORDERS, Presentation
from tombench.tasks.games_texts import read_data

T = TypeVar("T")
PUBLIC_GOODS, ORDINAL = "public_goods", "ordinal"
PAYOFFS = {
    "published": lambda game: game,
    "doubled": lambda game: game.doubled(),
    "shifted": lambda game: game.shifted(3),
}
"""What is done to a game's payoffs; none of it moves an equilibrium."""
FIXED = {"payoffs": ("published",), "labels": ("cd",), "orders": ("first",)}
"""What cannot be changed in texts of the user's."""
CONTEXT_SETS = ("training", "held_out", "none", "all")


@dataclass(frozen=True)
class Cell:
    """What an item is: who plays what, where, and in which words."""

    game: Game | DonationGame
    context: Context
    presentation: Presentation
    told: str = ""  # the game in the words of a user's file; "": ours


@dataclass(frozen=True)
class Grid:
    """The words of a command that cells are made of."""

    games: Sequence[str]
    payoffs: Sequence[str]
    contexts: Sequence[str]
    labels: Sequence[str]
    orders: Sequence[str]
    sharing: Sharing
    data: Path | None = None  # contexts and games of the user's in place of ours

    def items(self) -> list[Item]:
        """All cells, those of a context together."""
        if self.data is not None:
            return self._given(self.data)
        return [
            item
            for context in self._contexts()
            for name, game in self._games().items()
            for item in self._told(context, name, game)
        ]

    def _given(self, folder: Path) -> list[Item]:
        """Contexts and games of a folder, in its own words: labels C and D, C told first."""
        for name, wanted in FIXED.items():
            if (value := tuple(getattr(self, name))) != wanted:
                raise UserError(
                    f"task.{name}={','.join(value)}: the texts of task.data={folder} say what is "
                    f"paid and how; leave task.{name} as it is, or change the texts"
                )
        placed, games = read_data(folder)
        every = set(self.games) == set(DILEMMAS)  # the default: whatever is there
        chosen = games if every else _picked("games", self.games, games)
        found = []
        for context in self._placed(placed):
            for name, (game, text) in chosen.items():
                split = _split(name, "published", context)
                condition = _condition(name, "published", context, split, _kind(game))
                cluster = f"{context.name}/{name}.published"
                cell = Cell(game, context, Presentation(), text)
                named = {**condition, "labels": "cd", "order": "first"}
                found.append(Item(f"{cluster}/cd.first", cluster, cell, named))
        return found

    def _placed(self, placed: Mapping[str, Context]) -> list[Context]:
        """Of a folder's contexts those that are named; all, unless some are."""
        if tuple(self.contexts) == ("held_out",):
            return [one for one in placed.values() if one.split == "held_out"]
        if set(self.contexts) <= {"training", "all"}:
            return list(placed.values())
        return list(_picked("contexts", self.contexts, placed).values())

    def _told(self, context: Context, name: str, game: Game | DonationGame) -> list[Item]:
        """A game in one context, in all payoffs and presentations."""
        if isinstance(game, DonationGame):
            presentation = Presentation()
            condition = _condition(name, "published", context, "public_goods", "public_goods")
            cluster = f"{context.name}/{name}"
            cell = Cell(game, context, presentation)
            return [Item(f"{cluster}.published/amount", cluster, cell, condition)]
        found = []
        for payoffs, labels, order in product(self.payoffs, self.labels, self.orders):
            paid = PAYOFFS[payoffs](game)
            condition = _condition(
                name, payoffs, context, _split(name, payoffs, context), _kind(game)
            )
            cluster = f"{context.name}/{name}.{payoffs}"
            found.append(
                Item(
                    f"{cluster}/{labels}.{order}",
                    cluster,
                    Cell(paid, context, Presentation(LABELINGS[labels], ORDERS[order])),
                    {**condition, "labels": labels, "order": order},
                )
            )
        return found

    def _games(self) -> dict[str, Game | DonationGame]:
        known = {**DILEMMAS, **{name: one.game for name, one in games_by_id().items()}}
        found: dict[str, Game | DonationGame] = {}
        for name in self.games:
            if name == ORDINAL:
                found |= {one.id: one.game for one in ordinal_games()}
            elif name == PUBLIC_GOODS:
                found[name] = DonationGame(sharing=self.sharing)
            elif name in known:
                found[name] = known[name]
            else:
                options = [*DILEMMAS, ORDINAL, PUBLIC_GOODS]
                hint = nearest(name, [*options, *known])
                raise UserError(told(f"task.games={name}: no such game", hint, listed(options)))
        return found

    def _contexts(self) -> list[Context]:
        found: dict[str, Context] = {}
        for name in self.contexts:
            found |= {one.name: one for one in _named(name)}
        return list(found.values())


def _picked(key: str, named: Sequence[str], there: Mapping[str, T]) -> dict[str, T]:
    """What a folder has under the names of task.`key`."""
    for name in named:
        if name not in there:
            options = list(there)
            problem = f"task.{key}={name}: not in the folder of task.data"
            raise UserError(told(problem, nearest(name, options), listed(options)))
    return {name: there[name] for name in named}


def _named(name: str) -> Sequence[Context]:
    if name == "all":
        return [*contexts_of("training"), *contexts_of("held_out"), NONE]
    if name in ("training", "held_out"):
        return contexts_of(name)
    if name not in contexts():
        options = [*CONTEXT_SETS, *contexts()]
        hint = nearest(name, options)
        raise UserError(told(f"task.contexts={name}: no such context", hint, listed(options)))
    return (contexts()[name],)


def _split(name: str, payoffs: str, context: Context) -> str:
    """What of a cell was not there to be learnt from; the first of these that holds."""
    if name not in DILEMMAS:
        return "new_game"
    if payoffs != "published":
        return "new_payoffs"
    return "new_context" if context.split == "held_out" else "in_sample"


def _kind(game: Game) -> str:
    """The class of a game: of symmetric ones by name, else by its structure."""
    if name := symmetric_class(game):
        return name
    found = ordinal_game(game)
    return found.family if found else "other"


def _condition(
    name: str, payoffs: str, context: Context, split: str, kind: str
) -> Mapping[str, str]:
    own = {"game": name, "payoffs": payoffs, "context": context.name}
    return {**own, "split": split, "game_class": kind}
