"""The examples of docs/adding*.md: a page shows the files in examples/; each does what it says."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "configs"
PAGES = sorted((ROOT / "docs").glob("adding*.md"))
SHOWN = re.compile(r"^`examples/configs/(\S+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def example(command, monkeypatch):
    """A command with the examples' folder; their modules are forgotten afterwards."""
    monkeypatch.delenv("TOMBENCH_CONFIG_DIR", raising=False)
    monkeypatch.setenv("TOMBENCH_CONFIG_DIR", "")  # put back at the end, whatever the command sets

    def run(*words: str):
        return command("--config-dir", str(EXAMPLES), "quiet=true", *words)

    return run


def _metrics(outcome) -> dict:
    assert outcome.status == 0, outcome.err
    return json.loads((outcome.folder / "metrics.json").read_text())["metrics"]


def test_the_pages_show_the_files_as_they_are():
    shown = dict(pair for page in PAGES for pair in SHOWN.findall(page.read_text()))
    there = {
        str(path.relative_to(EXAMPLES)): path.read_text()
        for path in EXAMPLES.rglob("*")
        if path.suffix in (".py", ".yaml")
    }
    assert shown == there


@pytest.mark.parametrize("mind, accuracy", [("right", 1.0), ("reality_biased", 0.5)])
def test_task(example, mind, accuracy):
    metrics = _metrics(example("task=card", "backend=mock", f"backend.mind={mind}"))
    assert metrics["accuracy"]["value"] == accuracy
    assert (metrics["accuracy"]["n"], metrics["accuracy"]["clusters"]) == (40, 20)
    assert metrics["baseline/first"]["value"] == 0.5


def test_task_on_a_model_is_at_chance(example):
    accuracy = _metrics(example("task=card"))["accuracy"]
    assert accuracy["low"] < 0.5 < accuracy["high"]


def test_tasks_bounds_are_checked(example):
    outcome = example("task=card", "task.cards=0", "task.card=3")
    assert outcome.status == 2
    assert "task.card=3: no such key 'task.card'; did you mean 'cards'?" in outcome.err
    assert "task.cards=0: " in outcome.err


def test_prompting_stands_before_the_question(example):
    outcome = example("task=card", "prompting=perspective", "backend=mock")
    assert _metrics(outcome)["accuracy"]["value"] == 1
    records = map(json.loads, (outcome.folder / "records.jsonl").read_text().splitlines())
    assert all(r["prompt"].startswith(f"You are {r['condition']['seer']}. ") for r in records)


def test_model(example):
    outcome = example("model=my-model", "limit=2", "task.repetitions=0")
    assert _metrics(outcome)["accuracy"]["n"] == 2
    assert outcome.folder.parent.name == "my-model"
    assert json.loads((outcome.folder / "run.json").read_text())["identity"]["model"]["dtype"] == (
        "bfloat16"
    )


def test_policy_knows_goals_and_no_beliefs(example):
    metrics = _metrics(example("task=mmtom", "policy=forgetful", "task.per_type=10"))
    assert metrics["belief_accuracy"]["value"] == 0.5
    assert metrics["goal_accuracy"]["value"] == 0.9
    assert metrics["observer/accuracy"]["value"] == 1


def test_experiment(example):
    outcome = example("experiment=card_tiny")
    accuracy = _metrics(outcome)["accuracy"]
    told = re.search(
        r"accuracy (\S+) \[(\S+), (\S+)\]", (EXAMPLES / "experiment/card_tiny.yaml").read_text()
    )
    assert [round(accuracy[key], 2) for key in ("value", "low", "high")] == [
        float(word) for word in told.groups()
    ]


def test_backend_says_what_the_program_says(example):
    outcome = example("backend=program", "limit=2", "task.repetitions=3", "backend.command=[cat]")
    assert outcome.status == 0
    records = [json.loads(line) for line in (outcome.folder / "records.jsonl").open()]
    assert len(records) == 6
    assert all(record["response"] == record["prompt"] for record in records)


def test_backend_gives_the_program_its_seed(example):
    seeds = "backend.command=[sh,-c,'echo $TOMBENCH_SEED']"
    outcome = example("backend=program", "limit=1", "task.repetitions=3", seeds)
    said = {json.loads(line)["response"] for line in (outcome.folder / "records.jsonl").open()}
    assert len(said) == 3


@pytest.mark.parametrize(
    "program, status, line",
    [
        ("[no-such-program]", 2, "backend.command=no-such-program: no such program; give its path"),
        ("[sh,-c,'echo gone >&2; exit 3']", 1, "sh: status 3: gone"),
    ],
)
def test_backend_tells_what_went_wrong(example, program, status, line):
    outcome = example("backend=program", "limit=1", f"backend.command={program}")
    assert (outcome.status, line in outcome.err) == (status, True)


def test_backend_without_probabilities_cannot_choose(example):
    outcome = example("backend=program", "task=card")
    assert outcome.status == 1
    assert "none of 40 records could be asked: it gives no probabilities" in outcome.err


def test_recipe_learns_its_layer_and_no_other(example):
    from safetensors.torch import load_file

    outcome = example("stage=finetune", "recipe=last_layer", "model=tiny", "recipe.steps=10")
    assert outcome.status == 0, outcome.err
    losses = json.loads((outcome.folder / "run.json").read_text())["results"]
    assert losses["last_loss"] < losses["first_loss"]
    after = load_file(outcome.folder / "model" / "model.safetensors")
    before = load_file(ROOT / "data" / "models" / "tiny" / "model.safetensors")
    changed = {name for name in before if (before[name].float() != after[name].float()).any()}
    assert changed and all(name.startswith("model.layers.3.") for name in changed)


def test_recipe_gives_the_same_weights_again(example):
    words = ("stage=finetune", "recipe=last_layer", "model=tiny", "recipe.steps=2", "rerun=true")
    first, second = (example(*words).folder / "model" / "model.safetensors" for _ in range(2))
    assert first != second
    assert first.read_bytes() == second.read_bytes()
