"""Which records a report tells of where there is no room for all: whole items, some of each kind.

There is no randomness: items are ordered by a hash of their ids, which is the same in all runs, so
that what one run tells can be compared with what another does.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import numpy as np

from tombench.summary.report.rows import Levels, Places, Rows

FEW = 32
"""A factor of so many levels comes before those of more, which may have one for each item."""

Order = Mapping[str | None, int]
"""The place of each item, from 0 on."""


def item_order(runs: Sequence[Rows]) -> Order:
    """All items of runs of one task, in the order in which they should be told.

    Every item belongs to strata: each run's verdicts on it, and the levels of its conditions. In
    the order of their hashes, an item comes the earlier the fewer items before it are of one of its
    strata: so those come first that have a stratum of which there is none yet.
    """
    names = sorted({name for rows in runs for name in rows.shared["item"].levels}, key=_hash)
    ranks = {name: rank for rank, name in enumerate(names)}
    items = [_ranked(rows.shared["item"], ranks) for rows in runs]
    few, many = (np.full(len(names), len(names)) for _ in range(2))
    for own, rows in zip(items, runs, strict=True):
        _lower(few, own, rows.verdict)
    for factor in dict.fromkeys(factor for rows in runs for factor in rows.condition):
        pairs = zip(items, runs, strict=True)
        asked = [(own, rows.condition[factor]) for own, rows in pairs if factor in rows.condition]
        known = dict.fromkeys(level for _, column in asked for level in column.levels)
        numbers = {level: number for number, level in enumerate(known)}
        levels = np.concatenate([_ranked(column, numbers) for _, column in asked])
        wanted = few if len(known) <= FEW else many
        _lower(wanted, np.concatenate([own for own, _ in asked]), levels)
    order = np.lexsort((np.arange(len(names)), many, few))
    return {names[rank]: place for place, rank in enumerate(order.tolist())}


def in_order(rows: Rows, order: Order) -> Places:
    """A run's records, those of one item together, as the items' order has them."""
    return np.argsort(_ranked(rows.shared["item"], order), kind="stable")


def first_items(rows: Rows, ordered: Places, most: int) -> Places:
    """The places of at most `most` of the `ordered` records, ascending, as whole items.

    The first item is cut where it alone has more.
    """
    if most >= len(rows):
        return np.arange(len(rows))
    at = rows.shared["item"].at[ordered]
    ends = np.flatnonzero(np.diff(at, append=-1)) + 1  # after each item's last record
    whole = ends[ends <= most]
    return np.sort(ordered[: whole[-1] if len(whole) else most])


def _lower(wanted: Places, items: Places, levels: Places) -> None:
    """Put into `wanted` [items] how many earlier items have its level, where that is less.

    Args:
        items: of each record its item, by rank.
        levels: of each record its level of one factor.
    """
    if not len(items):
        return
    level, item = np.divmod(np.unique(levels * len(wanted) + items), len(wanted))
    earlier = np.arange(len(level)) - np.searchsorted(level, level)
    np.minimum.at(wanted, item, earlier)


def _ranked(column: Levels, ranks: Order) -> Places:
    """Of each record the rank of its level."""
    return np.array([ranks[name] for name in column.levels], dtype=np.int64)[column.at]


def _hash(item: str | None) -> bytes:
    return blake2b(str(item).encode(), digest_size=8).digest()
