"""Reports of made-up runs, and what Python knows of them: what the browser tests open."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from json import dumps
from pathlib import Path
from typing import Any

from packed_by_hand import packed

from tombench.schema import Metric, Record, Score
from tombench.summary.collect import EvaluatedRun
from tombench.summary.columns import shelf
from tombench.summary.grid import Behind, Grid
from tombench.summary.pages import Figure, Table, TaskPage
from tombench.summary.report.contents import Card, Contents, Headline, Named, Pair, Pairs
from tombench.summary.report.packed import PackedRun
from tombench.summary.report.packing import pack
from tombench.summary.report.page import report_html

SETS, CELLS = 30, ("original", "moved", "told", "unseen")
PACKED = 80  # records of a run whose texts the file holds
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><rect width="9"/></svg>'


@dataclass(frozen=True)
class MadeUp:
    """A run that nobody ran."""

    model: str
    records: Sequence[Record]
    task: str = "vignettes"
    how: str = "base"
    folder: str = "v0001"
    about: Mapping[str, Any] = field(default_factory=dict)


Packing = Callable[[Sequence[MadeUp], Sequence[EvaluatedRun]], Sequence[PackedRun]]


@dataclass(frozen=True)
class Report:
    """A report on the disk, and the records of its runs by their keys."""

    path: Path
    records: Mapping[str, Sequence[Record]]
    contents: Contents

    @property
    def address(self) -> str:
        """What a browser opens."""
        return self.path.as_uri()


def stories(seed: int, **changes: str) -> list[Record]:
    """120 answers to four cells of thirty stories: right, wrong, ties and unparsed ones."""
    return [_record(seed, story, cell, changes) for story in range(SETS) for cell in CELLS]


def _record(seed: int, story: int, cell: str, changes: Mapping[str, str]) -> Record:
    place = story * len(CELLS) + CELLS.index(cell)
    drawn = (place * (seed + 3) + 5 * seed) % 13
    value, answer = (1.0, "basket") if drawn < 6 else (0.0, "box")
    if drawn == 12:
        value, answer = 0.0, "unparsed"
    condition = {"cell": cell, "question_type": ("belief", "action")[story % 2], "suite": "made up"}
    return Record(
        id=f"story-{story:02d}/{cell}/00",
        item=f"story-{story:02d}/{cell}",
        repetition=0,
        cluster=f"story-{story:02d}",
        condition=condition,
        prompt=f"Anna puts the ball into the basket, story {story}.\nWhere does she look ({cell})?",
        response=changes.get("response", f"She looks in the {answer}, says run {seed}."),
        target="basket",
        score=Score(
            value,
            answer,
            f"'{answer}' is named first",
            "unparsed" if answer == "unparsed" else "answered",
            needs_review=drawn == 7,
        ),
        log_probs={"basket": -0.2 - drawn / 10, "box": -1.9} if story % 3 == 1 else {},
        tokens=9,
        truncated=drawn == 11,
        thinking="She did not see it move." if drawn == 3 else "",
        error=None,
    )


def report(folder: Path, runs: Sequence[MadeUp], **changes: Any) -> Report:
    """Write `report.html` of these runs into the folder."""
    contents = contents_of(folder, runs, **changes)
    path = folder / "report.html"
    path.write_text(report_html(contents), encoding="utf-8")
    return Report(path, {f"r{n}": run.records for n, run in enumerate(runs)}, contents)


def contents_of(
    folder: Path,
    runs: Sequence[MadeUp],
    notes: Sequence[str] = (),
    packing: Packing = lambda runs, _: [packed(run.records, PACKED) for run in runs],
    title: str = "",
) -> Contents:
    """All that such a report tells."""
    cards = [_card(folder, place, run) for place, run in enumerate(runs)]
    own = [card.run for card in cards]
    grid = _grid(own, title)
    figure = Figure(
        "accuracy", lambda kind: SVG.encode() if kind == "svg" else None, f"Bars {title}"
    )
    page = TaskPage(
        runs[0].task, f"{runs[0].task}: {title}", own, [Table("t", [], [grid])], [figure], [grid]
    )
    return Contents(
        made="made up, by hand",
        cards=cards,
        headline=[_headline(card, run) for card, run in zip(cards, runs, strict=True)],
        pages=[page],
        pairs=Pairs(list(pairs_of(runs)), list(notes)),
        packed=dict(zip((card.key for card in cards), packing(runs, own), strict=True)),
    )


def really_packed(
    runs: Sequence[MadeUp], evaluated: Sequence[EvaluatedRun], budget: int = 4_000_000
) -> Sequence[PackedRun]:
    """Packed as the summary packs, from records that were put aside."""
    with shelf() as aside:
        for place, run in enumerate(runs):
            aside.put(place, run.records)
        return pack(evaluated, [aside.run(place) for place in range(len(runs))], budget)


def _card(folder: Path, place: int, run: MadeUp) -> Card:
    where = folder / run.folder / str(place)
    where.mkdir(parents=True)
    groups = {"cell": {cell: {"accuracy": asdict(_share(run, cell))} for cell in CELLS}}
    (where / "metrics.json").write_text(dumps({"metrics": {}, "groups": groups}))
    evaluated = EvaluatedRun(
        folder=where,
        task=run.task,
        model=run.model,
        prompting=run.how,
        variant="",
        asked="the same",
        put="",
        limit=None,
        ended="2026-01-02T03:04:05+00:00",
        identity_hash="0123456789abcdef" * 4,
        metrics={"accuracy": _share(run)},
    )
    return Card(f"r{place}", run.model, evaluated, run.about)


def _share(run: MadeUp, cell: str | None = None) -> Metric:
    scores = [r.score.value for r in run.records if cell in (None, r.condition.get("cell"))] or [
        0.0
    ]
    return Metric(sum(scores) / len(scores), 0.2, 0.8, len(scores), SETS)


def _headline(card: Card, run: MadeUp) -> Headline:
    score, unparsed = _share(run), [r.score.answer == "unparsed" for r in run.records]
    lost = Metric(sum(unparsed) / len(unparsed), 0.0, 0.2, len(unparsed), SETS)
    constant = Named("constant answer", Metric(0.5, 0.4, 0.6, score.n, score.clusters))
    return Headline(card.run, card.label, run.how, Named("accuracy", score), constant, lost, 0.12)


def _grid(runs: Sequence[EvaluatedRun], title: str) -> Grid:
    rows = tuple(
        (run.model, run.prompting, *(f"{place}.5" for _ in CELLS)) for place, run in enumerate(runs)
    )
    behind = {
        (row, 2 + column): Behind(run.folder, {"cell": (cell,)})
        for row, run in enumerate(runs)
        for column, cell in enumerate(CELLS)
    }
    return Grid(
        f"By cell {title}",
        ("Model", "Prompting", *CELLS),
        rows,
        (f"A note {title}",),
        behind=behind,
    )


def pairs_of(runs: Sequence[MadeUp]) -> list[Pair]:
    """The runs of the first one's task, compared by counting."""
    same = [place for place, run in enumerate(runs) if run.task == runs[0].task]
    return [_pair(runs, a, b) for a in same for b in same if a < b]


def _pair(runs: Sequence[MadeUp], first: int, second: int) -> Pair:
    both = [
        (one.score.value == 1, two.score.value == 1)
        for one, two in zip(runs[first].records, runs[second].records, strict=True)
    ]
    difference = sum(one - two for one, two in both) / len(both)
    return Pair(
        first=first,
        second=second,
        items=len(both),
        clusters=SETS,
        difference=difference,
        low=difference - 0.08,
        high=difference + 0.08,
        dz=0.31,
        only_first=both.count((True, False)),
        only_second=both.count((False, True)),
        both=both.count((True, True)),
        neither=both.count((False, False)),
        p_mcnemar=0.0123,
        p_permutation=0.0211,
        holm=0.0633 if second == 1 else 0.0008,
        family=3,
        detectable=0.12,
    )
