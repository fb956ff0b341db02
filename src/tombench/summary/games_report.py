"""All that the summary says of runs of games: tables, figures, and what a terminal shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from tombench.summary.collect import EvaluatedRun
from tombench.summary.figures import Figure
from tombench.summary.games_alt_texts import awareness_alt, choices_alt, donations_alt, gaps_alt
from tombench.summary.games_contrasts import CellContrast, cell_contrasts
from tombench.summary.games_csv import (
    cell_csv,
    context_csv,
    contrast_csv,
    donation_csv,
    fit_csv,
    learned_csv,
    rate_csv,
    sensitivity_csv,
    theory_csv,
)
from tombench.summary.games_figures import MOST, choice_figure, donation_figure
from tombench.summary.games_learned import Learned, learned
from tombench.summary.games_learned_tables import contrast_grid, count_grid, learned_grid
from tombench.summary.games_maps import awareness_figure, gap_figure
from tombench.summary.games_roles import Chooser, Lesson, choosers, lessons
from tombench.summary.games_tables import (
    cell_grid,
    class_grid,
    context_grid,
    donation_grid,
    rate_grid,
)
from tombench.summary.games_theory_tables import (
    agreement_grid,
    dependence_grid,
    fit_grid,
    shift_grid,
)
from tombench.summary.grid import Grid

Table = tuple[Sequence[Mapping[str, Any]], Sequence[Grid]]
"""Rows for the CSV, and what is shown."""


@dataclass(frozen=True, eq=False)
class GamesReport:
    """One task's runs, each thing computed once."""

    task: str
    runs: Sequence[EvaluatedRun]

    def tables(self) -> dict[str, Table]:
        """By name, those that the runs have rows for."""
        own = self._choosers
        tables: dict[str, Table] = {
            "cooperation": (rate_csv(own), [self._cooperation]),
            "contexts": (context_csv(own), [context_grid(self._title("by context"), own)]),
            "cells": (cell_csv(own), [cell_grid(self._title("every cell"), own)]),
            "donations": (donation_csv(own), [self._donations]),
            "learned": (learned_csv(self._learned), [self._learned_grid]),
            "contrasts": (contrast_csv(self._contrasts), [self._counted, self._by_cell]),
            "sensitivity": (sensitivity_csv(own), [self._dependence, self._shifts]),
            "equilibrium": (theory_csv(own), [self._agreement, self._classes]),
            "fits": (fit_csv(own), [fit_grid(self._title("laws of behaviour"), own)]),
        }
        return {
            f"{name}_{self.task}": (rows, [grid for grid in grids if grid.rows])
            for name, (rows, grids) in tables.items()
            if rows
        }

    def shown(self) -> list[Grid]:
        """What a terminal is high enough for: no single context, cell or class."""
        grids = (
            self._cooperation,
            self._learned_grid,
            self._counted,
            self._dependence,
            self._agreement,
            self._shifts,
            self._donations,
        )
        return [grid for grid in grids if grid.rows]

    def untold(self) -> list[str]:
        """Whom a student has to be held against and who is not there, if no table says so."""
        return [] if self._learned_grid.rows else self._missing

    def figures(self) -> list[Figure]:
        """Choices and donations of up to three models a figure, a map a student, bars."""
        found, own = [], self._choosers
        for end, group in _numbered(self.task, _together(own, self._lessons)):
            choices, gifts = partial(choice_figure, group), partial(donation_figure, group)
            found.append(Figure(f"choices_{end}", choices, choices_alt(group)))
            found.append(Figure(f"donations_{end}", gifts, donations_alt(group)))
        taught = [lesson for lesson in self._lessons if lesson.teacher]
        for end, lesson in _numbered(self.task, taught):
            found.append(Figure(f"gaps_{end}", partial(gap_figure, lesson), gaps_alt(lesson)))
        bars = partial(awareness_figure, own)
        found.append(Figure(f"awareness_{self.task}", bars, awareness_alt(own)))
        return found

    @cached_property
    def _choosers(self) -> list[Chooser]:
        return choosers(self.runs)

    @cached_property
    def _lessons(self) -> list[Lesson]:
        return lessons(self._choosers)

    @cached_property
    def _by_student(self) -> dict[str, Lesson]:
        return {lesson.student.label: lesson for lesson in self._lessons}

    @property
    def _missing(self) -> list[str]:
        return [line for lesson in self._lessons for line in lesson.missing]

    @cached_property
    def _learned(self) -> dict[str, list[Learned]]:
        return {lesson.student.label: learned(lesson) for lesson in self._lessons}

    @cached_property
    def _contrasts(self) -> dict[str, list[CellContrast]]:
        return {lesson.student.label: cell_contrasts(lesson) for lesson in self._lessons}

    @cached_property
    def _cooperation(self) -> Grid:
        return rate_grid(self._title("cooperation"), self._choosers)

    @cached_property
    def _learned_grid(self) -> Grid:
        title = self._title("what was learnt")
        return learned_grid(title, self._learned, self._by_student, self._missing)

    @cached_property
    def _counted(self) -> Grid:
        return count_grid(self._title("cells that differ"), self._contrasts)

    @property
    def _by_cell(self) -> Grid:
        return contrast_grid(self._title("cell by cell"), self._contrasts, self._by_student)

    @cached_property
    def _dependence(self) -> Grid:
        return dependence_grid(self._title("what choices hang on"), self._choosers)

    @cached_property
    def _shifts(self) -> Grid:
        return shift_grid(self._title("what should not move a choice"), self._choosers)

    @cached_property
    def _agreement(self) -> Grid:
        return agreement_grid(self._title("equilibrium"), self._choosers)

    @property
    def _classes(self) -> Grid:
        return class_grid(self._title("new games by class"), self._choosers)

    @cached_property
    def _donations(self) -> Grid:
        return donation_grid(self._title("public goods"), self._choosers)

    def _title(self, what: str) -> str:
        return f"{self.task}: {what}"


def _numbered(task: str, members: Sequence[Any]) -> list[tuple[str, Any]]:
    """Each with the end of its files' names: the task, and a number where there are several."""
    several = len(members) > 1
    return [(f"{task}_{number}" if several else task, one) for number, one in enumerate(members, 1)]


def _together(own: Sequence[Chooser], taught: Sequence[Lesson]) -> list[list[Chooser]]:
    """Who stands in one figure: untuned, student and teacher; then the others, three at a time."""
    groups = [
        [one for one in (lesson.untuned, lesson.student, lesson.teacher) if one]
        for lesson in taught
    ]
    told = {id(one) for group in groups for one in group}
    rest = [one for one in own if id(one) not in told]
    return groups + [rest[n : n + MOST] for n in range(0, len(rest), MOST)]
