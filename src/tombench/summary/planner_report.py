"""All that the summary says of planner runs: tables, figures, and one episode as a picture."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from tombench.errors import UserError
from tombench.runs import read_records, read_run
from tombench.summary.alt_texts import (
    alpha_alt,
    episode_alt,
    reliability_alt,
    types_alt,
    worlds_alt,
)
from tombench.summary.collect import EvaluatedRun
from tombench.summary.figures import Figure
from tombench.summary.grid import Grid
from tombench.summary.planner_beside import beside_grids
from tombench.summary.planner_curves import alpha_figure, reliability_figure
from tombench.summary.planner_episode import Watched, watched
from tombench.summary.planner_episode_figure import episode_sheet
from tombench.summary.planner_figures import types_figure, worlds_figure
from tombench.summary.planner_published import published_csv, published_grids
from tombench.summary.planner_record import episodes_of, inference_in, telling
from tombench.summary.planner_rows import planner_rows
from tombench.summary.planner_tables import planner_csv, type_grids, whole_grids

Table = tuple[Sequence[Mapping[str, Any]], Sequence[Grid]]
"""Rows for the CSV, and what is shown."""
TRIED = 5
"""Items of a run that are looked at for the picture of an episode."""

logger = logging.getLogger("tombench")


def planner_tables(task: str, runs: Sequence[EvaluatedRun]) -> dict[str, Table]:
    """By name; the published table where any run answered the types that it is of."""
    rows = planner_rows(runs)
    tables: dict[str, Table] = {
        f"planner_{task}": (planner_csv(rows), [*whole_grids(task, rows), *beside_grids(rows)])
    }
    if any(row.planner.seven for row in rows):
        tables[f"published_{task}"] = (published_csv(), published_grids())
    return tables


def planner_shown(task: str, runs: Sequence[EvaluatedRun]) -> list[Grid]:
    """What a terminal is wide enough for."""
    rows = planner_rows(runs)
    return [*type_grids(task, rows), *beside_grids(rows)]


def planner_figures(task: str, runs: Sequence[EvaluatedRun]) -> list[Figure]:
    """Those that the runs have something to draw for."""
    rows = planner_rows(runs)
    found = [Figure(f"planner_{task}", partial(types_figure, rows), types_alt(rows))]
    if any(row.planner.alpha_sweep for row in rows):
        found.append(Figure(f"alpha_{task}", partial(alpha_figure, rows), alpha_alt(rows)))
    if any(row.planner.themes not in ((), ("home",)) for row in rows):
        found.append(Figure(f"worlds_{task}", partial(worlds_figure, rows), worlds_alt(rows)))
    if any(row.planner.reliability for row in rows):
        draw = partial(reliability_figure, rows)
        found.append(Figure(f"reliability_{task}", draw, reliability_alt(rows)))
    return found


def example(runs: Sequence[EvaluatedRun]) -> Watched | None:
    """The episode that moves a run's posterior most, of the first run that tells one."""
    for run in runs:
        try:
            if found := _example_of(run):
                return found
        except (UserError, KeyError) as error:
            logger.info("no episode of %s is drawn: %s", run.folder, error)
    return None


def example_figure(name: str, story: Watched) -> Figure:
    """Its picture."""
    return Figure(
        name, lambda kind: episode_sheet(story).saved(kind, story.question), episode_alt(story)
    )


def _example_of(run: EvaluatedRun) -> Watched | None:
    about = read_run(run.folder)
    policy = about["identity"]["policy"]
    records = telling(read_records(run.folder), policy.get("prior_a", 0.5))[:TRIED]
    if not records:
        return None
    found = episodes_of(about["configuration"]["task"])
    episodes = {(one.id, one.theme): one for one in found}
    for record in records:
        episode = episodes.get((record.item, record.condition["theme"]))
        if episode is None or episode.question_text != record.prompt:
            continue
        if told := inference_in(record, episode, policy):
            return watched(episode, told)
    return None
