"""Ours beside theirs: which runs a published cell is held against, and what comes of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_module
from omegaconf import DictConfig

from tombench.errors import UserError
from tombench.models.convert import ORIGIN
from tombench.schema import Metric
from tombench.summary.collect import EvaluatedRun
from tombench.summary.expected import Cell, Published, Row
from tombench.summary.expected_beside import Compared, compare
from tombench.summary.expected_grid import beside, beside_rows, verdict_grid
from tombench.summary.expected_trials import trial_words

ROWS = {"file": "vignettes", "table": "rows", "of": {"model": "LLaMa2"}}
STUDY = {"repetitions": 20, "family": "scenario", "suite": "scenarios", "data": "d1"}
SAMPLED = {"temperature": 0.4, "top_k": 50, "top_p": 0.95, "max_new_tokens": 128}


HUB = {"llama2-7b": "meta-llama/Llama-2-7b-hf"}


def config(*words: str) -> DictConfig:
    with initialize_config_module("tombench.configs", version_base="1.3"):
        return compose("config", ["stage=summarize", *words])


def evaluated(folder: Path, accuracy: float, **changed: Any) -> EvaluatedRun:
    """A finished run of the vignettes table as the study set it, and its run.json."""
    told = {"model": "llama2-7b", "prompting": "base", "limit": None, "n": 320} | changed
    task = STUDY | {key: told[key] for key in STUDY.keys() & told.keys()}
    file = {
        "identity": {
            "task": task, "generation": SAMPLED, "limit": told["limit"], "policy": None,
            "backend": {"class": told.get("backend", "HfBackend")},
        },
        "configuration": {
            "task": {"name": "vignettes", **task, "data": told.get("file", "scenarios.json")},
            "model": {
                "name": told["model"], "path": told.get("path", HUB.get(told["model"], "x")),
                "template": told.get("template", "none"), "adapter": told.get("adapter"),
            },
            "prompting": {"name": told["prompting"]},
            "expected": {"name": told.get("experiment", "boosting_table")},
        },
    }  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(file))
    metric = Metric(accuracy, accuracy - 0.1, accuracy + 0.1, told["n"], 16)
    return EvaluatedRun(
        folder=folder, task="vignettes", model=told["model"], prompting=told["prompting"],
        variant="", asked="", put="", limit=told["limit"], ended=told.get("ended", "2026-01-01"),
        identity_hash="", metrics={"accuracy": metric},
    )  # fmt: skip


def found(runs: list[EvaluatedRun], row: str = "LLaMa2", column: str = "base") -> Compared:
    _, cells = compare(config("experiment=boosting_table"), runs)
    return next(one for one in cells if (one.cell.row.row, one.cell.column) == (row, column))


def test_a_row_takes_its_numbers_from_the_reference() -> None:
    row = Row("LLaMa2", ("base", "cot"), Published(**ROWS), {"prompting": "COLUMN"}, 0.1, "why")
    base, cot = row.cells()
    assert (base.published, cot.published) == (0.34, 0.56)
    assert (base.where, cot.where) == ({"prompting": "base"}, {"prompting": "cot"})
    assert row.digits == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"file": "none"}, "no data/reference/none.json"),
        ({"table": "none"}, "has no table none"),
        ({"of": {"model": "GPT-5"}}, "0 rows have"),
    ],
)
def test_a_reference_that_is_not_there_is_told(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        _ = Published(**(ROWS | changed)).values


@pytest.mark.parametrize(
    ("bound", "ours", "inside"),
    [
        *(("near", 0.44, True), ("near", 0.45, False), ("near", 0.23, False)),
        *(("at_least", 0.24, True), ("at_least", 0.23, False), ("at_least", 0.99, True)),
        *(("at_most", 0.44, True), ("at_most", 0.45, False), ("at_most", 0.01, True)),
    ],
)
def test_inside_is_within_the_tolerance_and_on_the_side_that_counts(
    bound: str, ours: float, inside: bool
) -> None:
    row = Row("LLaMa2", ("base",), Published(**ROWS), {}, 0.1, "why", bound=bound)  # of .34
    assert next(row.cells()).inside(ours) is inside


def test_a_number_that_no_run_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no such number of a run; there are accuracy"):
        Row("x", ("base",), Published(**ROWS), {}, 0.1, "why", metric="acuracy")


def test_the_published_model_in_the_published_settings_is_compared(tmp_path: Path) -> None:
    run = evaluated(tmp_path / "a", 0.40)
    inside, outside = found([run]), found([evaluated(tmp_path / "b", 0.46)])
    assert (inside.verdict, inside.ours.value, inside.run) == ("inside", 0.40, run)
    assert outside.verdict == "outside"  # .12 from .34, tolerance .11
    assert found([run], column="cot").verdict == "not run"
    assert found([run], row="LLaMa2 Chat").verdict == "not run"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"model": "tiny"}, "model=tiny, not llama2-7b"),
        ({"limit": 16}, "limit=16"),
        ({"file": None}, "task.data is not the study's (scenarios.json)"),
        ({"n": 160}, "160 answers, published 320"),
        ({"template": "auto"}, "model.template=auto, not none"),
        ({"repetitions": 5}, "task.repetitions=5, not 20"),
        ({"path": "data:models/tiny"}, f"model.path=data:models/tiny, not {HUB['llama2-7b']}"),
        ({"adapter": "RUN"}, "model.adapter=RUN"),
        ({"backend": "MockBackend"}, "no model answered (MockBackend)"),
    ],
)
def test_a_run_that_is_not_like_it_stands_apart(
    tmp_path: Path, changed: dict[str, Any], reason: str
) -> None:
    one = found([evaluated(tmp_path / "a", 0.34, **changed)])
    assert (one.verdict, one.ours, one.run) == ("not run", None, None)
    assert one.unlike.reasons == (reason,)
    assert one.trial.value == 0.34


def test_converted_weights_are_those_of_their_repository(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / ORIGIN).write_text(json.dumps({"path": HUB["llama2-7b"], "revision": None}))
    assert found([evaluated(tmp_path / "a", 0.40, path=str(weights))]).verdict == "inside"


def test_a_trial_never_stands_before_the_run_itself(tmp_path: Path) -> None:
    real = evaluated(tmp_path / "a", 0.40, ended="2026-01-01")
    trial = evaluated(tmp_path / "b", 0.34, model="tiny", ended="2026-02-02")
    one = found([trial, real])
    assert (one.run, one.verdict, one.unlike.run) == (real, "inside", trial)
    newer = replace(evaluated(tmp_path / "c", 0.50), ended="2026-03-03")
    assert found([real, newer]).run is newer


def test_another_experiments_trial_is_not_shown(tmp_path: Path) -> None:
    run = evaluated(tmp_path / "a", 0.34, model="tiny", experiment="mine")
    assert found([run]).unlike is None


def test_what_would_run_a_cell_is_its_command() -> None:
    assert found([], "LLaMa2").command == (
        "tombench experiment=boosting_table model=llama2-7b prompting=base task.data=scenarios.json"
    )
    assert found([], "GPT4All-J PPO", "sbs").words == {
        "experiment": "boosting_table", "model": "local", "model.name": "gpt4all-j-ppo",
        "model.path": "RUN", "prompting": "sbs", "task.family": "context",
        "task.data": "scenarios.json",
    }  # fmt: skip


def test_the_table_says_it_all(tmp_path: Path) -> None:
    runs = [evaluated(tmp_path / "a", 0.40), evaluated(tmp_path / "b", 0.3, model="tiny", limit=2)]
    (grid,) = beside(config("experiment=boosting_table"), runs)
    place = next(n for n, row in enumerate(grid.rows) if row[:2] == ("LLaMa2", "base"))
    assert grid.rows[place] == (
        "LLaMa2", "base", "0.40 [0.30, 0.50]", "320", "0.34", "±0.11", "inside",
        "0.30 [0.20, 0.40]",
    )  # fmt: skip
    assert grid.behind[place, 2].folder == tmp_path / "a"
    notes = "\n".join(grid.notes)
    assert "19 not run, 1 inside." in notes
    assert f"Not comparable: {tmp_path / 'b'}: model=tiny, not gpt4all-j or " in notes
    assert "Not run (4 cells): tombench experiment=boosting_table model=gpt4all-j " in notes
    assert "prompting=sbs,cot,sbs_cot" in notes  # of LLaMa2, what is left
    rows = beside_rows(config("experiment=boosting_table"), runs)
    assert len(rows) == len(grid.rows) == 20
    assert rows[place]["ours"] == 0.40
    assert rows[place]["not_comparable_reason"] == "model=tiny, not llama2-7b; limit=2"
    assert verdict_grid(rows).rows[place][1:] == (
        "LLaMa2: base", "0.4", "0.34", "±0.11", "inside; what was run is not comparable"
    )  # fmt: skip


def test_a_command_without_an_experiment_compares_nothing() -> None:
    assert beside(config(), []) == []
    assert beside_rows(config(), []) == []


def test_an_experiment_of_which_no_number_is_known_says_so() -> None:
    (grid,) = beside(config("experiment=sparsity_qwen2_7b"), [])
    assert grid.rows == ()
    assert grid.notes[0] == "No published number is known."
    assert "could not be had" in grid.notes[2]


def test_a_cell_without_a_published_number_has_no_verdict() -> None:
    row = Row("LLaMa2", ("none",), Published(**ROWS), {}, 0.1, "why")
    cell = next(row.cells())
    assert cell == Cell(row, "none", None, {})
    with pytest.raises(ValueError, match="no number was published"):
        cell.inside(0.5)


def test_a_trial_may_go_on_over_lines(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(
        "# x\n# Trial: tombench experiment=one 'task.games=[a,b]'\n#   limit=2\ntask:\n"
    )
    assert trial_words(path) == ["experiment=one", "task.games=[a,b]", "limit=2"]
    path.write_text("# x\n")
    with pytest.raises(UserError, match="no line '# Trial: tombench"):
        trial_words(path)
