"""Restrictions on records: of some factors the levels that are let through."""

from collections.abc import Iterable, Mapping, Sequence

Only = Mapping[str, tuple[str, ...]]
"""By factor; a factor that is not named lets all through."""


def both(*given: Only) -> dict[str, tuple[str, ...]]:
    """What all of them let through."""
    found: dict[str, tuple[str, ...]] = {}
    for only in given:
        for factor, levels in only.items():
            known = found.get(factor, levels)
            found[factor] = tuple(level for level in levels if level in known)
    return found


def joined(factors: Sequence[str], levels: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Combinations of levels of several factors: {"a:b": ("x:y", …)}."""
    return {":".join(factors): tuple(":".join(each) for each in levels)}
