"""What mending changed in a file's prompts: one line of the log for each kind of slip."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from tombench.schema import Item

logger = logging.getLogger("tombench")


def tell_mended(published: Sequence[Item], mended: Sequence[Item]) -> None:
    """Compares the same items in both wordings; says which slip was in how many prompts of whom."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for before, after in zip(published, mended, strict=True):
        for slip in {*_slips(before.content.prompt, after.content.prompt)}:
            found[slip][before.cluster] += 1
    for slip, tasks in sorted(found.items()):
        logger.info("%s: %s mended in %d prompts", _named([*tasks]), slip, tasks.total())


def _slips(published: str, mended: str) -> Iterator[str]:
    """Kinds of difference: "double blanks", or the words that differ, such as "'a' (now 'an')"."""
    if "  " in published.strip():
        yield "double blanks"
    before, after = published.split(), mended.split()
    if before == after:
        return
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        more = kind in ("insert", "delete")  # a lone side needs a neighbour to be told by
        was = " ".join(before[start : end + more])
        now = " ".join(after[new_start : new_end + more])
        yield f"'{was}' (now '{now}')"


def _named(tasks: Sequence[str]) -> str:
    if len(tasks) == 1:
        return f"task {tasks[0]}"
    rest = f" and {len(tasks) - 3} more" if len(tasks) > 3 else ""
    return f"tasks {', '.join(tasks[:3])}{rest}"
