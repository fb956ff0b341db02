"""Runs of story suites: a table of their units and questions, shortcuts below."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tombench.schema import Metric
from tombench.summary.behind import behind_metric, behind_run, placed
from tombench.summary.collect import EvaluatedRun
from tombench.summary.grid import Behind, Grid
from tombench.summary.tables import differing, heading, interval_text

UNITS = {
    "contrast_set_accuracy": "whole sets",
    "pair_accuracy": "pairs",
    "cell_accuracy": "cells",
    "false_belief_accuracy": "false belief",
    "true_belief_accuracy": "true belief",
}
"""Columns that shortcuts have too."""
UNPROMPTED = "none"
"""The prompting of a run whose stories are put in a form of their own."""
QUESTIONS = ("reality", "memory", "percept")
BESIDE = {
    "belief_given_controls": "given controls",
    "first_word/cell_accuracy": "cells, first word",
    "free_text/cell_accuracy": "cells, free text",
    "unparsed": "unparsed",
}
NOTES = (
    "whole sets: every headline question of a story's eight cells right. pairs: a false belief and "
    "its matched control both right. cells: both headline questions of a story right (who answers "
    "by the facts gets 0.75).",
    "false belief, true belief: the question on belief (in transfer: on action) in false-belief "
    "cells; in all other cells.",
    "All are forced choices by log-probability; a tie counts as its part in single questions, as "
    "wrong in sets, pairs and cells. [low, high]: 95 % interval over sets.",
    "shortcut: what one gets who always says the same in a set (majority), the option that the "
    "prompt names first, last or most often, or what is so (reality).",
)
NOTES_BESIDE = (
    "reality, memory, percept: what is so, what was so at first (or the label says), who saw it; "
    "in all cells. given controls: belief where reality and memory are right.",
    "unparsed: of drawn answers where any were drawn, else of forced choices. first word: of drawn "
    "answers by the study's rule, on average over repetitions; free text: the same, but read as "
    "answers to scenarios are.",
)


@dataclass(frozen=True)
class StoryRow:
    """A run, or a shortcut on its items."""

    model: str
    stories: str  # suite, and in what it differs from other runs of the suite
    run: EvaluatedRun
    shortcut: str | None = None

    @property
    def prompting(self) -> str | None:
        """Under which its questions were put; None where the suite has a form of its own."""
        read = self.shortcut is None and self.run.prompting != UNPROMPTED
        return self.run.prompting if read else None

    @property
    def label(self) -> str:
        """The model with its prompting, where that is all there is room for."""
        return f"{self.model}, {heading(self.prompting)}" if self.prompting else self.model

    def score(self, column: str) -> Metric | None:
        """What it gets of a unit, a question type or another metric of the run."""
        found = self.run.stories
        if found is None:
            return None
        if self.shortcut is not None:
            return found.score("baseline", self.shortcut, column)
        if column in QUESTIONS:
            return found.score("question_type", column, "accuracy")
        return self.run.metrics.get(column)

    def behind(self, column: str | None = None) -> Behind | None:
        """The records of a column's number, or of the whole run; None of a shortcut."""
        if self.shortcut is not None:
            return None
        if column in QUESTIONS:
            return behind_metric(self.run, "accuracy", "question_type", column)
        return behind_run(self.run) if column is None else behind_metric(self.run, column)

    @property
    def sets(self) -> int:
        """How many whole sets there are; else independent clusters."""
        whole = self.run.metrics.get("contrast_set_accuracy")
        return whole.n if whole else self.run.metrics["accuracy"].clusters


def story_rows(runs: Sequence[EvaluatedRun], shortcuts: bool = True) -> list[StoryRow]:
    """A row a run, those on the same stories together, each such group with its shortcuts."""
    stories = _stories_labels(runs)
    rows = []
    for label in sorted({*stories}):
        own = [run for run, its in zip(runs, stories, strict=True) if its == label]
        rows += [StoryRow(m, label, r) for m, r in zip(_models(own), own, strict=True)]
        if shortcuts and own[0].stories:
            names = own[0].stories.groups.get("baseline", {})
            rows += [
                StoryRow(f"shortcut: {name.replace('_', ' ')}", label, own[0], name)
                for name in names
            ]
    return rows


