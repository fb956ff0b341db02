"""What a planner's score is read beside: the observer, shortcuts, calibration, other worlds."""

from collections.abc import Callable, Mapping, Sequence

from tombench.backends.several.roles import ROLES
from tombench.planning.steering import NAIVE
from tombench.schema import Metric
from tombench.summary.behind import behind_metric, placed
from tombench.summary.grid import Behind, Grid
from tombench.summary.planner_published import published_table
from tombench.summary.planner_rows import PlannerRow, parted
from tombench.summary.planner_tables import percent

OBSERVER = "observer"
FAMILIES = ("belief", "goal")
BY_WORDS = ("last target", "best shortcut")
"""Columns of what needs no records: questions and their words alone."""
PARTS = (*ROLES, NAIVE)
"""Of weak-to-strong: each model alone, and the sum of their logits."""
SHORTCUTS = "baseline/"
LAST_TARGET = f"{SHORTCUTS}last_target"
STUDY, CHANCE = "study_accuracy", "study_chance"
NOTE_BESIDE = (
    "observer: a noisily rational person, nothing fitted, on the same questions. last target: "
    "inside if and only if it is where the person went last, wanted is what is there; best "
    "shortcut: of all that look at words and the last step alone."
)
NOTE_EXACT = (
    "exact: the posterior of who knows how the questions were generated; nothing can be expected "
    "to get more."
)
NOTE_CALIBRATION = (
    "Brier score and log score (nats) of the posterior, lower is better; who always says one half "
    "gets 0.250 and 0.693."
)
NOTE_STUDY = (
    "study: the share of right answers by the study's own rule and key, and what a model without "
    "any preference gets by them; a/b: by the questions' own key, from the same strings."
)
NOTE_WORLDS = (
    "Means of the types (macro). Training is on home alone by default; a world that a policy of "
    "ours was trained on is not an unseen one, and the figure says so."
)

Cell = Callable[[PlannerRow], str]


def beside_grids(rows: Sequence[PlannerRow]) -> list[Grid]:
    """The tables that any row fills: comparisons, calibration, the study's rule, worlds."""
    grids = (_beside(rows), _calibration(rows), _study(rows), _worlds(rows))
    return [grid for grid in grids if grid.rows]


def best_shortcut(metrics: Mapping[str, Metric]) -> tuple[str, Metric] | None:
    """The shortcut that gets most, the first of equals."""
    found = {key: metric for key, metric in metrics.items() if key.startswith(SHORTCUTS)}
    if not found:
        return None
    name = max(found, key=lambda key: found[key].value)
    return name.removeprefix(SHORTCUTS).replace("_", " "), found[name]


def _beside(rows: Sequence[PlannerRow]) -> Grid:
    columns: dict[str, Cell] = {"its own": _percent("accuracy")}
    columns["observer"] = lambda row: (
        "–" if row.planner.policy == OBSERVER else percent(row.score(f"{OBSERVER}/accuracy"))
    )
    for part in PARTS:
        if any(row.score(f"{part}/accuracy") for row in rows):
            columns[part.replace("_", " ")] = _percent(f"{part}/accuracy")
    exact = any(row.score("exact/accuracy") for row in rows)
    if exact:
        columns["exact"] = _percent("exact/accuracy")
    columns |= dict(zip(BY_WORDS, (_percent(LAST_TARGET), _shortcut), strict=True))
    notes = (NOTE_BESIDE, NOTE_EXACT) if exact else (NOTE_BESIDE,)
    return _grid("Beside each score: right answers, %", rows, columns, notes)


def _calibration(rows: Sequence[PlannerRow]) -> Grid:
    own = [row for row in rows if row.score("brier")]
    columns: dict[str, Cell] = {
        "Brier score": _score("brier"),
        "log score": _score("log_score"),
        "observer's log score": _score(f"{OBSERVER}/log_score"),
    }
    exact = any(row.score("exact/log_score") for row in own)
    if exact:
        columns["exact log score"] = _score("exact/log_score")
    notes = (NOTE_CALIBRATION, NOTE_EXACT) if exact else (NOTE_CALIBRATION,)
    return _grid("Calibration", own, columns, notes)


def _study(rows: Sequence[PlannerRow]) -> Grid:
    """The study's rule beside the true one, of runs that computed both."""
    own = [row for row in rows if row.score(STUDY)]
    columns: dict[str, Cell] = {}
    for name, level in (("all", None), *((family, family) for family in FAMILIES)):
        columns |= {
            f"a/b, {name}": _at(level, "accuracy"),
            f"study, {name}": _at(level, STUDY),
            f"chance, {name}": _at(level, CHANCE),
        }
    return _grid("The study's rule beside the question's own key, %", own, columns, (NOTE_STUDY,))


def _worlds(rows: Sequence[PlannerRow]) -> Grid:
    """Home and every other world, of runs that asked about another."""
    own = [row for row in rows if len(row.planner.themes) > 1 or "home" not in row.planner.themes]
    names = dict.fromkeys(["home", *sorted({name for row in own for name in row.planner.themes})])
    cells = [
        (*row.names, *(percent(row.planner.at("theme", name, "accuracy_macro")) for name in names))
        for row in own
    ]
    behind = placed(
        {
            2 + n: behind_metric(row.run, "accuracy_macro", "theme", name)
            for n, name in enumerate(names)
            if name in row.planner.themes
        }
        for row in own
    )
    rules, notes = set(parted(own)), (NOTE_WORLDS,)
    if any(row.planner.seven for row in own):
        table = published_table()
        rules.add(len(cells))
        printed = {(row.name, row.theme): row.text("macro") for row in table.worlds}
        for name in dict.fromkeys(row.name for row in table.worlds):
            cells.append(
                (name, "published (macro)", *(printed.get((name, world), "–") for world in names))
            )
        notes = (NOTE_WORLDS, table.themes)
    header = ("Policy", "Questions", *(name.replace("_", " ") for name in names))
    title = "Worlds: right answers, %"
    return Grid(title, header, tuple(cells), notes, frozenset(rules), behind)


def _grid(
    title: str, rows: Sequence[PlannerRow], columns: dict[str, Cell], notes: tuple[str, ...]
) -> Grid:
    cells = [(*row.names, *(cell(row) for cell in columns.values())) for row in rows]
    behind = placed(
        {2 + n: _records(row, name) for n, name in enumerate(columns) if name not in BY_WORDS}
        for row in rows
    )
    return Grid(title, ("Policy", "Questions", *columns), tuple(cells), notes, parted(rows), behind)


def _records(row: PlannerRow, column: str) -> Behind | None:
    """Of "study, belief" the questions on belief; all where no family is named."""
    family = column.rpartition(", ")[2]
    return row.behind(f"{family}_accuracy" if family in FAMILIES else None)


def _percent(name: str) -> Cell:
    return lambda row: percent(row.score(name))


def _score(name: str) -> Cell:
    """Three digits: calibrations differ by little."""

    def cell(row: PlannerRow) -> str:
        found = row.score(name)
        return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]" if found else "–"

    return cell


def _at(family: str | None, name: str) -> Cell:
    """Of the whole run, or of its belief or goal questions."""
    if family is None:
        return _percent(name)
    return lambda row: percent(row.planner.at("question_family", family, name))


def _shortcut(row: PlannerRow) -> str:
    found = best_shortcut(row.run.metrics)
    return f"{percent(found[1])} ({found[0]})" if found else "–"
