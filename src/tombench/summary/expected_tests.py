"""The tests that the vignettes study prints, of the counts by hand that a run was given.

Z3R6X/ToM_in_small_LLMs, report, section 7.2: over the sixteen scenarios, a paired t-test of each
prompting against base, and an unpaired one of scenarios where yes is right against those where no
is.
"""

import json
from collections.abc import Mapping

import numpy as np

from tombench.runs import METRICS, RECORDS, records_in
from tombench.schema import Metric
from tombench.statistics.bias import answer_bias
from tombench.statistics.paired import paired_difference
from tombench.summary.collect import EvaluatedRun

BASE = "base"


def p_paired(run: EvaluatedRun, _: str, prompting: str) -> Metric | None:
    """p of the paired t-test that a prompting's counts by hand are those of base."""
    base, other = (_by_hand(run, name) for name in (BASE, prompting))
    if not base or base.keys() != other.keys():
        return None
    differences = np.array([base[scenario] - other[scenario] for scenario in base])
    return _p(paired_difference(differences).p, len(differences))


def p_bias(run: EvaluatedRun, _: str, prompting: str) -> Metric | None:
    """p of the t-test, variances pooled, that scenarios of both right answers are alike."""
    counts = _by_hand(run, prompting)
    right = _right_answers(run) if counts else {}
    groups = [
        np.array([count for scenario, count in counts.items() if right.get(scenario) == answer])
        for answer in ("yes", "no")
    ]
    if min(map(len, groups)) < 2:
        return None
    return _p(answer_bias(*groups).p, len(counts))


def _by_hand(run: EvaluatedRun, prompting: str) -> Mapping[str, float]:
    """Right answers of each scenario as they were counted by hand; {} where they were not."""
    told = json.loads((run.folder / METRICS).read_text(encoding="utf-8")).get("hand_counts") or {}
    rows = told.get("by_scenario", {}).get(run.model, {}).get(prompting, ())
    return {row["scenario"]: float(row["by_hand"]) for row in rows}


def _right_answers(run: EvaluatedRun) -> Mapping[str, str | None]:
    """By scenario."""
    path = run.folder / RECORDS
    return {record.item: record.target for _, record in records_in(path)}


def _p(value: float, scenarios: int) -> Metric:
    """A p-value is known exactly: it has no interval."""
    return Metric(value, value, value, scenarios, scenarios)
