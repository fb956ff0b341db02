"""Made-up contents of a report: two runs of a user's task, with tables, figures and pairs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tombench.schema import Metric
from tombench.summary.collect import EvaluatedRun
from tombench.summary.grid import Behind, Grid
from tombench.summary.pages import Figure, Table, TaskPage
from tombench.summary.report.contents import Card, Contents, Headline, Named, Pair, Pairs
from tombench.summary.report.packed import PackedRun

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg"><metadata>made by</metadata>'
    b'<path d="M1.23456 2"/></svg>'
)


def run_at(
    folder: Path, model: str = "tiny", task: str = "quiz", value: float = 0.5
) -> EvaluatedRun:
    """A run whose folder has the metrics of two levels of a factor."""
    folder.mkdir(parents=True, exist_ok=True)
    part = {"value": 0.25, "low": 0.1, "high": 0.4, "n": 8, "clusters": 4}
    groups = {"colour": {"red": {"accuracy": part}, "blue": {"accuracy": part}}}
    (folder / "metrics.json").write_text(json.dumps({"metrics": {}, "groups": groups}))
    return EvaluatedRun(
        folder=folder,
        task=task,
        model=model,
        prompting="base",
        variant="data=own",
        asked="{}",
        put="",
        limit=None,
        ended="2026-01-02T03:05:10+00:00",
        identity_hash="0123456789abcdef" * 4,
        metrics={"accuracy": Metric(value, value - 0.1, value + 0.1, 1600, 40)},
    )


def about_run(command: str = "tombench task=quiz") -> dict:
    """A run.json of it."""
    return {
        "command": command,
        "started": "2026-01-02T03:04:05+00:00",
        "ended": "2026-01-02T03:05:10+00:00",
        "records": 1600,
        "git": {"commit": "f" * 40, "dirty": True},
        "packages": {"python": "3.11.7", "torch": "2.13.0"},
        "hardware": {"machine": "x86_64", "cores": 2, "accelerators": []},
        "drawn": {"answer_tokens": 4321},
        "identity": {"task": {"name": "quiz", "data": "d" * 64}, "model": {"digest": "e" * 64}},
    }


def grid_of(rows: Sequence[Sequence[str]], behind: Mapping[tuple[int, int], Behind]) -> Grid:
    """A table of models and accuracies."""
    header = ("Model", "accuracy")
    return Grid("Accuracy", header, tuple(map(tuple, rows)), ("A note.",), behind=behind)


def contents_of(runs: Sequence[EvaluatedRun], **changed: object) -> Contents:
    """A report of these runs: one page, one table and one figure."""
    lines = [
        Headline(
            run,
            run.model,
            "base",
            Named("accuracy", run.metrics["accuracy"], "accuracy"),
            Named("always yes", Metric(0.4, 0.4, 0.4, 1600, 40)),
            Metric(0.025, 0.0, 0.1, 1600, 40),
            0.07,
        )
        for run in runs
    ]
    rows = [(run.model, "0.50 [0.40, 0.60]") for run in runs]
    behind = {(place, -1): Behind(run.folder) for place, run in enumerate(runs)}
    grid = grid_of(rows, behind)
    page = TaskPage(
        runs[0].task,
        f"{runs[0].task}: promptings",
        runs,
        [Table("accuracy_quiz", [], [grid])],
        [Figure("accuracy_quiz", lambda kind: SVG, "Accuracy of tiny: 0.50.")],
        [grid],
        ["A line of the page."],
    )
    contents = Contents(
        made="2026-01-02 by tombench 0.1.0",
        cards=[Card(f"r{place}", run.model, run, about_run()) for place, run in enumerate(runs)],
        headline=lines,
        pages=[page],
        pairs=Pairs([pair_of()] if len(runs) > 1 else [], ["Not all are compared."]),
        packed={
            f"r{place}": PackedRun("cm93cw==", "dGV4dHM=", 1600, 1600, 8)
            for place in range(len(runs))
        },
    )
    return replace(contents, **changed)


def pair_of() -> Pair:
    """The first two runs, compared; without a spread."""
    return Pair(
        first=0,
        second=1,
        items=80,
        clusters=40,
        difference=0.1,
        low=0.0,
        high=0.2,
        dz=float("nan"),
        only_first=None,
        only_second=None,
        both=None,
        neither=None,
        p_mcnemar=None,
        p_permutation=0.04,
        holm=0.04,
        family=1,
        detectable=None,
    )
