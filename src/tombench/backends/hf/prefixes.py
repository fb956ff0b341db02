"""Where token sequences begin alike, and what of it to read once.

Questions on one story, or two worked examples before every question, are most of a prompt. A
*stem* is such a beginning; it is read once, and each sequence adds its *rest* to a copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Tokens = tuple[int, ...]

FORWARD = 64  # tokens that one more forward pass costs, whatever it reads (1 M to 8 B parameters)
WIDENED = 5 / 4  # padding between stem and rest may widen a batch by so much, not more


@dataclass(frozen=True)
class Cut:
    """Sequences cut in two: each is a stem and, after it, its own rest (which may be empty)."""

    stems: list[Tokens]  # distinct
    stem_of: list[int]  # by sequence
    rests: list[Tokens]  # by sequence


@dataclass(frozen=True)
class Sorted:
    """Sequences in the order of their tokens, where common beginnings are neighbours."""

    order: np.ndarray  # int64 [n]: which sequence stands here
    lengths: np.ndarray  # int64 [n]: its tokens
    shared: np.ndarray  # int64 [n - 1]: tokens that it and the next begin alike with

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]]) -> "Sorted":
        arrays = [np.asarray(sequence, dtype=">u4") for sequence in sequences]
        keys = [array.tobytes() for array in arrays]
        order = sorted(range(len(arrays)), key=keys.__getitem__)
        shared = [common(arrays[one], arrays[other]) for one, other in pairwise(order)]
        lengths = [len(arrays[index]) for index in order]
        return cls(*(np.array(own, dtype=np.int64) for own in (order, lengths, shared)))


def common(one: np.ndarray, other: np.ndarray) -> int:
    """How many tokens two sequences begin alike with."""
    shorter = min(len(one), len(other))
    different = one[:shorter] != other[:shorter]
    return int(different.argmax()) if different.any() else shorter


def cut(sequences: Sequence[Tokens]) -> Cut | None:
    """The cut of distinct sequences that leaves least to compute; None: read them whole.

    The cost is that of padded tokens, rows x longest, for stems and rests, and of one more
    forward. The stems can be cut again.
    """
    if len(sequences) < 2:
        return None
    found = Sorted.of(sequences)
    longest = int(found.lengths.max())
    best, chosen = len(sequences) * longest, None
    for depth in np.unique(found.shared[found.shared > 0]):
        run, stems = _stems(found, int(depth))
        rests = found.lengths - stems[run]
        cost = FORWARD + len(stems) * stems.max() + len(sequences) * rests.max()
        if cost < best and stems.max() + rests.max() <= WIDENED * longest:
            best, chosen = cost, (run, stems)
    return None if chosen is None else _apply(sequences, found, *chosen)


def _stems(found: Sorted, depth: int) -> tuple[np.ndarray, np.ndarray]:
    """Runs of neighbours that share `depth` tokens: the run of each place, the stem of each run.

    The stem of a run is all that its members share; of a sequence on its own, the whole of it.
    """
    ends = found.shared < depth
    run = np.concatenate([[0], np.cumsum(ends)])
    starts = np.flatnonzero(np.concatenate([[True], ends]))
    inside = np.append(np.where(ends, np.iinfo(np.int64).max, found.shared), np.iinfo(np.int64).max)
    return run, np.minimum(np.minimum.reduceat(inside, starts), found.lengths[starts])


def _apply(sequences: Sequence[Tokens], found: Sorted, run: np.ndarray, stems: np.ndarray) -> Cut:
    stem_of, firsts = [0] * len(sequences), {}
    for place, index in enumerate(found.order.tolist()):
        stem_of[index] = int(run[place])
        firsts.setdefault(int(run[place]), index)
    texts = [sequences[index][: stems[number]] for number, index in sorted(firsts.items())]
    rests = [own[stems[number] :] for own, number in zip(sequences, stem_of, strict=True)]
    return Cut(texts, stem_of, rests)
