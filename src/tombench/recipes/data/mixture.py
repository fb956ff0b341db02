"""How data sets are put together: rows held out, then each data set as often as it weighs."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tombench.recipes.data.rows import Completion, Message, Preference, Row


@dataclass(frozen=True)
class Division:
    """Of each data set, in its own order, the rows to learn from and those held out."""

    learnt: tuple[tuple[Row, ...], ...]
    held_out: tuple[tuple[Row, ...], ...]


def divided(data_sets: Sequence[Sequence[Row]], share: float, seed: int) -> Division:
    """Hold out about `share` (at most half) of all rows; what has one prompt stays on one side.

    Prompts are drawn at random, and those taken whose rows still fit in; where none does, the one
    with the fewest rows. So at least one row is held out where there are two prompts, and one is
    always left.
    """
    if not share:
        return Division(tuple(map(tuple, data_sets)), tuple(() for _ in data_sets))
    kin = [[_kin(row) for row in rows] for rows in data_sets]
    sizes = Counter(each for known in kin for each in known)
    taken = _taken(sizes, round(share * sizes.total()), seed)
    sides = [list(zip(*pair, strict=True)) for pair in zip(data_sets, kin, strict=True)]
    return Division(
        tuple(tuple(row for row, known in side if known not in taken) for side in sides),
        tuple(tuple(row for row, known in side if known in taken) for side in sides),
    )


def _taken(sizes: Mapping[object, int], wanted: int, seed: int) -> set[object]:
    order = list(sizes)
    if len(order) < 2:
        return set()
    Random(f"validation/{seed}").shuffle(order)
    taken, count = set(), 0
    for kin in order:
        if count + sizes[kin] <= max(wanted, 1):
            taken.add(kin)
            count += sizes[kin]
    return taken or {min(order, key=sizes.__getitem__)}


def _kin(row: Row) -> object:
    """What rows share that must not be parted: a prompt, or how a conversation begins.

    Prose, which has no prompt, is known by itself; the answers of one conversation stay together
    as their prompts hold each other.
    """
    if isinstance(row.prompt, str):
        if row.prompt:
            return row.prompt
        text = row.completion if isinstance(row, Completion) else ""
        return ("", row.chosen if isinstance(row, Preference) else text)
    return _opening(row.prompt)


def _opening(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """A conversation up to the first words that are not the system's."""
    said = [place for place, message in enumerate(messages, start=1) if message.role != "system"]
    return messages[: said[0]] if said else messages


def weighed(rows: Sequence[Row], weight: float, number: int, seed: int) -> tuple[Row, ...]:
    """Rows as often as an epoch sees them: `weight` times, on average.

    All rows as often as the whole part says, then as many of them, drawn at random, as the rest
    says (one at least where the whole part is 0).

    Args:
        number: of the data set, from 0; each has a random stream of its own.
    """
    whole = math.floor(weight)
    drawn = round((weight - whole) * len(rows))
    if not whole and rows:
        drawn = max(drawn, 1)
    places = sorted(Random(f"weights/{seed}/{number}").sample(range(len(rows)), drawn))
    return (*(row for _ in range(whole) for row in rows), *(rows[place] for place in places))
