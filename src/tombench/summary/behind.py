"""Which records a number of metrics.json was computed from.

A restriction names a factor of the records' condition, or another column of theirs: `answer` (as
parsed), `category`, `cluster`, `item`, `target`, `needs_review` (yes, no), `repetition`. Two
factors joined by a colon, `paradigm:question_type`, have levels joined alike: contents:belief.
Shortcuts and published rows have no records.
"""

from collections.abc import Iterable, Mapping

from tombench.summary.behind_games import games_only
from tombench.summary.behind_masks import masks_only
from tombench.summary.behind_stories import MUST_FLIP, in_sets, put_of, story_only
from tombench.summary.collect import EvaluatedRun
from tombench.summary.grid import Behind
from tombench.summary.restrictions import Only, both

ANSWERS: Mapping[str, Only] = {
    "unparsed": {"answer": ("unparsed",)},
    "ties": {"answer": ("tie",)},
    "needs_review": {"needs_review": ("yes",)},
    "yes_share": {"answer": ("yes",)},
}
"""Shares of answers of a kind: those answers, not all that they are a share of."""
FAMILIES = {"belief_accuracy": "belief", "goal_accuracy": "goal"}
BASELINE, CATEGORY = "baseline", "category/"
RENAMED = {"scenario": "cluster", "answer": "target"}
"""Factors of the groups of scenarios that records have under another name."""
IN_SETS = ("cell", "variant", "question_type")
"""Factors of the groups of stories that no alteration counts in."""


def behind_run(run: EvaluatedRun) -> Behind:
    """All records of a run; of a folder that holds several, those of its cell."""
    if not run.one_of_several:
        return Behind(run.folder)
    cell = {"model": (run.model,)}
    return Behind(run.folder, cell if run.games else cell | {"prompting": (run.prompting,)})


def behind_metric(run: EvaluatedRun, name: str, factor: str = "", level: str = "") -> Behind | None:
    """The records that a metric of a run comes from; None where no record does, as of a shortcut.

    Args:
        name: in metrics.json, under `metrics`, or at a level of one of its `groups`.
        factor: of the groups, with its level; "" for the metric of the whole run.
    """
    level_only = _level_only(run, factor, level) if factor else {}
    metric_only = _metric_only(run, name, factor, level)
    if level_only is None or metric_only is None:
        return None
    whole = behind_run(run)
    return Behind(whole.folder, both(whole.only, level_only, metric_only))


def within(behind: Behind, *more: Only) -> Behind:
    """Those of the records that further restrictions let through."""
    return Behind(behind.folder, both(behind.only, *more))


def placed(rows: Iterable[Mapping[int, Behind | None]]) -> dict[tuple[int, int], Behind]:
    """`Grid.behind` of rows, each by column; −1 for the whole row."""
    return {
        (row, column): behind
        for row, columns in enumerate(rows)
        for column, behind in columns.items()
        if behind is not None
    }


def _metric_only(run: EvaluatedRun, name: str, factor: str, level: str) -> Only | None:
    if name.startswith(f"{BASELINE}/"):
        return None
    if run.games:
        return games_only(run.games.cells, name, _at(factor, level))
    if run.sparsity:
        return masks_only(run.sparsity, name, factor, level)
    if run.stories:
        return story_only(put_of(run.put), name)
    if run.planner and name in FAMILIES:
        return {"question_family": (FAMILIES[name],)}
    if name.startswith(CATEGORY):
        return {"category": (name.removeprefix(CATEGORY),)}
    if name == "forced_choice_accuracy":  # which the repetitions of an item share
        return {"repetition": ("0",)}
    return ANSWERS.get(name, {})


def _level_only(run: EvaluatedRun, factor: str, level: str) -> Only | None:
    """A level of a group as its records name it."""
    if factor == BASELINE:
        return None
    if factor in ("model", "prompting") or (run.sparsity and factor in ("m", "mask")):
        return {}  # said by the run, or with its metrics
    if run.stories or run.sparsity:
        if factor in ("alteration", "irony"):
            return {"cell": (level,)}
        if factor == "must_flip":
            return {"cell": MUST_FLIP[level]}
        own = _at(factor, level)
        return both(in_sets(put_of(run.put)), own) if factor in IN_SETS else own
    return _at(RENAMED.get(factor, factor), level)


def _at(factor: str, level: str) -> Only:
    return {factor: (level,)} if factor else {}
