"""Run folders to evaluated runs: one for each model and prompting that a folder holds."""

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench.errors import UserError
from tombench.runs import METRICS, read_run, run_folders
from tombench.schema import FOLDER_NAME, Metric
from tombench.summary.counted import HandCounts, hand_counts_of
from tombench.summary.games import Played, law_words, played_of
from tombench.summary.planner import Planner, planner_of, policy_words
from tombench.summary.sparsity import Masked, masked_of
from tombench.summary.variants import in_words

PROMPTINGS = ("base", "sbs", "cot", "sbs_cot")
"""The study's own, in its order; a user's further ones follow."""

STUDIES = ("vignettes", "mmtom", "sparsity", "games")
"""Tasks in the order in which they are told; a user's follow."""

FACTORS = ("cell", "question_type", "baseline")
"""What the summary of stories shows of their groups."""
STORIES = "Vignettes"
"""The class of the task whose suites, but for scenarios, are stories."""

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Stories:
    """What a run of a story suite says beside its metrics."""

    suite: str  # generated, false_belief
    groups: Mapping[str, Mapping[str, Mapping[str, Metric]]]  # factor -> level -> name

    def score(self, factor: str, level: str, name: str) -> Metric | None:
        """A metric at a level of a factor, where the run has it."""
        return self.groups.get(factor, {}).get(level, {}).get(name)


@dataclass(frozen=True)
class EvaluatedRun:
    """A finished evaluation: what was asked of whom, and what came of it."""

    folder: Path
    task: str
    model: str  # the label in tables
    prompting: str
    variant: str  # what else sets it apart from runs of the same model: data, wording, sampling
    asked: str  # what models must share to be compared: data, sampling, seed
    put: str  # how the task puts its items: its other fields, in words without blanks
    limit: int | None
    ended: str
    identity_hash: str
    metrics: Mapping[str, Metric]
    one_of_several: bool = False  # its folder holds other cells; its records name their cell
    hand_counts: HandCounts | None = None
    rules: str = ""  # digest of the rules that read its answers; "" where there are none
    stories: Stories | None = None  # of a run of a story suite: no prompting, units of its own
    planner: Planner | None = None  # of a run of task=mmtom: a policy in a prompting's place
    sparsity: Masked | None = None  # of a run of task=sparsity: every mask in one run
    games: Played | None = None  # of a run of task=games: its cells, and whom it learnt from

    @property
    def cell(self) -> tuple[str, str, str, str]:
        """Where it stands in the table; of several in one cell the newest is shown."""
        return self.task, self.model, self.variant, self.prompting


def collect(named: Sequence[str], root: Path, any_number: bool = False) -> list[EvaluatedRun]:
    """The finished evaluations among `named` folders, or else all under `root`; one a cell.

    Args:
        named: folders of runs, or above them.
        root: looked through where none is named.
        any_number: none is no mistake.

    Raises:
        UserError: there is none, or a named folder is no run.
    """
    if named:
        folders = [folder for name in named for folder in _resolved(Path(name))]
    else:
        folders = run_folders(root)
    runs = [run for folder in folders for run in (_read(folder) if named else _if_whole(folder))]
    for name in named if len(named) > 1 else ():
        if not run_folders(Path(name).resolve()):
            raise UserError(f"run={name}: no run there; leave it out")
    if not runs and not any_number:
        where = ", ".join(named) if named else str(root)
        raise UserError(f"{where}: no finished evaluation there; run tombench stage=eval first")
    return newest(runs)


def newest(runs: Sequence[EvaluatedRun]) -> list[EvaluatedRun]:
    """One run a cell: whole ones before those with a limit, then the newest; others are told."""
    ranked = sorted(
        runs, key=lambda run: (run.limit is None, run.limit or 0, run.ended, str(run.folder))
    )
    kept = {run.cell: run for run in ranked}
    for run in ranked:
        if kept[run.cell] is not run:
            why = "older" if run.limit is None else f"limit={run.limit}"
            shown = kept[run.cell].folder
            logger.info("left out: %s (%s; %s is shown in its place)", run.folder, why, shown)
    return [run for run in sorted(runs, key=_order) if kept[run.cell] is run]


def _resolved(folder: Path) -> list[Path]:
    """A run folder itself (through `latest` too), or all runs under a folder."""
    if not folder.exists():
        raise UserError(f"run={folder}: no such folder")
    return run_folders(folder.resolve())


def _read(folder: Path) -> list[EvaluatedRun]:
    """The evaluations in a run folder: none, one, or one for each cell of published answers.

    Raises:
        UserError: its files are not as a run leaves them.
    """
    try:
        return list(_evaluations(folder))
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise UserError(
            f"{folder / METRICS}: not as a run leaves it ({type(error).__name__}: {error}); leave "
            "the folder out, or give its command again with rerun=true"
        ) from error


