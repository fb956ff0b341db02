"""The headline: of every run, of any task, one line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tombench.schema import Metric
from tombench.summary.answers import ItemScores
from tombench.summary.behind import behind_metric, behind_run
from tombench.summary.collect import EvaluatedRun
from tombench.summary.games_roles import choosers
from tombench.summary.grid import Behind, Grid
from tombench.summary.planner_rows import planner_rows
from tombench.summary.report.contents import Headline, Named
from tombench.summary.report.detectable import detectable
from tombench.summary.report.scored import scored
from tombench.summary.stories import story_rows
from tombench.summary.tables import heading, row_labels

HEADER = ("Task", "Model", "How", "Score [95 %]", "n", "clusters", "beside", "unparsed", "least")
TITLE = "Headline: a line a run"
SCORE, UNPARSED = HEADER.index("Score [95 %]"), HEADER.index("unparsed")
NOTES = (
    "[low, high]: 95 % interval over clusters, what is independent: scenarios, story sets, "
    "episodes, games in their contexts.",
    "beside: the best shortcut or constant answer on the same items; of masks, the share of masks "
    "with seeds that harm as much.",
    "least: the least true difference of the score to another run on the same items that a paired "
    "test finds with power .8 (α .05), if it spreads alike and does not go along with this one; of "
    "masks, the least effect.",
)
PAIRS = "pairs: a false belief and its matched control both right."
MOST = 60  # characters of a name
NOTHING = Named("no metric", Metric(float("nan"), float("nan"), float("nan"), 0, 0))


@dataclass(frozen=True)
class Name:
    """What a run is called, and what it was put to."""

    label: str
    how: str


def headlines(runs: Sequence[EvaluatedRun], scores: Sequence[ItemScores | None]) -> list[Headline]:
    """One a run, in their order.

    Args:
        runs: those of the report.
        scores: one a run; None where the records are no scores by item.
    """
    names = _names(runs)
    return [
        _headline(run, names[place], own)
        for place, (run, own) in enumerate(zip(runs, scores, strict=True))
    ]


def headline_grid(rows: Sequence[Headline]) -> Grid:
    """As the terminal and the files show it."""
    cells = [_cells(row) for row in rows]
    notes = [*NOTES, *([PAIRS] if any(row.score.name == "pairs" for row in rows) else [])]
    behind: dict[tuple[int, int], Behind] = {}
    for place, row in enumerate(rows):
        behind[place, -1] = behind_run(row.run)
        keys = {SCORE: row.score.key, UNPARSED: "invalid" if row.run.games else "unparsed"}
        for column, key in keys.items():
            if key in row.run.metrics and (found := behind_metric(row.run, key)):
                behind[place, column] = found
    parted = (n for n in range(1, len(rows)) if rows[n].run.task != rows[n - 1].run.task)
    every = (*notes, *_unknown(rows))
    return Grid(TITLE, HEADER, tuple(cells), every, frozenset(parted), behind)


def headline_csv(rows: Sequence[Headline]) -> list[dict[str, Any]]:
    """A row a run, unrounded."""
    return [
        {
            "task": row.run.task,
            "model": row.label,
            "how": row.how,
            "metric": row.score.name,
            **{name: getattr(row.score.metric, name) for name in Metric.__dataclass_fields__},
            "beside": row.baseline and row.baseline.name,
            "beside_value": row.baseline and row.baseline.metric.value,
            "unparsed": row.unparsed and row.unparsed.value,
            "minimum_detectable_difference": row.detectable,
            "not_known_since": row.unknown,
            "run": str(row.run.folder),
        }
        for row in rows
    ]


def _headline(run: EvaluatedRun, name: Name, own: ItemScores | None) -> Headline:
    found = scored(run)
    if found is None:
        return Headline(run, name.label, name.how, NOTHING, None, None, None, "it has no metric")
    least = detectable(run, found, own)
    return Headline(
        run=run,
        label=name.label,
        how=name.how,
        score=found.score,
        baseline=found.baseline,
        unparsed=found.unparsed,
        detectable=least.least,
        unknown=least.unknown,
    )


def _names(runs: Sequence[EvaluatedRun]) -> dict[int, Name]:
    """By place in `runs`; named as the task's own tables name them."""
    places = {id(run): place for place, run in enumerate(runs)}
    found: dict[int, Name] = {}
    for task in dict.fromkeys(run.task for run in runs):
        own = [run for run in runs if run.task == task]
        for run, name in (*_told_apart(own), *_under_promptings(own)):
            found[places[id(run)]] = name
    return found


def _told_apart(runs: Sequence[EvaluatedRun]) -> Iterator[tuple[EvaluatedRun, Name]]:
    """Runs of stories, planners, masks and games."""
    for row in story_rows([run for run in runs if run.stories], shortcuts=False):
        how = f"{heading(row.prompting)}, {row.stories}" if row.prompting else row.stories
        yield row.run, Name(row.model, how)
    for row in planner_rows(runs):
        yield row.run, Name(row.policy, row.questions)
    masked = [run for run in runs if run.sparsity]
    for run, label in zip(masked, row_labels(masked), strict=True):
        suite = run.sparsity.settings.get("suite", "") if run.sparsity else ""
        yield run, Name(label, f"masks, {suite.replace('_', ' ')}" if suite else "masks")
    games = [run for run in runs if run.games]
    for run, chooser in zip(games, choosers(games), strict=True):
        first, *others = chooser.parts or {"no game": []}
        yield run, Name(chooser.label, f"{first} and {len(others)} more" if others else first)


def _under_promptings(runs: Sequence[EvaluatedRun]) -> Iterator[tuple[EvaluatedRun, Name]]:
    """All others, a user's tasks among them."""
    apart = ("stories", "planner", "sparsity", "games")
    own = [run for run in runs if not any(getattr(run, kind) for kind in apart)]
    for run, label in zip(own, row_labels(own), strict=True):
        yield run, Name(label, heading(run.prompting))


def _cells(row: Headline) -> tuple[str, ...]:
    score = row.score.metric
    value, low, high = (number(value) for value in (score.value, score.low, score.high))
    return (
        row.run.task,
        _shortened(row.label),
        _shortened(row.how),
        f"{row.score.name} {value} [{low}, {high}]",
        str(score.n),
        str(score.clusters),
        f"{number(row.baseline.metric.value)} {row.baseline.name}" if row.baseline else "–",
        f"{100 * row.unparsed.value:.1f} %" if row.unparsed else "–",
        "–" if row.detectable is None else number(row.detectable),
    )


def _shortened(text: str) -> str:
    """What a terminal has room for of a name with all its settings; the CSV has it whole."""
    return text if len(text) <= MOST else f"{text[: MOST - 1].rstrip(' ,(')}…"


def number(value: float) -> str:
    """Two digits with a true minus; "–" of what is not known."""
    if value != value:
        return "–"
    return f"{value:.2f}".replace("-", "−").replace("−0.00", "0.00")


def _unknown(rows: Sequence[Headline]) -> Iterator[str]:
    """Why there is no least difference, a line a reason."""
    for why in dict.fromkeys(row.unknown for row in rows if row.unknown):
        first, *others = (f"{r.run.task} {r.label}" for r in rows if r.unknown == why)
        more = f" and {len(others)} more" if others else ""
        yield f"No least difference of {first}{more}: {why}."
