"""Who chose, and who learnt from whom: students, the same models untuned, their teachers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tombench.schema import Metric
from tombench.summary.behind import behind_run, within
from tombench.summary.collect import EvaluatedRun
from tombench.summary.games import SPLITS, Choices, Fitted, Played
from tombench.summary.games_kin import Kin
from tombench.summary.grid import Behind
from tombench.summary.restrictions import Only
from tombench.summary.tables import row_labels

NAMED = (("7b", "7bF", "70b"), ("untuned", "student", "teacher"))
"""Untuned, student and teacher among models whose answers files hold: the study's names, ours."""


@dataclass(frozen=True, eq=False)
class Chooser:
    """A model, or a law, and all that it chose in one run."""

    label: str
    name: str  # of a model whose answers files hold; else ""
    folder: Path
    cells: tuple[Choices, ...]
    metrics: Mapping[str, Metric]
    fits: tuple[Fitted, ...]
    kin: Kin
    answers: Behind  # all records of its answers

    @property
    def parts(self) -> dict[str, list[Choices]]:
        """Cells by what they test, those of the study's splits first."""
        return by_part(self.cells)

    def behind(self, only: Only | None = None) -> Behind:
        """Its records, or those of them that restrictions let through."""
        return within(self.answers, only or {})

    @property
    def by_item(self) -> dict[str, Choices]:
        return {cell.item: cell for cell in self.cells}


@dataclass(frozen=True, eq=False)
class Lesson:
    """A student and whom it is held against, as far as they are there."""

    student: Chooser
    untuned: Chooser | None
    teacher: Chooser | None
    missing: tuple[str, ...] = ()  # who is not, in words


def choosers(runs: Sequence[EvaluatedRun]) -> list[Chooser]:
    """A chooser a run, of files with answers one a model."""
    own = [(run, run.games) for run in runs if run.games]
    labels = _labels([run for run, _ in own])
    return [_of(run, played, label) for label, (run, played) in zip(labels, own, strict=True)]


def _labels(runs: Sequence[EvaluatedRun]) -> list[str]:
    """The model's name; of several runs of one with its folder's number, where that tells them
    apart: what they were asked says each row itself."""
    several = Counter(run.model for run in runs)
    found = [
        run.model if several[run.model] == 1 else f"{run.model} {run.folder.name}" for run in runs
    ]
    return found if len(set(found)) == len(found) else row_labels(runs)


def lessons(found: Sequence[Chooser]) -> list[Lesson]:
    """Of every student its untuned self and its teacher, looked for among `found`."""
    own = [*_of_answers(found), *_of_runs(found)]
    judges = {id(who) for lesson in own for who in (lesson.untuned, lesson.teacher)}
    return [lesson for lesson in own if id(lesson.student) not in judges]


def by_part(cells: Sequence[Choices]) -> dict[str, list[Choices]]:
    """Cells by what they test: in-sample first, then in the order of the splits."""
    place = {split: number for number, split in enumerate(SPLITS)}
    ranked = sorted(cells, key=lambda cell: (place.get(cell.of("split"), len(place)), cell.part))
    found: dict[str, list[Choices]] = {}
    for cell in ranked:
        found.setdefault(cell.part, []).append(cell)
    return found


def _of(run: EvaluatedRun, played: Played, label: str) -> Chooser:
    return Chooser(
        label=label,
        name=played.only or "",
        folder=run.folder.resolve(),
        cells=played.cells,
        metrics=run.metrics,
        fits=played.fits,
        kin=played.kin,
        answers=behind_run(run),
    )


def _of_answers(found: Sequence[Chooser]) -> Iterator[Lesson]:
    """Of models by name, within one run."""
    for folder in dict.fromkeys(one.folder for one in found if one.name):
        named = {one.name: one for one in found if one.folder == folder}
        for untuned, student, teacher in NAMED:
            if student in named:
                missing = [name for name in (untuned, teacher) if name not in named]
                told = (
                    f"{named[student].label}: no answers of {name}; name their files {name}=PATH "
                    "in task.answers"
                    for name in missing
                )
                who = named[student], named.get(untuned), named.get(teacher)
                yield Lesson(*who, tuple(told))


def _of_runs(found: Sequence[Chooser]) -> Iterator[Lesson]:
    """Of models by what their runs and trainings name."""
    for one in found:
        if one.kin.student and not one.name:
            teacher = next((o for o in found if o.folder == one.kin.teacher), None)
            untuned = _untuned(one, found)
            yield Lesson(one, untuned, teacher, tuple(_missing(one, untuned, teacher)))


def _untuned(student: Chooser, found: Sequence[Chooser]) -> Chooser | None:
    """The run that is named, else that of the same weights which shares most cells."""
    kin = student.kin
    if kin.untuned is not None:
        return next((one for one in found if one.folder == kin.untuned), None)
    same = [one for one in found if one.kin.base and one.kin.base == kin.trained_from]
    shared = {id(one): len(one.by_item.keys() & student.by_item.keys()) for one in same}
    same = [one for one in same if shared[id(one)]]
    return max(same, key=lambda one: shared[id(one)], default=None)


def _missing(student: Chooser, untuned: Chooser | None, teacher: Chooser | None) -> Iterator[str]:
    kin = student.kin
    if teacher is None and kin.teacher is None:
        yield f"{student.label}: its training names no teacher; give task.teacher=RUN"
    elif teacher is None:
        yield f"{student.label}: its teacher {kin.teacher} is not among these runs; add it"
    if untuned is not None:
        return
    if kin.untuned is not None:
        yield f"{student.label}: its untuned run {kin.untuned} is not among these; add it"
    elif kin.trained_from is None:
        yield f"{student.label}: no run before its training is named; give task.untuned=RUN"
    else:
        path = " + ".join(filter(None, kin.trained_from))
        yield (
            f"{student.label}: no run of the model before its training, {path}, on the same cells "
            "is among these; evaluate it as the student was"
        )
