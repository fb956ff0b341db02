"""Filled sheets and their key: what each labeller, and the scorer's rules, make of each answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tombench.datafile import digest
from tombench.errors import UserError, gathered, nearest, told
from tombench.labels.rating import Rater
from tombench.labels.reading import Label, read_labels
from tombench.labels.recorded import Verdict
from tombench.labels.sheet import KEY, KeyedAnswer, Row, read_key
from tombench.scorers.yes_no import UNPARSED

RULES = "rules"
"""The scorer's name among the raters."""


@dataclass(frozen=True)
class FilledSheet:
    """One labeller's sheet."""

    name: str  # the labeller's: the file's, without its ending
    path: Path
    labels: Mapping[str, Label]  # by row id


@dataclass(frozen=True)
class Labelled:
    """The answers behind a sheet, and copies of it that people filled."""

    key: Path
    rows: Mapping[str, Row]  # by id
    answers: Sequence[KeyedAnswer]
    sheets: Sequence[FilledSheet]

    @property
    def clusters(self) -> dict[str, str]:
        """The independent unit of each answer."""
        return {answer.key: answer.cluster for answer in self.answers}

    @cached_property
    def rules(self) -> Rater:
        """What the scorer read when the sheet was made."""
        return Rater(RULES, {answer.key: answer.rules for answer in self.answers})

    @cached_property
    def people(self) -> list[Rater]:
        """A rater a filled sheet."""
        return [
            Rater(
                sheet.name,
                {
                    answer.key: _verdict(sheet.labels[answer.id].label, answer.target)
                    for answer in self.answers
                    if answer.id in sheet.labels
                },
            )
            for sheet in self.sheets
        ]

    def digest(self) -> list[list[str]]:
        """What the labels are, for a run's identity: labellers' names and all bytes."""
        named = [[sheet.name, digest([sheet.path])] for sheet in self.sheets]
        return [*named, ["key", digest([self.key])]]


def read_labelled(paths: Sequence[Path], key: str | None) -> Labelled:
    """Filled sheets with their key: `key`, or the one beside the first sheet that has one.

    Raises:
        UserError: the key or a sheet is not readable, or no row of a sheet is labelled; all told.
    """
    place = Path(key).expanduser() if key else _key_beside(paths)
    sheet = read_key(place)
    rows = {row.id: row for row in sheet.rows}
    labels = gathered(*(lambda path=path: _some_labels(path, rows) for path in paths))
    names = _names(paths)
    sheets = [FilledSheet(*found) for found in zip(names, paths, labels, strict=True)]
    return Labelled(place, rows, sheet.answers, sheets)


def _some_labels(path: Path, rows: Mapping[str, Row]) -> dict[str, Label]:
    labels = read_labels(path, rows)
    if not labels:
        raise UserError(f"{path}: no row has a label yet; write yes, no or … into column 'label'")
    return labels


def _key_beside(paths: Sequence[Path]) -> Path:
    for path in paths:
        if not path.is_file():
            beside = [other.name for other in path.parent.glob("*.csv")]
            raise UserError(told(f"{path}: no such file", nearest(path.name, beside)))
        if (path.parent / KEY).is_file():
            return path.parent / KEY
    raise UserError(
        f"{paths[0]}: no {KEY} beside it; name the one that was written with the sheet, "
        "task.label_key=PATH"
    )


def _names(paths: Sequence[Path]) -> list[str]:
    """File names without their endings; those that are alike with their folder's before them."""
    stems = [path.stem for path in paths]
    names = [
        stem if stems.count(stem) == 1 and stem != RULES else f"{path.resolve().parent.name}/{stem}"
        for path, stem in zip(paths, stems, strict=True)
    ]
    if len(set(names)) < len(names):
        raise UserError(f"task.labels: {paths[0]} and others have one name; name a file a labeller")
    return names


def _verdict(label: str, target: str) -> Verdict:
    """A label as a verdict: yes and no are answers, all else says why there is none."""
    answered = label in ("yes", "no")
    return Verdict(
        label if answered else UNPARSED, "answered" if answered else label, label == target
    )
