"""task.data: prompts of the published form, context/*.txt and game/*.txt, and their payoffs.

Source of the form: sepehrilami/LFB, `data/`. The texts themselves are the user's.
"""

import re
from dataclasses import replace
from pathlib import Path

from tombench.datafile import read_text
from tombench.errors import UserError
from tombench.strategy.contexts import STUDY_NAMES, Context, contexts, read_contexts
from tombench.strategy.payoffs import Game

LETTERS = "CD"
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_SAME = re.compile(rf"choose (\w) and your coplayer also chooses \1, you will both earn {_NUMBER}")
_OTHER = re.compile(
    rf"choose (\w) while your coplayer chooses (\w), you will earn {_NUMBER} points? and your "
    rf"coplayer will earn {_NUMBER}"
)


def read_data(folder: Path) -> tuple[dict[str, Context], dict[str, tuple[Game, str]]]:
    """Contexts, and games with their texts, by file name.

    The study's three later contexts count as held out, as do all that our own table has so.

    Raises:
        UserError: a folder is missing, or a game's text does not state its four outcomes.
    """
    held_out = {STUDY_NAMES[n] for n, one in contexts().items() if one.split == "held_out"}
    placed = {
        name: replace(one, split="held_out") if name in held_out else one
        for name, one in read_contexts(folder / "context", "training").items()
    }
    texts = folder / "game"
    if not texts.is_dir():
        raise UserError(f"{texts}: no such folder; give one with a .txt file for each game")
    games = {path.stem: _read(path) for path in sorted(texts.glob("*.txt"))}
    if not games:
        raise UserError(f"{texts}: no .txt files in it")
    return placed, games


def _read(path: Path) -> tuple[Game, str]:
    text = read_text(path).replace("\r\n", "\n").strip()
    row: dict[tuple[str, str], float] = {}
    column: dict[tuple[str, str], float] = {}
    for letter, points in _SAME.findall(text):
        row[letter, letter] = column[letter, letter] = float(points)
    for own, other, mine, theirs in _OTHER.findall(text):
        row[own, other], column[own, other] = float(mine), float(theirs)
    wanted = {(own, other) for own in LETTERS for other in LETTERS}
    if set(row) != wanted:
        lacking = sorted(f"{own}{other}" for own, other in wanted - set(row))
        raise UserError(
            f"{path}: it does not say what {', '.join(lacking) or 'C and D alone'} pays; write it "
            "as the published files do: 'If you choose C while your coplayer chooses D, you will "
            "earn 2 points and your coplayer will earn 10 points.'"
        )
    tables = [[[paid[a, b] for b in LETTERS] for a in LETTERS] for paid in (row, column)]
    return Game(path.stem, *tables), text
