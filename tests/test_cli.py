"""The command itself: exit status, what it prints, what it leaves behind."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CONFIGS, Outcome, names_in, run_json

from tombench import __version__

Command = Callable[..., Outcome]

QUICK = ("backend=mock", "task.repetitions=2", "limit=2")
PARENT = Path("outputs/eval/vignettes/tiny")


def test_the_real_command(tombench: Command, tmp_path: Path) -> None:
    done = tombench(*QUICK)
    score = "mock:right, base: accuracy 1.00 [0.03, 1.00], best constant answer 0.50\n"
    assert (done.status, done.out, done.err) == (0, f"{score}results: {PARENT}/v0001\n", "")
    assert run_json(tmp_path / done.folder)["argv"] == list(QUICK)
    assert tombench("seed=x").status == 2


def test_version(command: Command) -> None:
    assert command("--version") == Outcome(0, f"tombench {__version__}\n", "")


def test_help_shows_every_group_and_five_examples(command: Command) -> None:
    said = command("--help")
    assert said.status == 0
    for group in ("stage", "task", "model", "backend", "prompting", "recipe"):
        assert f"{group}:" in said.out
    examples = said.out.split("Examples")[1].split("Keys that")[0]
    assert examples.count("  tombench") == 5


def test_cfg_shows_the_configuration_and_runs_nothing(command: Command, tmp_path: Path) -> None:
    said = command("--cfg", "job", *QUICK)
    assert said.status == 0
    assert "mind: right" in said.out
    assert "repetitions: 2" in said.out
    assert names_in(tmp_path) == set()


def test_dry_run_writes_nothing(command: Command, tmp_path: Path) -> None:
    said = command(*QUICK, "dry_run=true")
    assert said.status == 0
    assert "items      2\n" in said.out
    assert "requests   4: 2 to generate (4 answers), 2 to score\n" in said.out
    assert said.out.count("Read the scenario and answer the following question:") == 2
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize("word", ["dry_run=no", "dry_run=off", "dry_run=0"])
def test_other_words_for_false(command: Command, word: str) -> None:
    assert command(*QUICK, word).folder.exists()


def test_flags_and_overrides_in_any_order(command: Command) -> None:
    said = command(QUICK[0], "--multirun", *QUICK[1:], "seed=1,2")
    assert said.status == 0
    assert said.out.count("results: outputs/eval/") == 2


@pytest.mark.parametrize("launcher", ["basic", "joblib"])
def test_a_sweep_goes_on_after_a_failing_job(
    tombench: Command, tmp_path: Path, launcher: str
) -> None:
    said = tombench(
        *(CONFIGS, "--multirun", f"hydra/launcher={launcher}", "backend=mock", "limit=2"),
        *("task.repetitions=1", "task=vignettes,broken", "seed=1,2"),
    )
    assert said.status == 1
    assert said.out.count("results: outputs/eval/vignettes/tiny/v000") == 2
    bug = "ZeroDivisionError: a bug of the task; debug=true shows where"
    assert said.err.count(f"tombench: {bug}") == said.err.count(f"failed with status 1: {bug}") == 2
    assert said.lines[-1] == "sweep: 2 of 4 jobs done, 2 failed"
    assert names_in(tmp_path) == {"outputs"}
    assert list((tmp_path / "outputs").rglob("*.yaml")) == []
    seeds = {run_json(f)["identity"]["seed"] for f in (tmp_path / PARENT).glob("v*")}
    assert seeds == {1, 2}


def test_the_worst_status_of_a_sweep(command: Command) -> None:
    said = command("--multirun", *QUICK, "task.data=null,/no/such/file.json")
    assert said.status == 2
    assert said.out.count("results: outputs/eval/") == 1
    assert said.lines[-1] == "sweep: 1 of 2 jobs done, 1 failed"


def test_a_bug_is_one_line_and_exit_1(command: Command) -> None:
    said = command(CONFIGS, "backend=mock", "task=broken")
    assert said.status == 1
    assert said.lines == ["tombench: ZeroDivisionError: a bug of the task; debug=true shows where"]


def test_debug_shows_where(command: Command) -> None:
    bug = command(CONFIGS, "backend=mock", "task=broken", "debug=true")
    assert (bug.status, "Traceback (most recent call last)" in bug.err) == (1, True)
    mistake = command("task.data=/no/such/file", "backend=mock", "debug=true")
    assert (mistake.status, "Traceback (most recent call last)" in mistake.err) == (2, True)


def test_configs_and_classes_of_the_users_own(command: Command, tmp_path: Path) -> None:
    model = tmp_path / "own" / "model" / "ours.yaml"
    model.parent.mkdir(parents=True)
    model.write_text("_target_: tombench.models.base.Model\nname: ours\npath: /some/where\n")
    own = f"--config-dir={tmp_path / 'own'}"
    assert command(own, *QUICK, "model=ours").folder == Path("outputs/eval/vignettes/ours/v0001")
    assert "did you mean 'ours'" in command(own, *QUICK, "model=our").err
    task = command(CONFIGS, "backend=mock", "task=dying", "limit=2")
    assert task.folder == Path("outputs/eval/dying/tiny/v0001")


@pytest.mark.parametrize("code", ["import", "raise OSError('broken')", "1 / 0"])
def test_a_users_module_that_does_not_import(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.syspath_prepend(tmp_path / "own")
    name = f"module_{len(code)}"
    (tmp_path / "own/model").mkdir(parents=True)
    (tmp_path / f"own/{name}.py").write_text(code)
    (tmp_path / "own/model/ours.yaml").write_text(f"_target_: {name}.Ours\n")
    said = command(f"--config-dir={tmp_path / 'own'}", *QUICK, "model=ours", "model.path=x")
    assert (said.status, len(said.lines)) == (1, 1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["output_root=/proc/nowhere"], "output_root: cannot write in /proc/nowhere/eval"),
        (["output_root=/dev/null/x"], "output_root: cannot write in /dev/null/x/eval"),
        (["task.data=missing.json"], "missing.json: no such file"),
        (["--config-dir=missing"], "--config-dir missing: no such folder"),
        (["--config-dir"], "argument --config-dir/-cd: expected one argument"),
        (["--config-name=other"], "--config-name: no such flag"),
        (["--nope"], "--nope: no such flag"),
        (["hydra/launcher=nope", "--multirun"], "Could not find 'hydra/launcher/nope'"),
        (["model=local"], "model.path is not set; give model.path=…"),
    ],
)
def test_mistakes_leave_nothing_behind(
    command: Command, tmp_path: Path, words: list[str], told: str
) -> None:
    said = command(*QUICK, *words)
    assert (said.status, said.out) == (2, "")
    (line,) = said.lines
    assert line.startswith("tombench: ")
    assert told in line
    assert names_in(tmp_path) == set()


def test_data_that_a_mind_cannot_answer_leaves_nothing_behind(
    command: Command, tmp_path: Path
) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text('{"id": 1, "context": "a", "question": "b?", "answer": "yes"}\n')
    said = command(*QUICK, f"task.data={data}", "backend.mind=reality_biased")
    assert said.status == 2
    assert "item '1' does not say its reality" in said.err
    assert names_in(tmp_path) == {"data.jsonl"}


def test_what_the_stage_does_not_read_is_told_in_one_line(command: Command) -> None:
    said = command(*QUICK, "recipe=pretrain", "run=x")
    assert said.status == 0
    assert said.lines == [
        "note: recipe is not used by the stage evaluate; given all the same, and ignored",
        "note: run is not used by the stage evaluate; given all the same, and ignored",
    ]


def test_what_few_tasks_read_is_told_of_the_others(command: Command) -> None:
    said = command(*QUICK, "policy=observer", "policy.slip=0.1", "model@large=small")
    assert said.status == 0
    assert said.lines == [
        "note: large is not used by task=vignettes; given all the same, and ignored",
        "note: policy is not used by task=vignettes; given all the same, and ignored",
    ]
    known = run_json(said.folder)["identity"]
    assert known == run_json(command(*QUICK).folder)["identity"] and "policy" not in known


def test_names_that_a_newcomer_tries_are_recognised(tombench: Command) -> None:
    said = tombench("eval", "dry_run", "temperature=2", "prompting=COT", "model=gpt2").err
    for hint in ("stage=eval?", "dry_run=true?", "'generation.temperature'?", "'cot'?"):
        assert f"did you mean {hint}" in said
    assert "model=local model.path=" in said


def test_a_component_is_not_a_value(tombench: Command) -> None:
    done = tombench("generation=foo")
    assert done.status == 2 and "generation=foo: it has keys of its own" in done.err


def test_a_file_beside_the_command_is_not_run_for_a_library(tmp_path: Path) -> None:
    """transformers looks for torchvision, which is not installed here."""
    (tmp_path / "torchvision.py").write_text("open('sprung', 'w')")
    script = Path(sys.executable).with_name("tombench")  # `python -m` would look here by itself
    words = ["model=tiny", "backend.device=cpu", "limit=1", "task.repetitions=0"]
    done = subprocess.run([script, *words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "sprung").exists()
