"""Read filled sheets back: how far people, the scorer's rules and judges agree.

tombench stage=prepare task=vignettes task.labels=outputs/prepare/vignettes/v0001/sheet.csv
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

from tombench.labels.judged import run_raters
from tombench.labels.labelled import Labelled, read_labelled
from tombench.labels.rating import (
    ASPECTS,
    Agreement,
    Rater,
    agree,
    agreement_row,
    confusion_rows,
)
from tombench.labels.recorded import read_recorded_run
from tombench.labels.sheet import KeyedAnswer, Row
from tombench.records import RunFolder
from tombench.spreadsheet import csv_text
from tombench.terminal import print_table, visible
from tombench.writing import pretty

AGREEMENT = "agreement.json"
FACTORS = {
    "model": lambda answer: answer.model,
    "prompting": lambda answer: answer.prompting,
    "category": lambda answer: answer.rules.category,
    "needs_review": lambda answer: str(answer.needs_review).lower(),
}
"""By what agreement is told apart; categories are those that the rules gave."""


@dataclass(frozen=True)
class MeasureLabels:
    """A preparation: agreement of labels with each other, with the rules and with judges."""

    paths: tuple[Path, ...]  # filled sheets, one a labeller
    key: str | None
    judged: tuple[Path, ...] = ()  # runs of task=judge on the labelled answers, or of new rules

    @cached_property
    def labelled(self) -> Labelled:
        return read_labelled(self.paths, self.key)

    @cached_property
    def raters(self) -> list[Rater]:
        """People, the rules as they were when the sheet was made, then `judged`."""
        others = run_raters(self.judged, self.labelled)
        return [*self.labelled.people, self.labelled.rules, *others]

    def identity(self) -> Mapping[str, Any]:
        runs = [read_recorded_run(path).digest for path in self.judged]
        names = [rater.name for rater in self.raters]
        return {
            "makes": "agreement",
            "labels": self.labelled.digest(),
            "runs": runs,
            "raters": names,
        }

    def plan(self) -> list[str]:
        return _counts(self.labelled)

    def make(self, run: RunFolder) -> None:
        found = list(self._pairs(self.labelled.answers))
        grouped = [
            {"factor": factor, "level": level} | agreement_row(one)
            for factor, level_of in FACTORS.items()
            for level in sorted({level_of(answer) for answer in self.labelled.answers})
            for one in self._pairs([a for a in self.labelled.answers if level_of(a) == level])
        ]
        differing = disagreements(self.labelled, self.raters)
        _csv(run, "agreement", [agreement_row(one) for one in found])
        _csv(run, "agreement_by_group", grouped)
        _csv(run, "confusion", confusion_rows(found))
        _csv(run, "disagreements", differing)
        summary = {"labelled": _counts(self.labelled), "disagreements": len(differing)}
        run.write(AGREEMENT, pretty(summary | {"pairs": found, "groups": grouped}))

    def show(self, run: RunFolder) -> None:
        values = json.loads((run.path / AGREEMENT).read_text(encoding="utf-8"))
        print("\n".join(values["labelled"]))
        rows = [
            [f"{pair['first']} × {pair['second']}", _SHOWN[pair["aspect"]], *_cells(pair)]
            for pair in values["pairs"]
        ]
        header = ["raters", "in", "agreement [95 %]", "kappa [95 %]", "n", "clusters"]
        print_table("Agreement", header, rows)
        if any(pair["kappa"] is None for pair in values["pairs"]):
            print("  –: both say one and the same throughout; kappa is undefined there")
        print(f"rows on which they differ: {values['disagreements']}, to look at in")
        print(f"  {run.path / 'tables' / 'disagreements.csv'}")

    def _pairs(self, answers: Sequence[KeyedAnswer]) -> Iterator[Agreement]:
        """Every two raters in every aspect."""
        clusters = {answer.key: answer.cluster for answer in answers}
        for first, second in combinations(self.raters, 2):
            for aspect in ASPECTS:
                if (found := agree(first, second, aspect, clusters)) is not None:
                    yield found


_SHOWN = {"score": "right or wrong", "answer": "yes, no, unparsed", "category": "category"}


def disagreements(labelled: Labelled, raters: Sequence[Rater]) -> list[dict[str, Any]]:
    """A row for each row of the sheet on whose answer two raters differ."""
    rows: dict[str, dict[str, Any]] = {}
    for answer in labelled.answers:
        said = {r.name: r.verdicts[answer.key].answer for r in raters if answer.key in r.verdicts}
        if answer.id in rows:
            rows[answer.id]["answers"] += 1
        elif len(set(said.values())) > 1:
            rows[answer.id] = {
                "id": answer.id,
                "answers": 1,
                "run": answer.run,
                "record": answer.record,
                "model": answer.model,
                "prompting": answer.prompting,
                "right_answer": answer.target,
                **{rater.name: said.get(rater.name) for rater in raters},
                "rules_category": answer.rules.category,
                "rules_reason": answer.reason,
                **_written(labelled, answer.id),
                **_text(labelled.rows[answer.id]),
            }
    return list(rows.values())


def _written(labelled: Labelled, row: str) -> dict[str, str]:
    """What each labeller wrote: the label as it stands, and the note."""
    found = {}
    for sheet in labelled.sheets:
        label = sheet.labels.get(row)
        found[f"{sheet.name}_label"] = label.label if label else ""
        found[f"{sheet.name}_note"] = label.note if label else ""
    return found


def _text(row: Row) -> dict[str, str]:
    """A row's texts as the sheet showed them."""
    texts = {"scene": row.scene, "question": row.question, "answer": row.answer}
    return {name: visible(text) for name, text in texts.items()}


def _counts(labelled: Labelled) -> list[str]:
    """How much of the sheet each labeller filled."""
    return [
        f"{sheet.path}: {len(sheet.labels)} of {len(labelled.rows)} rows have a label"
        for sheet in labelled.sheets
    ]


def _cells(pair: Mapping[str, Any]) -> list[str]:
    shown = [
        f"{m['value']:.3f} [{m['low']:.3f}, {m['high']:.3f}]" if m else "–"
        for m in (pair["agreement"], pair["kappa"])
    ]
    return [*shown, str(pair["agreement"]["n"]), str(pair["agreement"]["clusters"])]


def _csv(run: RunFolder, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    run.write(f"tables/{name}.csv", csv_text(rows))