def story_grid(task: str, runs: Sequence[EvaluatedRun]) -> Grid:
    """The whole table, for files."""
    columns = {**UNITS, **_beside(runs)}
    return _grid(f"{task}: stories", story_rows(runs), columns, (*NOTES, *NOTES_BESIDE))


def story_grids(task: str, runs: Sequence[EvaluatedRun]) -> list[Grid]:
    """The same in two tables, which a terminal is wide enough for."""
    beside = story_rows(runs, shortcuts=False)
    return [
        _grid(f"{task}: stories", story_rows(runs), UNITS, NOTES),
        _grid("Beside each score", beside, _beside(runs), NOTES_BESIDE),
    ]


def story_csv(runs: Sequence[EvaluatedRun]) -> list[dict[str, Any]]:
    """The table in long form, unrounded: a row a number."""
    return [
        {
            "model": row.model,
            "prompting": row.prompting,
            "stories": row.stories,
            "shortcut": row.shortcut,
            "metric": column,
            "value": metric.value,
            "low": metric.low,
            "high": metric.high,
            "n": metric.n,
            "clusters": metric.clusters,
            "run": str(row.run.folder),
        }
        for row in story_rows(runs)
        for column in {**UNITS, **_beside(runs)}
        if (metric := row.score(column))
    ]


def _beside(runs: Sequence[EvaluatedRun]) -> dict[str, str]:
    """Further columns, those that some run fills."""
    columns = {name: name for name in QUESTIONS} | BESIDE
    rows = story_rows(runs, shortcuts=False)
    return {name: heading for name, heading in columns.items() if any(r.score(name) for r in rows)}


def _grid(
    title: str, rows: Sequence[StoryRow], columns: dict[str, str], notes: tuple[str, ...]
) -> Grid:
    prompted = any(row.prompting for row in rows)
    cells = [
        (
            row.model,
            *([heading(row.prompting or "–")] if prompted else []),
            row.stories,
            *(interval_text(row.score(column)) for column in columns),
            str(row.sets),
        )
        for row in rows
    ]
    named = ("Model", "Prompting", "Stories") if prompted else ("Model", "Stories")
    header = (*named, *columns.values(), "sets")
    behind = placed(
        {-1: row.behind()} | {len(named) + n: row.behind(name) for n, name in enumerate(columns)}
        for row in rows
    )
    return Grid(title, header, tuple(cells), notes, frozenset(_parted(rows)), behind)


def _parted(rows: Sequence[StoryRow]) -> Iterator[int]:
    """Rows that begin other stories, or the shortcuts."""
    for place in range(1, len(rows)):
        before, row = rows[place - 1], rows[place]
        if before.stories != row.stories or (before.shortcut is None) != (row.shortcut is None):
            yield place


def _stories_labels(runs: Sequence[EvaluatedRun]) -> list[str]:
    """Of each run its suite and what sets its stories apart from others of the suite."""
    labels = []
    for run in runs:
        same = [other for other in runs if _suite(other) == _suite(run)]
        puts = [other.put.split(" ") for other in same]
        own = [word for word in run.put.split(" ") if not all(word in put for put in puts)]
        own = [word for word in own if not word.endswith("=")]  # an empty text sets nothing apart
        alike = {_data(other) for other in same if other.put == run.put}
        own += [_data(run)] if len(alike) > 1 else []
        own += [] if run.limit is None else [f"first {run.limit} items"]
        told = ", ".join(map(_short, own))
        labels.append(f"{_suite(run)} ({told})" if told else _suite(run))
    return labels


def _models(runs: Sequence[EvaluatedRun]) -> list[str]:
    """Labels of runs on the same stories: the model, and what else differs."""
    told = [", ".join(differing(run, runs)) for run in runs]
    return [f"{run.model} ({t})" if t else run.model for run, t in zip(runs, told, strict=True)]


def _suite(run: EvaluatedRun) -> str:
    return run.stories.suite if run.stories else run.task


def _short(word: str) -> str:
    """A digest by its first digits."""
    key, _, value = word.partition("=")
    return f"{key}={value[:8]}" if key == "commitment" else word


def _data(run: EvaluatedRun) -> str:
    return next(word for word in run.variant.split(" ") if word.startswith("data_sha256="))
