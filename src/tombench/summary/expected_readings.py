"""Numbers of finished runs that published ones are set beside, by name.

A name is `metric` or `metric/part`: `accuracy`, `study_accuracy/macro`, `cooperation/in_sample`,
`improvement/doubled`. Which of its numbers is meant is the column's name: a question type, a game,
a statistic.
"""

import json
from collections.abc import Callable, Mapping
from math import isfinite, nan, sqrt
from typing import Any

from tombench.metrics import share
from tombench.runs import METRICS as METRICS_FILE
from tombench.schema import Metric
from tombench.summary.collect import EvaluatedRun
from tombench.summary.expected_tests import p_bias, p_paired

Reading = Callable[[EvaluatedRun, str, str], Metric | None]
"""(run, part, column) -> the number with its interval; None where the run has none."""

SPLITS = {"doubled": "new_payoffs", "new_contexts": "new_context"}
"""Published names of splits -> those of runs."""
KINDS = {"query": "q_proj", "key": "k_proj"}


FROM_NO_RECORDS = frozenset({"p_paired", "p_bias", "rank", "sinks_shifted", "improvement"})


def reading(run: EvaluatedRun, metric: str, column: str) -> Metric | None:
    """The number that `metric` names, at a column."""
    name, _, part = metric.partition("/")
    return METRICS[name](run, part, column)


def records_of(run: EvaluatedRun, metric: str, column: str) -> dict[str, tuple[str, ...]] | None:
    """Which of a run's records the number comes from: levels of factors of their conditions; None
    where it comes from none: from counts by hand, from weights, or from several runs."""
    name, _, part = metric.partition("/")
    if name in FROM_NO_RECORDS:
        return None
    found: dict[str, tuple[str, ...]] = {}
    if run.one_of_several:
        found["model"] = (run.model,)
    if run.one_of_several and run.prompting != "none":
        found["prompting"] = (run.prompting,)
    if run.planner and column != "all":
        found[_factor(column)] = (column,)
    if name == "cooperation":
        found["split"] = (SPLITS.get(part, part),)
        found |= {} if column == "all" else {"game": (column,)}
    return found


def _factor(column: str) -> str:
    """Of a planner's numbers."""
    return "question_family" if column in ("belief", "goal") else "question_type"


def _of_metrics(name: str) -> Reading:
    """A metric of metrics.json at the level that the column names, of the whole where it is none.

    `macro` is the unweighted mean over question types of a column `all`.
    """

    def read(run: EvaluatedRun, part: str, column: str) -> Metric | None:
        planner = run.planner
        if planner is None:
            return run.metrics.get(name)
        if column == "all":
            return _macro(run, name) if part == "macro" else run.metrics.get(name)
        return planner.at(_factor(column), column, name)

    return read


def _macro(run: EvaluatedRun, name: str) -> Metric | None:
    """Unweighted over types; its half-width is the root of the sum of their squared half-widths.

    That takes types for independent, which those of one episode are not quite.
    """
    planner = run.planner
    found = [planner.at("question_type", kind, name) for kind in planner.types] if planner else []
    own = [metric for metric in found if metric is not None]
    if not own or len(own) < len(found):
        return None
    value = sum(one.value for one in own) / len(own)
    below = sqrt(sum((one.value - one.low) ** 2 for one in own)) / len(own)
    above = sqrt(sum((one.high - one.value) ** 2 for one in own)) / len(own)
    n, clusters = (sum(getattr(one, name) for one in own) for name in ("n", "clusters"))
    return Metric(value, value - below, value + above, n, clusters)


def _cooperation(run: EvaluatedRun, split: str, column: str) -> Metric | None:
    """C / (C + D) over all answers in a split, of a game or of all; clusters are cells."""
    if run.games is None:
        return None
    wanted = SPLITS.get(split, split)
    cells = [
        cell
        for cell in run.games.cells
        if cell.of("split") == wanted and cell.known and column in ("all", cell.of("game"))
    ]
    values, clusters = [], []
    for cell in cells:
        drawn = round(cell.parsed) if cell.draws else 0
        first = round(cell.share * drawn)
        own = [1.0] * first + [0.0] * (drawn - first) if drawn else [cell.share]
        values += own
        clusters += [cell.item] * len(own)
    return share(values, clusters) if values else None


def _improvement(run: EvaluatedRun, split: str, column: str) -> Metric | None:
    """The study's improvement over a split's cells, percent: mean, median, sd, least or most."""
    wanted = SPLITS.get(split, split)
    told = _file(run).get("games", {}).get("learnt", ())
    found = next((one["improvement"] for one in told if one["split"] == wanted), None)
    if not found or found.get(column) is None:
        return None
    value, cells = float(found[column]), int(found.get("cells", 1))
    whole = column == "mean" and isfinite(found.get("low") or nan)
    low, high = (found["low"], found["high"]) if whole else (value, value)
    return Metric(value, float(low), float(high), cells, cells)


def _rank(run: EvaluatedRun, part: str, column: str) -> Metric | None:
    """Numerical rank of the masked part of a kind of matrix, mean over layers."""
    mechanism = run.sparsity.mechanism if run.sparsity else None
    kinds = mechanism.kinds if mechanism else ()
    found = next((one for one in kinds if one.kind == KINDS.get(column, column)), None)
    return None if found is None or found.rank is None else _point(found.rank, 1)


def _sinks_shifted(run: EvaluatedRun, layer: str, column: str) -> Metric | None:
    """Share of a layer's attention sinks that the largest mask shifts by more than the threshold;
    layers are counted from 0, as in the run."""
    mechanism = run.sparsity.mechanism if run.sparsity else None
    shifts = mechanism.shifts if mechanism else ()
    found = next((one for one in shifts if str(one.layer) == layer and one.sinks), None)
    return None if found is None else _point(found.shifted / found.sinks, found.sinks)


def _point(value: float, n: int) -> Metric:
    return Metric(value, value, value, n, n)


def _file(run: EvaluatedRun) -> Mapping[str, Any]:
    return json.loads((run.folder / METRICS_FILE).read_text(encoding="utf-8"))


METRICS: Mapping[str, Reading] = {
    **{
        name: _of_metrics(name)
        for name in ("accuracy", "study_accuracy", "accuracy_strict", "mean_donation")
    },
    "cooperation": _cooperation,
    "improvement": _improvement,
    "rank": _rank,
    "sinks_shifted": _sinks_shifted,
    "p_paired": p_paired,
    "p_bias": p_bias,
}
"""All numbers that an experiment may name."""
