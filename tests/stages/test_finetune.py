"""stage=finetune: from nothing, then on examples; the run folder is a model for stage=eval."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CONFIGS, Outcome

from tombench.cli import run

Command = Callable[..., Outcome]

ROWS = ["recipe.steps=3", "recipe.batch_size=4"]
SMALL = [
    CONFIGS,
    "stage=finetune",
    "task=toy",
    "recipe=pretrain",
    "model=tiny",
    *ROWS,
    "recipe.sequence_length=64",
    "recipe.tokenizer_texts=200",
    "recipe.vocabulary=300",
    "recipe.checkpoint_every=2",
    "model.architecture.hidden_size=16",
    "model.architecture.intermediate_size=32",
    "model.architecture.num_hidden_layers=1",
    "model.architecture.num_attention_heads=2",
    "model.architecture.num_key_value_heads=2",
]
TUNED = [CONFIGS, "stage=finetune", "task=toy", "model=local", *ROWS]
TUNED += ["recipe.accumulation=1", "recipe.evaluate_every=2", "recipe.lora=null"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("outputs")
    assert run([*SMALL, f"output_root={root}"]) == 0
    return root / "finetune" / "toy" / "tiny-pretrain" / "v0001"


@pytest.fixture(scope="module")
def tuned(trained: Path) -> Path:
    root = trained.parents[3]
    assert run([*TUNED, f"model.path={trained}", f"output_root={root}"]) == 0
    return root / "finetune" / "toy" / "local-sft" / "v0001"


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def about(folder: Path) -> dict:
    return json.loads((folder / "run.json").read_text())


def test_the_run_folder_holds_weights_curve_and_facts(trained: Path) -> None:
    files = files_of(trained)
    assert {"model/model.safetensors", "model/tokenizer.json", "log.csv"} <= files
    assert "figures/loss.png" in files and not any(name.startswith("check") for name in files)
    assert about(trained)["status"] == "finished"
    assert about(trained)["results"]["tokens"] == 3 * 4 * 64
    assert (trained.parent / "latest").resolve() == trained.resolve()


def test_a_finished_training_is_left_alone(trained: Path, command: Command) -> None:
    weights = trained / "model" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    done = command(*SMALL, f"output_root={trained.parents[3]}")
    assert done.status == 0 and done.out.strip() == f"results: {trained}"
    assert weights.stat().st_mtime_ns == before


@pytest.mark.parametrize("word", ["seed=1", "recipe.weight_decay=0.5", "task.corpus=second"])
def test_what_changes_the_weights_is_another_run(
    trained: Path, tuned: Path, command: Command, word: str
) -> None:
    root = trained.parents[3]
    done = command(*TUNED, word, f"model.path={trained}", f"output_root={root}")
    assert done.status == 0 and done.folder.name > "v0001"
    other = (done.folder / "model" / "model.safetensors").read_bytes()
    changed = other != (tuned / "model" / "model.safetensors").read_bytes()
    assert changed == (word != "task.corpus=second")  # which only says that it is another corpus


def test_weights_count_by_their_content(trained: Path, tuned: Path, command: Command) -> None:
    root = trained.parents[3]
    by_folder = command(*TUNED, f"model.path={trained}/model", f"output_root={root}")
    assert by_folder.folder == tuned
    other = command(*TUNED, f"model.path={tuned}", f"output_root={root}")
    assert other.folder.name > "v0001"


def test_fine_tuning_leaves_weights_and_a_learning_curve(trained: Path, tuned: Path) -> None:
    assert {"model/model.safetensors", "curve.csv", "figures/curve.png"} <= files_of(tuned)
    assert about(tuned)["results"]["words/held_out"] == 0.25
    rows = (tuned / "curve.csv").read_text().splitlines()
    probed = [row for row in rows[1:] if row.split(",")[3].startswith(("words/", "mode/"))]
    assert [row.split(",")[0] for row in probed] == ["0"] * 3 + ["2"] * 3 + ["3"] * 3
    before, after = (folder / "model" / "model.safetensors" for folder in (trained, tuned))
    assert before.read_bytes() != after.read_bytes()


def test_the_run_is_a_model(tuned: Path, tmp_path: Path) -> None:
    words = ["model=local", f"model.path={tuned}", "limit=1", "task.repetitions=2"]
    words += ["generation.max_new_tokens=3", f"output_root={tmp_path}", "backend.device=cpu"]
    assert run(words) == 0
    folder = tmp_path / "eval" / "vignettes" / "local" / "v0001"
    assert len((folder / "records.jsonl").read_text().splitlines()) == 2
    assert json.loads((folder / "run.json").read_text())["label"] == "local:v0001"


@pytest.mark.parametrize("words", [SMALL, [*TUNED, "model=tiny"]])
def test_a_dry_run_writes_nothing(words: list[str], tmp_path: Path, command: Command) -> None:
    done = command(*words, "dry_run=true", f"output_root={tmp_path}")
    assert done.status == 0 and "results:" not in done.out
    tuned = words is not SMALL
    assert ("3 of 4 examples" if tuned else "3 of 4 x 64 tokens") in done.out
    assert ("⟧" in done.out) == tuned
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["task=toy", "recipe=pretrain", "model=qwen3-8b"], "no architecture"),
        (["task=toy", "model=local", "model.path=/no/such/folder"], "no such folder"),
        (["task=untaught", "recipe=pretrain"], "no training text"),
        (["task=untaught", "recipe=sft"], "no training examples"),
        (["task=untaught"], "no training examples"),  # sft is the default
        (["task=toy", "recipe.lora.rnak=4"], "did you mean 'rank'?"),
        (["task=toy", "recipe.lora.rank=0"], "recipe.lora.rank=0"),
        (["task=toy", "recipe.data=nosuch.jsonl"], "nosuch.jsonl"),
        (["task=toy", "recipe.epochs=2"], "recipe.epochs: counts passes through recipe.data"),
        (["task=toy", "recipe=merge"], "has no adapter"),
        (["task=toy", "model.quantization=nf4", "recipe.lora=null"], "quantized weights cannot"),
    ],
)
def test_what_cannot_be_trained_is_told_in_one_line(
    words: list[str], told: str, tmp_path: Path, command: Command
) -> None:
    done = command(CONFIGS, "stage=finetune", *words, f"output_root={tmp_path}")
    (line,) = done.lines
    assert done.status == 2 and told in line
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def adapted(trained: Path) -> Path:
    root = trained.parents[3]
    words = [*TUNED[:-1], "recipe.lora.rank=2", "recipe.merge=true", f"model.path={trained}"]
    assert run([*words, f"output_root={root}"]) == 0
    return root / "finetune" / "toy" / "local-sft" / "latest"


def test_an_adapter_is_evaluated_merged_and_evaluated_again(
    trained: Path, adapted: Path, tmp_path: Path, command: Command
) -> None:
    asked = ["limit=2", "task.repetitions=0", "backend.device=cpu", f"output_root={tmp_path}"]
    local = [CONFIGS, "model=local"]
    on_base = command(*local, f"model.path={trained}", f"model.adapter={adapted}", *asked)
    by_merged = command(*local, f"model.path={adapted}", "model.name=merged", *asked)
    merge = ["stage=finetune", "task=toy", "recipe=merge", f"model.adapter={adapted}"]
    merged = command(*local, *merge, f"model.path={trained}", f"output_root={tmp_path}")
    by_recipe = command(*local, f"model.path={merged.folder}", "model.name=again", *asked)
    assert (merged.folder / "merged" / "model.safetensors").is_file()
    scores = []
    for done in (on_base, by_merged, by_recipe):
        assert done.status == 0, done.err
        lines = (done.folder / "records.jsonl").read_text().splitlines()
        scores.append([list(json.loads(line)["log_probs"].values()) for line in lines])
    assert scores[0] == [pytest.approx(own, abs=1e-2) for own in scores[1]]  # saved in bfloat16
    assert scores[1] == scores[2]


def test_paths_are_no_identity_and_data_is(trained: Path, tmp_path: Path, command: Command) -> None:
    root = f"output_root={tmp_path}"
    words = [CONFIGS, "stage=finetune", "task=toy", "model=local", f"model.path={trained}", root]
    words += ["recipe.steps=1", "recipe.batch_size=2", "recipe.accumulation=1"]
    rows = [{"prompt": f"Tom put key {n} in the", "completion": " box."} for n in range(4)]
    for name in ("one.jsonl", "two.jsonl"):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    first = command(*words, f"recipe.data={tmp_path}/one.jsonl")
    again = command(*words, f"recipe.data={tmp_path}/two.jsonl")
    assert first.status == 0 and again.folder == first.folder
    (tmp_path / "two.jsonl").write_text(json.dumps(rows[0]) + "\n")
    assert command(*words, f"recipe.data={tmp_path}/two.jsonl").folder.name == "v0002"
