"""Accuracy as read by rule beside labels by hand, by cell and by scenario."""

from collections.abc import Sequence
from statistics import mean
from typing import Any

from tombench.summary.behind import behind_run, placed, within
from tombench.summary.collect import EvaluatedRun
from tombench.summary.grid import Grid
from tombench.summary.tables import heading

WORST = 3  # scenarios that a note names
HAND_NOTE = (
    "By rule: the share of right answers as the rules read them. By hand: the share that a person "
    "counted in the same answers. Difference: by rule less by hand."
)
SCENARIO_NOTE = (
    "By rule, By hand: right answers to the scenario, mean over cells (model and prompting). Mean "
    "apart, Largest: of the absolute difference in a cell; Furthest apart in: the cell of the "
    "largest."
)


def hand_grid(task: str, runs: Sequence[EvaluatedRun], labels: Sequence[str]) -> Grid:
    """Each cell that has both, with the mean differences and the worst scenarios as notes."""
    counted = [(label, run, run.hand_counts) for label, run in zip(labels, runs, strict=True)]
    shown = [(label, run, hand) for label, run, hand in counted if hand]
    rows = [
        (
            label,
            heading(run.prompting),
            f"{hand.ours:.3f}",
            f"{hand.by_hand:.3f}",
            f"{hand.ours - hand.by_hand:+.3f}".replace("-", "−"),
        )
        for label, run, hand in shown
    ]
    per_folder = {run.folder: hand for _, run, hand in shown}
    notes = [
        f"Mean absolute difference: {hand.cells:.3f} over {hand.cells_n} cells (model and "
        f"prompting); on average {hand.scenarios:.2f} right answers apart in a cell's scenario "
        f"({hand.scenarios_n} of them)."
        for hand in per_folder.values()
    ]
    header = ("Model", "Prompting", "By rule", "By hand", "Difference")
    notes += _worst(scenario_rows(runs, labels))
    behind = placed({-1: behind_run(run)} for _, run, _ in shown)
    title = f"{task}: accuracy by rule and by hand"
    return Grid(title, header, tuple(rows), (HAND_NOTE, *notes), behind=behind)


def hand_rows(runs: Sequence[EvaluatedRun], labels: Sequence[str]) -> list[dict[str, Any]]:
    """A row a cell that was labelled by hand too."""
    return [
        {
            "model": label,
            "prompting": run.prompting,
            "by_rule": run.hand_counts.ours,
            "by_hand": run.hand_counts.by_hand,
            "run": str(run.folder),
        }
        for label, run in zip(labels, runs, strict=True)
        if run.hand_counts
    ]


def scenario_grid(task: str, runs: Sequence[EvaluatedRun], labels: Sequence[str]) -> Grid:
    """Each scenario over its cells: how many right answers rule and hand lie apart."""
    rows, behind = [], []
    own_run = {(label, r.prompting): r for label, r in zip(labels, runs, strict=True)}
    for scenario, own in _by_scenario(scenario_rows(runs, labels)).items():
        apart = [row["absolute_difference"] for row in own]
        worst = own[apart.index(max(apart))]
        cell = f"{worst['model']}, {heading(worst['prompting'])}" if max(apart) else "–"
        means = (f"{mean(row[by] for row in own):.2f}" for by in ("by_rule", "by_hand"))
        rows.append((scenario, cell, *means, f"{mean(apart):.2f}", f"{max(apart):g}"))
        furthest = own_run[worst["model"], worst["prompting"]]
        answers = within(behind_run(furthest), {"cluster": (scenario,)})
        behind.append(dict.fromkeys((1, 5) if max(apart) else (), answers))
    header = ("Scenario", "Furthest apart in", "By rule", "By hand", "Mean apart", "Largest")
    title = f"{task}: right answers to each scenario by rule and by hand, over cells"
    return Grid(title, header, tuple(rows), (SCENARIO_NOTE,), behind=placed(behind))


def scenario_rows(runs: Sequence[EvaluatedRun], labels: Sequence[str]) -> list[dict[str, Any]]:
    """A row a scenario of each cell that was labelled by hand too: numbers of right answers."""
    return [
        {
            "model": label,
            "prompting": run.prompting,
            "scenario": row.scenario,
            "answers": row.answers,
            "by_rule": row.ours,
            "by_hand": row.by_hand,
            "absolute_difference": abs(row.ours - row.by_hand),
            "run": str(run.folder),
        }
        for label, run in zip(labels, runs, strict=True)
        if run.hand_counts
        for row in run.hand_counts.by_scenario
    ]


def _by_scenario(rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["scenario"], []).append(row)
    return found


def _worst(rows: Sequence[dict[str, Any]]) -> list[str]:
    """A line that names the scenarios that lie furthest apart on average; none where none does."""
    means = {
        scenario: mean(row["absolute_difference"] for row in own)
        for scenario, own in _by_scenario(rows).items()
    }
    worst = sorted(means, key=lambda name: -means[name])[:WORST]
    told = [f"scenario {name} ({means[name]:.2f})" for name in worst if means[name] > 0]
    return [f"Furthest apart, right answers on average over cells: {', '.join(told)}."] * bool(told)
