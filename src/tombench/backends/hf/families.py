"""Which token sequences stand together: those that begin alike, the longest first."""

from collections.abc import Sequence

from tombench.backends.hf.prefixes import Sorted

FAMILY = 1 / 2  # a common stem counts where it is so much of the longer of two neighbours


def families(sequences: Sequence[Sequence[int]]) -> list[list[int]]:
    """Indices of sequences in families that begin alike, the longest first in and among them.

    Inside a family, what begins alike beyond the common stem stands together too. Depends on the
    sequences alone.
    """
    if not sequences:
        return []
    found = Sorted.of(sequences)
    return [_members(found, *span) for span in _spans(found, 0, len(sequences), 0)]


def _spans(found: Sorted, begin: int, end: int, stem: int) -> list[tuple[int, int, int]]:
    """Places begin..end, which share `stem` tokens, in families (begin, end, tokens shared)."""
    spans, start = [], begin
    for place in range(begin, end):
        longer = found.lengths[place : place + 2].max() - stem
        if place + 1 == end or found.shared[place] - stem < FAMILY * longer:
            inside = found.shared[start:place]
            spans.append((start, place + 1, int(inside.min()) if len(inside) else stem))
            start = place + 1
    return sorted(spans, key=lambda span: -found.lengths[span[0] : span[1]].max())


def _members(found: Sorted, begin: int, end: int, stem: int) -> list[int]:
    """The members of one family; its own families, again, one after the other."""
    spans = _spans(found, begin, end, stem)
    if len(spans) in (1, end - begin):  # alike to the last token, or nothing more in common
        return [int(found.order[place]) for start, stop, _ in spans for place in range(start, stop)]
    return [index for span in spans for index in _members(found, *span)]
