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

from tombench.errors import UserError
from tombench.labels.labelled import Labelled, read_labelled
from tombench.labels.rating import (
    ASPECTS,
    Agreement,
    Rater,
    agree,
    agreement_row,
    confusion_rows,
)
from tombench.labels.recorded import JUDGED, answer_key, read_recorded_run, verdict_of
from tombench.labels.sheet import KeyedAnswer, Row, guarded
from tombench.records import RunFolder
from tombench.runs import METRICS, read_records
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
    """A preparation: agreement of labels with the rules, with each other and with judges."""

    paths: tuple[Path, ...]  # filled sheets, one a labeller
    key: str | None
    judges: tuple[Path, ...] = ()  # finished runs of task=judge on the labelled answers

    @cached_property
    def labelled(self) -> Labelled:
        return read_labelled(self.paths, self.key)

    @cached_property
    def raters(self) -> list[Rater]:
        """People, then the rules, then judges."""
        judges = judge_raters(self.judges)
        known = {answer.key for answer in self.labelled.answers}
        for path, judge in zip(self.judges, judges, strict=True):
            if not known & set(judge.verdicts):
                raise UserError(f"{path}: it judged none of the answers of {self.labelled.key}")
        return [*self.labelled.people, self.labelled.rules, *judges]

    def identity(self) -> Mapping[str, Any]:
        runs = [[rater.name, read_recorded_run(path).digest] for rater, path in self._judged()]
        return {"makes": "agreement", "labels": self.labelled.digest(), "judges": runs}

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

    def _judged(self) -> Iterator[tuple[Rater, Path]]:
        return zip(self.raters[len(self.labelled.people) + 1 :], self.judges, strict=True)

    def _pairs(self, answers: Sequence[KeyedAnswer]) -> Iterator[Agreement]:
        """Every two raters in every aspect; a judge says yes, no or neither, and no category."""
        clusters = {answer.key: answer.cluster for answer in answers}
        judges = {rater.name for rater, _ in self._judged()}
        for first, second in combinations(self.raters, 2):
            for aspect in ASPECTS:
                if aspect == "category" and judges & {first.name, second.name}:
                    continue
                if (found := agree(first, second, aspect, clusters)) is not None:
                    yield found


_SHOWN = {"score": "right or wrong", "answer": "yes, no, unparsed", "category": "category"}


def judge_raters(folders: Sequence[Path]) -> list[Rater]:
    """What finished runs of task=judge say of the answers that they judged.

    Raises:
        UserError: one is not such a run.
    """
    raters: list[Rater] = []
    for folder in folders:
        run = read_recorded_run(folder)
        judged = json.loads((folder / METRICS).read_text(encoding="utf-8")).get(JUDGED)
        if judged is None:
            raise UserError(f"{folder}: not a judge's run; make one by tombench task=judge")
        name = run.model if run.model not in {r.name for r in raters} else f"{run.model} {folder}"
        verdicts = {
            answer_key(judged["records_sha256"], record.id): verdict_of(record.score)
            for record in read_records(folder)
            if not record.error
        }
        raters.append(Rater(name, verdicts))
    return raters


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
        found[f"{sheet.name}_note"] = guarded(label.note) if label else ""
    return found


def _text(row: Row) -> dict[str, str]:
    """A row's texts as the sheet showed them."""
    texts = {"scene": row.scene, "question": row.question, "answer": row.answer}
    return {name: guarded(visible(text)) for name, text in texts.items()}


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
    from pandas import DataFrame

    run.write(f"tables/{name}.csv", DataFrame(rows).to_csv(index=False))
