"""What may be trained on: the four dilemmas with the study's payoffs, in a context for training.

A cell that differs in any of these is there to be tested. Whether it does is read from its names,
whatever else a file says of it.
"""

from collections.abc import Mapping

from tombench.strategy.contexts import STUDY_NAMES, contexts_of
from tombench.strategy.payoffs import DILEMMAS

IN_SAMPLE = "in_sample"
PUBLISHED = "published"
_OURS = frozenset(one.name for one in contexts_of("held_out"))
HELD_OUT_CONTEXTS = _OURS | {STUDY_NAMES[name] for name in _OURS}
"""By our names and by the study's."""


def held_out(condition: Mapping[str, str]) -> str | None:
    """What of a cell's condition must not be learnt, in words; None where all of it may be."""
    if condition["game"] not in DILEMMAS:
        return f"game {condition['game']}"
    if condition["context"] in HELD_OUT_CONTEXTS:
        return f"context {condition['context']}"
    if condition["payoffs"] != PUBLISHED:
        return f"{condition['payoffs']} payoffs"
    split = condition.get("split", IN_SAMPLE)
    return None if split == IN_SAMPLE else f"split {split}"
