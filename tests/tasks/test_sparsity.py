"""task=sparsity as a user types it: gradients, masks, controls, what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from conftest import Outcome, names_in, results, run_json
from safetensors.torch import load_file

from tombench.datafile import EMBEDDED
from tombench.records import RunFolder

SMALL = (
    "task=sparsity",
    "model=tiny",
    "task.suite=generated",
    "task.sets=2",
    "task.specificity_sets=1",
    "task.repetitions=1",
    "task.m_end=0.04",
    "task.m_step=0.02",
    "task.control_seeds=2",
    "task.control_points=1",
    "task.samples=6",
    "task.windows=3",
)
MASKS = {
    *("", "tom@0.02", "tom@0.04", "general@0.02", "general@0.04"),
    *("random.0@0.04", "random.1@0.04", "matched.0@0.04", "matched.1@0.04"),
}
Command = Callable[..., Outcome]


def records_of(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]


def values_of(folder: Path) -> dict:
    return json.loads((folder / "metrics.json").read_text())


def role(record: dict) -> str:
    prefix = record["item"].split("/")[0]
    return "" if prefix == "base" else prefix


def test_the_whole_study_in_one_command_and_again_after_a_kill(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = command(*SMALL, "output_root=whole")
    assert whole.status == 0, whole.err
    folder = tmp_path / whole.folder
    assert {"records.jsonl", "metrics.json", "mechanism.json"} <= names_in(folder)
    records = records_of(folder)
    assert {role(record) for record in records} == MASKS
    asked = {key: {r["item"].split("/", 1)[1] for r in records if role(r) == key} for key in MASKS}
    assert all(asked[key] == asked[""] for key in MASKS)  # the same questions under every mask
    drawn = {role(record) for record in records if record["repetition"] > 0}
    assert drawn == {"", "tom@0.02", "tom@0.04"}
    assert all(bool(r["prompt"]) == (not role(r)) for r in records if "text" not in r["item"])
    values = values_of(folder)
    assert set(values["groups"]["m"]) == {"0", "0.02", "0.04"}
    perplexity = [values["groups"]["m"][m]["perplexity"]["value"] for m in ("0", "0.02", "0.04")]
    assert perplexity[0] < min(perplexity[1:])
    mechanism = json.loads((folder / "mechanism.json").read_text())
    assert set(mechanism["masked"]) == {"0.04"}
    assert set(mechanism["stability"]) == {"0.02", "0.04"}

    append, calls = RunFolder.append, []

    def dying(run: RunFolder, lines: list) -> None:
        calls.append(run)
        if len(calls) == 4:
            raise KeyboardInterrupt
        append(run, lines)

    monkeypatch.setattr(RunFolder, "append", dying)
    assert command(*SMALL, "output_root=killed").status == 130
    monkeypatch.setattr(RunFolder, "append", append)
    again = command(*SMALL, "output_root=killed")
    assert again.status == 0, again.err
    assert results(tmp_path / again.folder) == results(folder)
    assert json.loads((tmp_path / again.folder / "mechanism.json").read_text()) == mechanism


def test_gradients_are_made_once(command: Command, tmp_path: Path) -> None:
    made = command("stage=prepare", *SMALL)
    assert made.status == 0, made.err
    assert "is taken from" not in made.err
    gradients = tmp_path / made.folder / "gradients"
    assert names_in(gradients) == {"tom", "general"}
    layers = load_file(gradients / "tom" / "layer-000.safetensors")
    assert set(layers) == {
        f"model.layers.0.{name}.weight"
        for name in (
            *("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"),
            *("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"),
        )
    }
    assert all(tensor.dtype == torch.float32 for tensor in layers.values())
    few = ("task.controls=[]", "task.mechanism=false", "task.perplexity=false")
    found = command(*SMALL, *few)
    assert found.status == 0, found.err
    assert "gradients: made" not in found.err
    assert names_in(tmp_path / "outputs" / "prepare" / "sparsity") >= {"v0001"}
    assert "v0002" not in names_in(tmp_path / "outputs" / "prepare" / "sparsity")
    named = command(
        *SMALL, *few, f"task.gradients.tom={made.folder}", f"task.gradients.general={made.folder}"
    )
    assert named.status == 0, named.err
    assert results(tmp_path / named.folder)[0] == results(tmp_path / found.folder)[0]
    fresh = command("stage=prepare", *SMALL, "task.general_length=64")
    assert "tom is taken from" in fresh.err


def test_masked_models_are_saved_where_asked_for(command: Command, tmp_path: Path) -> None:
    none = ("task.controls=[]", "task.mechanism=false", "task.perplexity=false", "limit=3")
    saved = command(*SMALL, *none, "task.save_models=true", "task.replacement=zero")
    assert saved.status == 0, saved.err
    models = tmp_path / saved.folder / "models"
    assert names_in(models) == {"m=0.02", "m=0.04"}
    weights = load_file(models / "m=0.04" / "model.safetensors")
    before = load_file(EMBEDDED / "models" / "tiny" / "model.safetensors")
    changed = {
        name: int((weights[name] != tensor.float()).sum())
        for name, tensor in before.items()
        if name in weights
    }
    assert 0 < changed["model.layers.0.self_attn.q_proj.weight"] <= int(128 * 128 * 0.04)
    assert changed["model.embed_tokens.weight"] == 0


PROMPTS = [{"txt": f"The {place} holds what Ana put in the"} for place in ("box", "cup") * 6]
STUDY = (
    *("task.objective=study", "task.tom_data=prompts.json", "task.definition=study"),
    *("task.replacement=study_mean", "task.batch_tokens=1"),
)
FEW = ("task.controls=[]", "task.mechanism=false", "limit=12", "task.specificity_sets=0")


@pytest.mark.parametrize(
    "words",
    [
        STUDY,
        ("task.objective=contrast", "task.scope=global"),
        ("task.importance=wanda", "task.replacement=noise"),
        ("task.importance=gradient_times_weight", "task.chosen=both"),
        ("task.importance=weighted_fisher", "task.replacement=scale", "task.scale=0.5"),
        ("task.importance=magnitude", "task.chosen=tom"),
        ("task.general_data=text.txt", "task.perplexity_data=text.txt", "task.window=64"),
    ],
)
def test_every_way_to_choose_and_to_replace(
    command: Command, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "prompts.json").write_text(json.dumps(PROMPTS))
    (tmp_path / "text.txt").write_text("The ball is in the box, and Ana is in the hall. " * 80)
    ran = command(*SMALL, *FEW, *words)
    assert ran.status == 0, ran.err
    levels = values_of(tmp_path / ran.folder)["groups"]["m"]
    found = [levels[m]["perplexity"]["value"] for m in ("0", "0.02", "0.04")]
    assert len(set(found)) == 3  # each mask changes something
    assert "no entry is masked" not in ran.err


def test_squares_that_vanish_in_float16_are_told(command: Command, tmp_path: Path) -> None:
    (tmp_path / "prompts.json").write_text(json.dumps(PROMPTS))
    ran = command(*SMALL, *FEW, *STUDY, "task.gradient_dtype=float16")
    assert ran.status == 0, ran.err
    assert "no entry is masked, even at m=0.04" in ran.err
    levels = values_of(tmp_path / ran.folder)["groups"]["m"]
    assert levels["0.04"]["perplexity"] == levels["0"]["perplexity"]


@pytest.mark.parametrize("name", ["vignettes", "mmtom"])
def test_any_other_task_is_asked_under_the_sweeps_masks(
    command: Command, tmp_path: Path, name: str
) -> None:
    few = ("task.mechanism=false", "task.perplexity=false", "task.specificity_sets=0")
    ran = command(*SMALL, *few, f"task.further={name}", "task.sets=1", "limit=330")
    assert ran.status == 0, ran.err
    further = [r for r in records_of(tmp_path / ran.folder) if r["condition"]["part"] == "further"]
    assert {role(record) for record in further} == {"", "tom@0.02", "tom@0.04"}
    assert {record["condition"]["task"] for record in further} == {name}
    alone = command("task=" + name, "model=tiny", "task.repetitions=0" if name == "vignettes" else
                    "limit=2")  # fmt: skip
    values = {r["item"]: r["log_probs"] for r in records_of(tmp_path / alone.folder)}
    for record in further:
        if not role(record) and (item := record["item"].split("/", 2)[2]) in values:
            assert record["log_probs"] == pytest.approx(values[item], abs=1e-4)


def test_a_known_mind_is_asked_as_it_is(command: Command, tmp_path: Path) -> None:
    right = command("task=sparsity", "backend=mock")
    assert right.status == 0, right.err
    values = json.loads((tmp_path / right.folder / "metrics.json").read_text())
    assert set(values["groups"]["m"]) == {"0"}
    (row,) = values["sparsity"]["study"]
    assert {row["contents_total_mean"], row["transfer_total_mean"]} == {160}
    biased = command("task=sparsity", "backend=mock", "backend.mind=reality_biased")
    values = json.loads((tmp_path / biased.folder / "metrics.json").read_text())
    (row,) = values["sparsity"]["study"]
    # three quarters, and no mind
    assert {row["contents_total_mean"], row["transfer_total_mean"]} == {120}
    assert values["metrics"]["false_belief_accuracy"]["value"] == 0


def test_the_grid_fits_the_model(command: Command, tmp_path: Path) -> None:
    found = command("task=sparsity", "model=tiny", "limit=1", "task.controls=[]", "dry_run=true")
    assert found.status == 0, found.err
    ran = command(
        *SMALL[:4], "task.specificity_sets=0", "task.samples=4", "task.windows=1",
        "task.controls=[]", "task.mechanism=false", "limit=2",
    )  # fmt: skip
    settled = run_json(tmp_path / ran.folder)["identity"]["task"]
    assert (settled["m_start"], settled["m_end"], settled["m_step"]) == (0, 0.05, 0.002)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["task.m_end=0.05"], "task.m_end and task.m_step: give both, or neither"),
        (["task.m_end=0.05", "task.m_step=0.03"], "no whole number of steps of 0.03"),
        (["model.quantization=int8"], "quantized weights are not masked"),
        (["cache=true"], "are of masked weights, which no cache knows"),
        (["backend=api", "backend.base_url=http://localhost:1/v1"], "give backend=hf"),
        (["task.m_start=0.01"], "task.m_start: where does the grid end?"),
        (["task.tom_data=x.json", "task.objective=study"], "x.json: no such file"),
        (["task.tom_data=x.json"], "task.objective=answer is about answers"),
        (["task.importance=magnitude"], "give task.chosen=tom task.controls=[random,matched]"),
        (["task.importance=fisher"], "task.importance=fisher: not allowed"),
        (["task.further=[vignetes]"], "did you mean 'vignettes'?"),
        (["task.gradients.tom=nowhere"], "task.gradients.tom=nowhere: no such folder"),
        (["task.suite=generated", "task.data=x.json"], "leave out task.suite=generated"),
        (["task.window=4096"], "task.window=4096: the model's context is 2048 tokens"),
    ],
)
def test_what_cannot_be_done_is_one_line(command: Command, words: list[str], line: str) -> None:
    small = ("task.controls=[]", "task.samples=2", "limit=2", "task.mechanism=false")
    outcome = command("task=sparsity", "model=tiny", *small, *words)
    assert outcome.status == 2
    assert line in outcome.err
    assert "Traceback" not in outcome.err
