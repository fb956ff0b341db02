"""The records behind a number: recomputed from them, it is the number of metrics.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from summary.games_toy import answers_folder, exact, run_folder
from summary.records_behind import mean_score, records_behind

from tombench.cli import run
from tombench.runs import METRICS, read_records
from tombench.schema import Record, Score
from tombench.summary.behind import behind_metric, behind_run
from tombench.summary.behind_games import cells_only
from tombench.summary.behind_stories import Put, put_of, story_only
from tombench.summary.collect import EvaluatedRun, collect
from tombench.summary.games_report import GamesReport
from tombench.summary.planner_rows import planner_rows
from tombench.summary.planner_tables import whole_grids
from tombench.summary.restrictions import both, joined
from tombench.summary.sparsity_report import sparsity_tables
from tombench.summary.stories import story_grid
from tombench.summary.tables import accuracy_table, details_grid

MEANS = ("accuracy", "false_belief_accuracy", "true_belief_accuracy", "belief_accuracy")
SHARES = ("unparsed", "ties", "needs_review")
MOCK = ("backend=mock", "limit=60")


def evaluated(root: Path, *words: str) -> EvaluatedRun:
    """The one run that a command makes."""
    assert run(["stage=eval", f"output_root={root}", "quiet=true", *words]) == 0
    (found,) = collect([], root / "eval")
    return found


def metrics_of(own: EvaluatedRun) -> list[tuple[str, str, str, Mapping[str, Any]]]:
    """Name, factor, level and value of every metric of a run."""
    values = json.loads((own.folder / METRICS).read_text(encoding="utf-8"))
    found = [(name, "", "", metric) for name, metric in values["metrics"].items()]
    for factor, levels in values["groups"].items():
        for level, metrics in levels.items():
            found += [(name, factor, level, metric) for name, metric in metrics.items()]
    return found


def compare(own: EvaluatedRun, means: Sequence[str] = MEANS) -> int:
    """How many metrics were recomputed; fails at one that is not the same."""
    records, checked = read_records(own.folder), 0
    for name, factor, level, metric in metrics_of(own):
        behind = behind_metric(own, name, factor, level)
        if behind is None or name not in (*means, *SHARES):
            continue
        found, where = records_behind(behind, records), (name, factor, level)
        if name in SHARES:
            assert len(found) == pytest.approx(metric["value"] * metric["n"]), where
        else:
            assert len(found) == metric["n"], where
            assert mean_score(found) == pytest.approx(metric["value"]), where
        checked += 1
    return checked


@pytest.mark.parametrize("words", [(), ("task.repetitions=2",)])
def test_stories(tmp_path: Path, words: Sequence[str]):
    told = ("task.suite=generated", "task.sets=2", "backend.mind=reality_biased")
    own = evaluated(tmp_path, "task=vignettes", "backend=mock", *told, *words)
    drawn = ("first_word_accuracy", "first_word/false_belief_accuracy") if words else ()
    assert compare(own, (*MEANS, *drawn)) > 40
    grid = story_grid("vignettes", [own])
    column = grid.header.index("false belief")
    found = records_behind(grid.behind[0, column])
    assert {record.condition["cell"] for record in found} == {"false_belief"}
    assert len(found) == own.metrics["false_belief_accuracy"].n == 4
    pairs = records_behind(grid.behind[0, grid.header.index("pairs")])
    assert len(pairs) == 2 * own.metrics["pair_accuracy"].n
    assert not any(row > 0 for row, _ in grid.behind)  # shortcuts have no records


def test_scenarios(tmp_path: Path):
    words = ("task=vignettes", "prompting=sbs", "backend.mind=reality_biased", *MOCK)
    own = evaluated(tmp_path, *words, "task.repetitions=2")
    assert compare(own) > 10
    assert len(records_behind(behind_metric(own, "forced_choice_accuracy"))) == (
        own.metrics["forced_choice_accuracy"].n
    )
    grid = accuracy_table("vignettes", [own]).grid
    assert grid.behind == {(0, 3): behind_run(own)}  # SbS, the second prompting
    beside = details_grid([own])
    assert beside.behind[0, beside.header.index("unparsed")].only == {"answer": ("unparsed",)}


def test_planners(tmp_path: Path):
    words = ("task=mmtom", "policy=observer", "task.suite=seven_types", "task.per_type=2")
    own = evaluated(tmp_path, *words)
    assert compare(own, (*MEANS, "goal_accuracy")) > 15
    (grid,) = whole_grids("mmtom", planner_rows([own]))
    found = records_behind(grid.behind[0, grid.header.index("2.3")])
    assert {record.condition["question_type"] for record in found} == {"2.3"}
    assert f"{100 * mean_score(found):.1f}" == grid.rows[0][grid.header.index("2.3")].split()[0]


def test_masks(tmp_path: Path):
    words = ("task=sparsity", "model=tiny", "task.suite=generated", "task.sets=1", "task.samples=2")
    small = ("task.m_end=0.02", "task.m_step=0.02", "task.controls=[]", "task.perplexity=false")
    more = ("task.specificity_sets=1", "task.mechanism=false", "task.repetitions=0")
    own = evaluated(tmp_path, *words, *small, *more)
    names = ("reality", "memory", "specificity_reality")
    assert compare(own, (*MEANS, *names)) > 20
    _, (grid,) = sparsity_tables("sparsity", [own])["levels_sparsity"]
    found = records_behind(grid.behind[1, grid.header.index("false belief")])
    assert {record.condition["m"] for record in found} == {"0.02"}
    assert {record.condition["mask"] for record in found} == {"tom"}


def test_an_effect_is_of_answers_with_and_without_the_mask(tmp_path: Path):
    from summary.sparsity_toy import run_folder as masked_folder

    masked_folder(tmp_path)
    (own,) = collect([], tmp_path / "eval")
    _, (right, _) = sparsity_tables("sparsity", [own])["effects_sparsity"]
    only = right.behind[0, 2].only
    assert (only["mask"], only["m"]) == (("none", "tom"), ("0", "0.01"))
    assert only["cell"] == ("false_belief",)
    random = right.behind[0, right.header.index("random")].only
    assert random["mask"] == ("none", "random")


def test_games_by_game_and_part(tmp_path: Path):
    cells = {
        "business/prison.published/cd.first": 0.25,
        "team/prison.published/cd.first": 0.5,
        "team/prison.doubled/cd.first": 1.0,
        "team/delight.published/cd.first": 0.75,
    }
    run_folder(tmp_path, "tiny", exact(cells), "data:models/tiny")
    report = GamesReport("games", collect([], tmp_path / "eval"))
    _, (grid,) = report.tables()["cooperation_games"]
    assert grid.rows[0][:2] == ("tiny", "in-sample")
    assert mean_score(records_behind(grid.behind[0, 2])) == pytest.approx(0.5)
    prison = records_behind(grid.behind[0, grid.header.index("prison")])
    assert {record.item for record in prison} == {*cells} - {
        "team/prison.doubled/cd.first",
        "team/delight.published/cd.first",
    }
    assert (0, grid.header.index("staghunt")) not in grid.behind  # nobody was asked
    assert not any(row > 1 for row, _ in grid.behind)  # published rows have no records


def test_answers_of_files_are_parted_by_model(tmp_path: Path):
    item = "team/prison.published/cd.first"
    told = {"7b": ("C", "D", "unparsed"), "70b": ("D", "D", "D")}
    records = {name: [_drawn(name, item, *one) for one in enumerate(found, 1)]
               for name, found in told.items()}  # fmt: skip
    answers_folder(tmp_path, records)
    runs = {own.model: own for own in collect([], tmp_path / "eval")}
    found = records_behind(behind_metric(runs["7b"], "cooperation_rate"))
    assert [record.score.answer for record in found] == ["C", "D"]
    assert {record.condition["model"] for record in found} == {"7b"}
    bad = records_behind(behind_metric(runs["7b"], "invalid"))
    assert [record.repetition for record in bad] == [3]
    assert len(records_behind(behind_metric(runs["70b"], "cooperation_rate"))) == 3


def test_cells_are_told_by_few_factors_or_by_name(tmp_path: Path):
    names = [
        f"{c}/{g}.published/cd.first" for c in ("team", "sports") for g in ("prison", "delight")
    ]
    run_folder(tmp_path, "tiny", exact(dict.fromkeys(names, 0.5)), "data:models/tiny")
    (own,) = collect([], tmp_path / "eval")
    cells = {cell.item: cell for cell in own.games.cells}
    assert cells_only(list(cells.values()), list(cells.values())) == {}
    team = [cells[name] for name in names[:2]]
    assert cells_only(list(cells.values()), team) == {"context": ("team",)}
    across = [cells[names[0]], cells[names[3]]]
    assert cells_only(list(cells.values()), across) == {"item": (names[0], names[3])}


def test_questions_that_differ_by_paradigm_are_pairs():
    all_types = put_of("suite=generated repetitions=0 questions=reality,belief,action")
    told = story_only(all_types, "false_belief_accuracy")
    assert told["paradigm:question_type"] == ("transfer:action", "contents:belief")
    beliefs = put_of("suite=generated questions=reality,belief alterations=False")
    assert beliefs == Put(0, ("reality", "belief"), alterations=False)
    assert story_only(beliefs, "false_belief_accuracy") == {
        **{"cell": ("false_belief",), "question_type": ("belief",), "paradigm": ("contents",)}
    }
    headline = story_only(Put(2), "pair_accuracy")
    assert headline["question_type"] == ("action", "belief")
    assert headline["repetition"] == ("0",)
    assert story_only(Put(2), "first_word/pair_accuracy")["repetition"] == ("1", "2")


def test_what_needs_no_records_has_none(tmp_path: Path):
    words = ("task=vignettes", "backend.mind=right", *MOCK, "task.repetitions=1")
    own = evaluated(tmp_path, *words)
    assert behind_metric(own, "baseline/majority") is None
    assert behind_metric(own, "accuracy", "baseline", "reality") is None
    several = replace(own, one_of_several=True)
    assert behind_run(several).only == {"model": (own.model,), "prompting": (own.prompting,)}


def test_restrictions():
    assert both({"a": ("x", "y")}, {"a": ("y", "z"), "b": ("v",)}) == {"a": ("y",), "b": ("v",)}
    assert joined(("a", "b"), [("x", "y"), ("z", "w")]) == {"a:b": ("x:y", "z:w")}


def _drawn(model: str, item: str, repetition: int, answer: str) -> Record:
    context, game, _ = item.split("/")
    condition = {"model": model, "game": game.partition(".")[0], "context": context}
    condition |= {"payoffs": "published", "split": "in_sample"}
    score = Score(float(answer == "C"), answer, "as given")
    name = f"{model}/{item}/{repetition:03d}"
    return Record(name, item, repetition, item[:-9], condition, "", answer, None, score)
