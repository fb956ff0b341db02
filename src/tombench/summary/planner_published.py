"""The published table of MMToM-QA: who got how much, read from what, and averaged how."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from tombench.datafile import EMBEDDED
from tombench.summary.grid import Grid

BELIEF_TYPES, GOAL_TYPES = ("1.1", "1.2", "1.3"), ("2.1", "2.2", "2.3", "2.4")
TYPES = BELIEF_TYPES + GOAL_TYPES
PARTS = (*BELIEF_TYPES, "belief", *GOAL_TYPES, "goal")
AVERAGES = {"all": "all (micro)", "macro": "macro"}
"""Over the 600 questions; the unweighted mean of the seven types."""
COMPUTED = "*"
NOTE_COMPUTED = (
    f"{COMPUTED}: of a published row, computed here from its seven types; the other average, or "
    "the one that is not told, is as printed."
)

Averaged = Literal["micro", "macro", "not told"]


@dataclass(frozen=True)
class PublishedRow:
    """One row of a published table, in percent, as printed."""

    method: str
    size: str | None  # models
    modality: str  # what was read: text, video, multimodal
    source: str
    averaged: Averaged  # how `printed` was
    scores: Mapping[str, float]  # by type, belief, goal
    printed: float  # over all questions
    theme: str = "home"

    @property
    def name(self) -> str:
        """ "BIP-ALM (GPT-J), multimodal"."""
        return f"{self.method} ({self.size}), {self.modality}" if self.size else (
            f"{self.method}, {self.modality}"
        )  # fmt: skip

    @property
    def computed(self) -> Mapping[str, float]:
        """Both averages, of a row that tells its seven types."""
        if not set(TYPES) <= set(self.scores):
            return {}
        belief = sum(self.scores[name] for name in BELIEF_TYPES)
        goal = sum(self.scores[name] for name in GOAL_TYPES)
        return {"all": (belief / 3 + goal / 4) / 2, "macro": (belief + goal) / 7}

    def text(self, column: str) -> str:
        """What stands in a column: as printed, an average that was not printed marked; or –."""
        if column in AVERAGES:
            if column == ("macro" if self.averaged == "macro" else "all"):
                return _printed(self.printed)
            found = self.computed.get(column)
            return "–" if found is None else f"{found:.1f}{COMPUTED}"
        return _printed(self.scores[column]) if column in self.scores else "–"


@dataclass(frozen=True)
class PublishedTable:
    """Rows and what a reader must know of them."""

    rows: tuple[PublishedRow, ...]
    scaling: tuple[PublishedRow, ...]  # the scaled planner by size and by how it was made
    worlds: tuple[PublishedRow, ...]  # the same in other worlds than home
    sources: Mapping[str, str]
    averaging: Mapping[str, str]
    own_data: str
    study_key: str
    themes: str

    def row(self, method: str, modality: str) -> PublishedRow:
        """The row of a method that told all types. Raises KeyError where there is none."""
        for row in self.rows:
            if (row.method, row.modality) == (method, modality) and row.computed:
                return row
        raise KeyError(method, modality)

    @property
    def notes(self) -> tuple[str, ...]:
        """How each was averaged and where it was printed, what its key is."""
        averages = "; ".join(f"{name}: {what}" for name, what in self.averaging.items())
        sources = "; ".join(f"{name}: {what}" for name, what in self.sources.items())
        return (f"Averages. {averages}.", f"Sources. {sources}.", self.study_key, self.own_data)


@cache
def published_table() -> PublishedTable:
    """`data/reference/mmtom.json`."""
    path = EMBEDDED / "reference" / "mmtom.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = {key: tuple(map(_row, found[key])) for key in ("rows", "scaling", "worlds")}
    told = ("sources", "averaging", "own_data", "study_key", "themes")
    return PublishedTable(**rows, **{key: found[key] for key in told})


def published_grids() -> list[Grid]:
    """The whole table for files: all rows by type, the scaled planner by size, other worlds."""
    table = published_table()
    return [
        _grid("Published: right answers on MMToM-QA, %", table.rows, (*PARTS, *AVERAGES)),
        _grid("Published: the scaled planner by size, macro, %", table.scaling, ("macro",)),
        _worlds(table),
    ]


def published_csv() -> list[dict[str, Any]]:
    """The same in long form, a row a printed number."""
    table = published_table()
    return [
        {
            "method": row.method,
            "size": row.size,
            "modality": row.modality,
            "theme": row.theme,
            "source": row.source,
            "averaged": row.averaged,
            "questions": name,
            "percent": value,
        }
        for row in (*table.rows, *table.scaling, *table.worlds)
        for name, value in {**row.scores, "all": row.printed}.items()
    ]


def _printed(value: float) -> str:
    """One digit, or two where they were printed."""
    return f"{value:.1f}" if round(value, 1) == value else f"{value:.2f}"


def _row(found: Mapping[str, Any]) -> PublishedRow:
    return PublishedRow(
        method=found["method"],
        size=found["size"],
        modality=found["modality"],
        source=found["source"],
        averaged=found["averaging"],
        scores={name: float(found[name]) for name in PARTS if name in found},
        printed=float(found["all"]),
        theme=found.get("theme", "home"),
    )


def _grid(title: str, rows: tuple[PublishedRow, ...], columns: tuple[str, ...]) -> Grid:
    cells = [
        (row.name, f"{row.averaged}, {row.source}", *(row.text(name) for name in columns))
        for row in rows
    ]
    header = ("Method", "Averaged, source", *(AVERAGES.get(name, name) for name in columns))
    starts = (n for n in range(1, len(rows)) if rows[n].modality != rows[n - 1].modality)
    computed = (NOTE_COMPUTED,) if "all" in columns else ()
    return Grid(
        title, header, tuple(cells), (*computed, *published_table().notes), frozenset(starts)
    )


def _worlds(table: PublishedTable) -> Grid:
    columns = ("belief", "goal", "macro")
    cells = [
        (row.name, row.theme.replace("_", " "), *(row.text(name) for name in columns))
        for row in table.worlds
    ]
    title = "Published: unseen worlds, macro, %"
    return Grid(title, ("Method", "World", *columns), tuple(cells), (table.themes,))
