"""Every file under configs/ builds, and reads as the style asks."""

from importlib.resources import files
from pathlib import Path

import pytest
from hydra import compose, initialize_config_module, version

from tombench.config import build

ROOT = Path(str(files("tombench.configs")))
GROUPED = sorted(path.relative_to(ROOT) for path in ROOT.glob("*/*.yaml"))
NEEDS = {
    "model/local.yaml": ["model.path=/some/folder"],
    "task/judge.yaml": ["task.run=/some/folder"],
    **{
        f"experiment/stories_{recipe}.yaml": ["model.path=/some/folder"]
        for recipe in ("reward", "ppo", "dpo", "grpo")
    },
    "experiment/boosting_answers.yaml": ["task.answers=answers"],
    "experiment/boosting_tests.yaml": ["task.answers=answers"],
    "experiment/planner_worlds.yaml": ["model.adapter=/some/folder"],
    "experiment/scaled_planner_8b_70b.yaml": ["model.adapter=/some/folder"],
    "experiment/scaled_planner_8b_405b.yaml": ["model.path=planner-8b"],
    "experiment/sparsity_tiny.yaml": ["model.path=/some/folder"],
    "experiment/strategy_sft.yaml": ["recipe.data=pairs.json"],
}


@pytest.mark.parametrize("path", GROUPED, ids=str)
def test_every_file_builds(path: Path) -> None:
    group, option = path.parent.as_posix(), path.stem
    words = [f"{group}={option}", *NEEDS.get(path.as_posix(), [])]
    version.setbase("1.3")
    with initialize_config_module("tombench.configs", version_base="1.3"):
        config = compose("config", words)
    if group == "experiment":
        for key in ("stage", "task", "model", "recipe"):
            build(config, key)
        return
    component = build(config, group)
    assert type(component).__name__ == config[group]._target_.rpartition(".")[2]
    if hasattr(component, "name"):  # run folders are called by it
        assert component.name == option


@pytest.mark.parametrize("path", GROUPED, ids=str)
def test_every_file_begins_with_what_it_is(path: Path) -> None:
    first = (ROOT / path).read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 10


EXPERIMENTS = [path for path in GROUPED if path.parent.name == "experiment"]


@pytest.mark.parametrize("path", EXPERIMENTS, ids=str)
def test_an_experiment_tells_study_command_and_what_to_expect(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    head = [line for line in text.splitlines() if line.startswith("# ")]
    assert head[0] == "# @package _global_" and f"experiment={path.stem}" in head[2]
    assert any("GPU" in line or "minutes" in line for line in head)


SHIPPED = {"tiny", "small"}  # they hold the shape that recipe=pretrain gives them


@pytest.mark.parametrize("path", [p for p in GROUPED if p.parent.name == "model"], ids=str)
def test_a_model_is_a_few_lines(path: Path) -> None:
    most = 12 if path.stem in SHIPPED else 8
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= most
