"""Which records of a chooser the numbers of a table come from."""

from collections.abc import Iterator, Sequence

from tombench.strategy.payoffs import DILEMMAS
from tombench.summary.behind_games import cells_only, invalid_only, rate_only
from tombench.summary.games import Choices
from tombench.summary.games_roles import Chooser
from tombench.summary.games_theory import dominant_action, equilibrium_action
from tombench.summary.grid import Behind


def behind_cells(chooser: Chooser, own: Sequence[Choices]) -> Behind | None:
    """All answers in some cells; None of no cells."""
    return chooser.behind(cells_only(chooser.cells, own)) if own else None


def behind_rate(chooser: Chooser, own: Sequence[Choices]) -> Behind | None:
    """The answers in some cells that could be parsed; None where none could."""
    known = [cell for cell in own if cell.known]
    return chooser.behind(rate_only(chooser.cells, known)) if known else None


def behind_invalid(chooser: Chooser, own: Sequence[Choices]) -> Behind | None:
    """The answers in some cells that could not be parsed; of exact cells all."""
    return chooser.behind(invalid_only(chooser.cells, own)) if own else None


def rate_records(chooser: Chooser, cells: Sequence[Choices]) -> Iterator[Behind | None]:
    """Of all, each of the four games, n and invalid, as the tables of rates have them."""
    own = [cell for cell in cells if not cell.donation]
    yield behind_rate(chooser, own)
    for game in DILEMMAS:
        yield behind_rate(chooser, [cell for cell in own if cell.of("game") == game])
    yield behind_rate(chooser, own)
    yield behind_invalid(chooser, own)


def agreeing_records(chooser: Chooser, cells: Sequence[Choices]) -> Iterator[Behind | None]:
    """Of choices of the one equilibrium's action, and of the dominant one."""
    for wanted in (equilibrium_action, dominant_action):
        yield behind_rate(chooser, [cell for cell in cells if wanted(cell.of("game")) is not None])


def dilemmas(cells: Sequence[Choices]) -> list[Choices]:
    """Those of the study's four games."""
    return [cell for cell in cells if cell.of("game") in DILEMMAS]
