"""What a model reads about a cell: the context, the game, and what to answer."""

from tombench.strategy.public_goods import DonationGame
from tombench.strategy.published_prompt import Framing, as_published
from tombench.strategy.telling import instruction, number, tell
from tombench.tasks.games_items import Cell


def prompt(cell: Cell, reasoned: bool = False, published: bool = False) -> str:
    """One user message; with `published` the study's string, whose tags are its own.

    Args:
        cell: what is played.
        reasoned: reasons are asked for before the choice.
        published: in the study's nested template.
    """
    context = cell.context.told(cell.presentation)
    game, asked = _game(cell), _asked(cell, reasoned)
    if published:
        return as_published(game, context, Framing(instruction=asked))
    return "\n\n".join(part for part in (context, game, asked) if part)


def spellings(cell: Cell) -> tuple[tuple[str, ...], ...]:
    """Of each answer the ways in which it may be spelt: with a blank before it, and without."""
    return tuple((f" {name}", name) for name in answers(cell))


def answers(cell: Cell) -> tuple[str, ...]:
    """The labels of the two actions, or all amounts in whole points."""
    if isinstance(cell.game, DonationGame):
        return tuple(str(amount) for amount in range(int(cell.game.endowment) + 1))
    return cell.presentation.labels


def _game(cell: Cell) -> str:
    if told := getattr(cell, "told", ""):  # a game that is drawn to be learnt from has no file
        return told
    if isinstance(cell.game, DonationGame):
        return cell.game.rule()
    return tell(cell.game, cell.presentation.labels, cell.presentation.order)


def _asked(cell: Cell, reasoned: bool) -> str:
    if not isinstance(cell.game, DonationGame):
        return instruction(cell.presentation, reasoned)
    most = number(cell.game.endowment)
    if reasoned:
        end = f"Then end with a line that reads: I give N, N from 0 to {most}"
        return f"First reason step by step. {end}"
    asked = "How many points do you give? Reply with one whole number"
    return f"{asked} from 0 to {most}, and nothing else."
