"""The records of collected runs, each file read once: scores by item, and columns put aside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from tombench.errors import UserError
from tombench.runs import RECORDS, records_in
from tombench.schema import Record
from tombench.statistics.components import FACTORS as WORDING
from tombench.statistics.components import WordingVariance, wording_variance
from tombench.summary.collect import EvaluatedRun
from tombench.summary.columns import BYTES, ROWS, RunColumns, Shelf

CELL = ("model", "prompting")
"""Factors of a record's condition that name its cell, where a run holds several."""
NO_PROMPTING = "none"
"""How a run names the prompting of answers whose records name none."""


@dataclass(frozen=True)
class ItemScores:
    """A run's scores by independent item (a cluster), repetitions and wordings averaged."""

    means: Mapping[str, float]
    targets: Mapping[str, str]  # the right answer; not of clusters in which it differs
    answers: Mapping[str, int]  # by item id, how many: what runs must share to be paired
    wording: WordingVariance | None
    items: Mapping[str, float]  # mean score by item id
    clusters: Mapping[str, str]  # the cluster of each item id

    def shares_items(self, other: "ItemScores") -> bool:
        """Were the same items put as often to both?"""
        return self.answers == other.answers and self.targets == other.targets


@dataclass(frozen=True)
class Answers:
    """What all runs' records come to, one a run in the order of the runs."""

    scores: Sequence[ItemScores | None]  # None of runs under masks and of games
    columns: Sequence[RunColumns]  # empty ones where nothing was put aside


def read_answers(runs: Sequence[EvaluatedRun], onto: Shelf | None = None) -> Answers:
    """Read every run's records, a folder at a time; the runs of one folder share one reading.

    Args:
        onto: where the records are put aside; None: nowhere, and folders of which no scores are
            wanted are not read.

    Raises:
        UserError: a file of records was changed by hand; says where.
    """
    scores: list[ItemScores | None] = [None] * len(runs)
    places = sorted(range(len(runs)), key=lambda place: str(runs[place].folder))
    for folder, together in groupby(places, key=lambda place: runs[place].folder):
        own = list(together)
        adding = {place: Adding() for place in own if scored(runs[place])}
        if onto is None and not adding:
            continue
        for place, records in _pieces(folder / RECORDS, runs, own):
            try:
                _take(adding.get(place), onto, place, records)
            except (TypeError, ValueError) as error:
                raise UserError(
                    f"{folder / RECORDS}: among records {records[0].id} to {records[-1].id} a "
                    f"value is of another type than its field ({error}); the file was changed: "
                    "mend it, or evaluate again with rerun=true"
                ) from error
        for place, added in adding.items():
            scores[place] = added.scores
    shelf = onto or Shelf(Path())
    return Answers(scores, [shelf.run(place) for place in range(len(runs))])


def scored(run: EvaluatedRun) -> bool:
    """Do its items have scores of right and wrong, to be compared?"""
    return not (run.sparsity or run.games)


def item_scores(records: Sequence[Record]) -> ItemScores:
    """Scores of one run's records by independent item."""
    adding = Adding()
    adding.add(records)
    return adding.scores


@dataclass
class Adding:
    """Scores while records come in."""

    _clusters: dict[str, list[float]] = field(default_factory=dict)  # sum and number
    _items: dict[str, list[float]] = field(default_factory=dict)
    _targets: dict[str, set[str]] = field(default_factory=dict)
    _cluster_of: dict[str, str] = field(default_factory=dict)
    _worded: list[Record] = field(default_factory=list)

    def add(self, records: Sequence[Record]) -> None:
        for record in records:
            for sums, name in ((self._clusters, record.cluster), (self._items, record.item)):
                total = sums.setdefault(name, [0.0, 0])
                total[0] += record.score.value
                total[1] += 1
            self._cluster_of[record.item] = record.cluster
            self._targets.setdefault(record.cluster, set()).add(str(record.target))
        self._worded += (_bare(r) for r in records if not r.condition.keys().isdisjoint(WORDING))

    @property
    def scores(self) -> ItemScores:
        """What they come to."""
        alike = {name: found for name, found in self._targets.items() if len(found) == 1}
        return ItemScores(
            means=_means(self._clusters),
            targets={name: next(iter(found)) for name, found in alike.items()},
            answers={name: int(number) for name, (_, number) in self._items.items()},
            wording=wording_variance(self._worded),
            items=_means(self._items),
            clusters=self._cluster_of,
        )


def _means(sums: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: sums[name][0] / sums[name][1] for name in sorted(sums)}


def _bare(record: Record) -> Record:
    """What its wording is told by, without its texts."""
    wording = {name: record.condition[name] for name in WORDING if name in record.condition}
    return replace(record, condition=wording, prompt="", response="", thinking="", log_probs={})


def _pieces(
    path: Path, runs: Sequence[EvaluatedRun], places: Sequence[int]
) -> Iterator[tuple[int, list[Record]]]:
    """A file's records by the run that they are of, some thousand at a time."""
    by_cell = {(runs[place].model, runs[place].prompting): place for place in places}
    several = runs[places[0]].one_of_several
    waiting: dict[int, list[Record]] = {place: [] for place in places}
    sizes = dict.fromkeys(places, 0)
    for line, record in records_in(path) if path.exists() else ():
        place = by_cell.get(_cell(record)) if several else places[0]
        if place is None:  # of a cell that a newer run stands for
            continue
        waiting[place].append(record)
        sizes[place] += len(line)
        if len(waiting[place]) == ROWS or sizes[place] >= BYTES:
            yield place, waiting[place]
            waiting[place], sizes[place] = [], 0
    yield from ((place, records) for place, records in waiting.items() if records)


def _cell(record: Record) -> tuple[str | None, ...]:
    model, prompting = (record.condition.get(factor) for factor in CELL)
    return model, NO_PROMPTING if prompting is None else prompting


def _take(adding: "Adding | None", onto: Shelf | None, place: int, records: list[Record]) -> None:
    if adding is not None:
        adding.add(records)
    if onto is not None:
        onto.put(place, records)