def _if_whole(folder: Path) -> list[EvaluatedRun]:
    """As `_read`; a folder that nobody named and that is damaged is told, and left out."""
    try:
        return _read(folder)
    except UserError as error:
        logger.warning("left out: %s", error)
        return []


def _evaluations(folder: Path) -> Iterator[EvaluatedRun]:
    run = read_run(folder)
    identity = run["identity"]
    if identity.get("stage") != "eval":
        return
    if run["status"] != "finished":
        logger.info("left out: %s (not finished; the command in its run.json goes on)", folder)
        return
    values = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    cells = values.get("cells")
    if cells is None:
        asked = identity.get("prompting", {"name": "base"})
        prompting = asked["name"] if asked else "none"  # of stories, which are put as they are
        label = run.get("label", folder.parent.name)
        if judged := values.get("judged"):  # whose answers they were says more than who judged
            label = f"{judged['model']}, judged by {label}"
            prompting = judged["prompting"] or "several"
        cells = {label: {prompting: values["metrics"]}}
    for model, promptings_run in cells.items():
        for prompting, metrics in promptings_run.items():
            yield EvaluatedRun(
                folder=folder,
                task=_name_of(identity),
                model=model,
                prompting=prompting,
                variant=_variant(run),
                asked=_asked(identity),
                put=in_words(_task_fields(identity)),
                limit=identity.get("limit"),
                ended=run["ended"],
                identity_hash=run["identity_hash"],
                metrics={name: Metric(**metric) for name, metric in metrics.items()},
                one_of_several="cells" in values,
                hand_counts=hand_counts_of(values.get("hand_counts"), model, prompting),
                rules=identity.get("rules") or "",
                stories=_stories(identity, values),
                planner=planner_of(run, values),
                sparsity=masked_of(folder, run, values),
                games=played_of(folder, run, values, model),
            )


def _name_of(identity: Mapping[str, Any]) -> str:
    """The task's name, by which files are named.

    Raises:
        ValueError: it is no name of a folder.
    """
    name = identity["task"]["name"]
    if not isinstance(name, str) or not re.fullmatch(FOLDER_NAME, name):
        raise ValueError(f"task.name={name!r} is no plain name")
    return name


def _stories(identity: Mapping[str, Any], values: Mapping[str, Any]) -> Stories | None:
    task = identity["task"]
    suite = task.get("suite")
    if suite is None or task.get("class") != STORIES:  # scenarios, or another task
        return None
    groups = {
        factor: {
            level: {name: Metric(**metric) for name, metric in metrics.items()}
            for level, metrics in levels.items()
        }
        for factor, levels in values["groups"].items()
        if factor in FACTORS
    }
    return Stories(suite, groups)


def _variant(run: Mapping[str, Any]) -> str:
    """What else sets a run apart in a table of models and promptings, in words without blanks."""
    identity = run["identity"]
    task, model = identity["task"], identity.get("model") or {}
    given = run["configuration"]["task"].get("data")
    parts = {"data": Path(given).name if given else "own"}
    parts |= {"data_sha256": str(task.get("data"))[:8]}
    if answers := task.get("answers"):
        parts |= {"answers_sha256": answers[:8]}
    parts |= _task_fields(identity)
    parts |= (identity.get("generation") or {}) | {"seed": identity.get("seed")}
    parts |= {key: str(value)[:8] for key, value in model.items()}
    parts |= policy_words(identity, run["configuration"]) | law_words(identity)
    return in_words(parts)


def _task_fields(identity: Mapping[str, Any]) -> dict[str, Any]:
    told = ("name", "data", "class", "answers", "hand_counts")
    return {k: v for k, v in identity["task"].items() if k not in told}


def _asked(identity: Mapping[str, Any]) -> str:
    same = {key: identity.get(key) for key in ("generation", "seed")}
    return json.dumps(same | {"data": identity["task"].get("data")}, sort_keys=True)


def _order(run: EvaluatedRun) -> tuple[int, str, str, str, int]:
    known = STUDIES.index(run.task) if run.task in STUDIES else len(STUDIES)
    return known, run.task, run.model, run.variant, promptings([run]).index(run.prompting)


def promptings(runs: Sequence[EvaluatedRun]) -> tuple[str, ...]:
    """The columns of a table: the study's four, then others that the runs bring."""
    return tuple(dict.fromkeys([*PROMPTINGS, *sorted({run.prompting for run in runs})]))
