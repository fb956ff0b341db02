"""Supervised fine-tuning: the loss by hand, adapters and whole weights, kills, replay, EWC."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from toy_models import job, rows, settings, untrained, weights_digest
from toy_texts import draw_pair
from transformers import AutoModelForCausalLM, AutoTokenizer

from tombench.errors import RunFailed, UserError
from tombench.models.base import Model
from tombench.models.load import load, load_fresh
from tombench.recipes.sft import Sft
from tombench.stories.text import Text


def recipe(**changes: Any) -> Sft:
    return Sft(**settings("sft", **changes))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return untrained(tmp_path_factory.mktemp("untrained"))


@pytest.fixture(scope="module")
def finished(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    recipe(lora={"rank": 4, "dropout": 0.1}, merge=True, evaluate_every=6).train(
        job(weights, folder)
    )
    return folder


def logits(model: Model, text: str) -> torch.Tensor:
    loaded = load_fresh(model, "cpu")
    ids = torch.tensor([loaded.encoding.encode(text)])
    with torch.no_grad():
        return loaded.network(ids).logits


def test_the_loss_is_that_of_the_completions_tokens(weights: Path, tmp_path: Path) -> None:
    """One update of eight examples at a vanishing rate: its loss by hand."""
    whole = recipe(steps=1, lora=None, learning_rate=1e-12, replay=0.0)
    loss = whole.train(job(weights, tmp_path))["loss"]
    from random import Random

    rng, texts = Random("completions/3/0"), []
    while len(texts) < 8:
        texts += draw_pair(rng, 0.0)
    model = AutoModelForCausalLM.from_pretrained(weights)
    tokenizer = AutoTokenizer.from_pretrained(weights)
    total, count = 0.0, 0
    for text in texts[:8]:
        before = tokenizer.encode(text.prompt.rstrip())
        ids = [*tokenizer.encode(f"{text.prompt.rstrip()} {text.answer}"), tokenizer.eos_token_id]
        scores = model(torch.tensor([ids])).logits[0].log_softmax(-1)
        learnt = range(len(before), len(ids))
        total -= sum(scores[at - 1, ids[at]].item() for at in learnt)
        count += len(learnt)
    assert loss == pytest.approx(total / count, abs=2e-5)


def test_the_loss_against_soft_labels(weights: Path, tmp_path: Path) -> None:
    """One update, every other example with a soft label: the expected loss, token by token."""
    import dataclasses
    from random import Random

    shares = {" box.": 0.25, " basket.": 0.75}

    def draw(rng: Random, progress: float) -> list[Text]:
        soft = Text(f"Ball {rng.randrange(9)} is in the", " basket.", tuple(shares.items()))
        return [soft, Text(f"Ball {rng.randrange(9)} is in the", " box.")]

    whole = recipe(steps=1, lora=None, learning_rate=1e-12, replay=0.0)
    loss = whole.train(dataclasses.replace(job(weights, tmp_path), examples=draw))["loss"]
    rng, texts = Random("completions/3/0"), []
    while len(texts) < 8:
        texts += draw(rng, 0.0)
    model = AutoModelForCausalLM.from_pretrained(weights)
    tokenizer = AutoTokenizer.from_pretrained(weights)
    box, basket = (tokenizer.encode(answer) for answer in shares)
    assert box[0] != basket[0]
    total, count = 0.0, 0
    for text in texts:
        before = tokenizer.encode(text.prompt)
        answer = [*tokenizer.encode(text.answer), tokenizer.eos_token_id]
        scores = model(torch.tensor([before + answer])).logits[0].log_softmax(-1)
        each = [scores[len(before) + n - 1, token].item() for n, token in enumerate(answer)]
        if text.distribution:
            first = scores[len(before) - 1]
            each[0] = 0.25 * first[box[0]].item() + 0.75 * first[basket[0]].item()
        total -= sum(each)
        count += len(answer)
    assert loss == pytest.approx(total / count, abs=2e-5)


def test_the_loss_falls_and_the_adapter_loads_on_its_base(weights: Path, finished: Path) -> None:
    losses = [float(row["loss"]) for row in rows(finished / "log.csv")]
    assert losses[-1] < losses[0] and len(losses) == 12
    config = json.loads((finished / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == str(weights)
    alone = logits(Model("local", str(finished / "adapter")), "Mara put the")
    adapted = logits(
        Model("local", str(weights), adapter=str(finished / "adapter")), "Mara put the"
    )
    base = logits(Model("local", str(weights)), "Mara put the")
    assert torch.equal(alone, adapted) and not torch.allclose(alone, base, atol=1e-2)


def test_merged_weights_say_what_base_and_adapter_say(weights: Path, finished: Path) -> None:
    adapted = logits(Model("local", str(weights), adapter=str(finished / "adapter")), "Tom put")
    merged = logits(Model("local", str(finished / "merged")), "Tom put")
    assert torch.allclose(adapted, merged, atol=1e-5)
    assert not (finished / "merged" / "adapter_config.json").exists()


def test_both_have_a_card_that_says_how_to_use_them(weights: Path, finished: Path) -> None:
    for name, use in (("adapter", "model.adapter="), ("merged", "model=local model.path=")):
        card = (finished / name / "README.md").read_text()
        assert use + str(finished) in card and str(weights) in card and "| lora |" in card


def test_killed_and_run_again_gives_the_same_weights(
    weights: Path, finished: Path, tmp_path: Path
) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "sys.path[:0] = sys.argv[1:3]\n"
        "from toy_models import job; from test_sft import recipe\n"
        "def die(done, total):\n"
        "    if done == 7: os.kill(os.getpid(), signal.SIGKILL)\n"
        "recipe(lora={'rank': 4, 'dropout': 0.1}, merge=True, evaluate_every=6).train(\n"
        "    job(Path(sys.argv[3]), Path(sys.argv[4]), progress=die))\n"
    )
    here = Path(__file__).parent
    words = [sys.executable, "-c", code, *map(str, (here, here.parent, weights, tmp_path))]
    assert subprocess.run(words, check=False, timeout=600).returncode == -signal.SIGKILL
    assert not (tmp_path / "adapter").exists()
    (tmp_path / "checkpoints" / "checkpoint-9").mkdir()  # as a kill within a checkpoint leaves it
    seen: list[int] = []
    again = recipe(lora={"rank": 4, "dropout": 0.1}, merge=True, evaluate_every=6)
    again.train(job(weights, tmp_path, progress=lambda done, total: seen.append(done)))
    assert seen[0] == 5
    for name in ("adapter/adapter_model.safetensors", "merged/model.safetensors"):
        assert weights_digest(tmp_path, name) == weights_digest(finished, name)
    curves = [
        [(row["step"], row["name"], row["value"]) for row in rows(folder / "curve.csv")]
        for folder in (tmp_path, finished)
    ]
    probed = [
        [point for point in curve if not point[1].startswith(("training", "accuracy"))]
        for curve in curves
    ]
    assert probed[0] == probed[1] and len(probed[0]) == 9  # 3 names at steps 0, 6, 12


def test_a_full_disk_keeps_the_checkpoint_before(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import Trainer

    write = Trainer._save_optimizer_and_scheduler

    def full(self: Trainer, folder: str) -> None:
        if folder.endswith("checkpoint-8"):
            raise RuntimeError("PytorchStreamWriter failed writing file: file write failed")
        write(self, folder)

    monkeypatch.setattr(Trainer, "_save_optimizer_and_scheduler", full)
    with pytest.raises(RunFailed, match=r"step 8: the checkpoint cannot be written .*make room"):
        recipe().train(job(weights, tmp_path / "full"))
    kept = tmp_path / "full" / "checkpoints"
    assert [path.name for path in kept.iterdir()] == ["checkpoint-4"]
    monkeypatch.undo()
    seen: list[int] = []
    recipe().train(job(weights, tmp_path / "full", progress=lambda done, total: seen.append(done)))
    recipe().train(job(weights, tmp_path / "whole"))
    assert seen[0] == 5
    assert weights_digest(tmp_path / "full") == weights_digest(tmp_path / "whole")


def test_a_checkpoint_of_another_training_is_refused(weights: Path, tmp_path: Path) -> None:
    recipe(steps=4).train(job(weights, tmp_path))
    with pytest.raises(UserError, match="checkpoint of another training"):
        recipe(steps=4).train(job(weights, tmp_path, seed=4))


@pytest.mark.parametrize("frozen", [True, False])
def test_all_weights_learn_but_frozen_embeddings(
    weights: Path, tmp_path: Path, frozen: bool
) -> None:
    recipe(steps=3, lora=None, frozen_embeddings=frozen).train(job(weights, tmp_path))
    assert not (tmp_path / "adapter").exists()
    before = AutoModelForCausalLM.from_pretrained(weights)
    after = AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    assert after.dtype == torch.float32  # as the base's are stored
    for layer in ("get_input_embeddings", "get_output_embeddings"):
        same = torch.equal(getattr(before, layer)().weight, getattr(after, layer)().weight)
        assert same == frozen
    assert not torch.equal(
        before.model.layers[0].mlp.up_proj.weight, after.model.layers[0].mlp.up_proj.weight
    )


def test_what_evaluation_has_loaded_is_not_trained(weights: Path, tmp_path: Path) -> None:
    held = load(Model("local", str(weights)), "cpu").network
    before = [weight.clone() for weight in held.parameters()]
    recipe(steps=2, lora=None).train(job(weights, tmp_path))
    assert all(torch.equal(a, b) for a, b in zip(before, held.parameters(), strict=True))


def test_a_loss_that_is_no_number_keeps_the_last_good_checkpoint(
    weights: Path, tmp_path: Path
) -> None:
    wild = recipe(lora=None, learning_rate=1.0, gradient_clip=1e9, weight_decay=0.0, warmup=0)
    broken = tmp_path / "weights"
    model = AutoModelForCausalLM.from_pretrained(weights)
    with torch.no_grad():
        model.model.layers[0].mlp.down_proj.weight[0, 0] = float("nan")
    model.save_pretrained(broken)
    AutoTokenizer.from_pretrained(weights).save_pretrained(broken)
    with pytest.raises(UserError, match=r"step 1: loss nan; the last good checkpoint stays in"):
        wild.train(job(broken, tmp_path / "run"))


def test_ewc_holds_weights_where_they_matter(weights: Path, tmp_path: Path) -> None:
    def moved(strength: float, folder: Path) -> float:
        kept = recipe(steps=8, lora=None, ewc_lambda=strength, fisher_samples=8)
        kept.train(job(weights, folder))
        after = AutoModelForCausalLM.from_pretrained(folder / "model").state_dict()
        before = AutoModelForCausalLM.from_pretrained(weights).state_dict()
        return sum(float((after[name] - before[name]).square().sum()) for name in before)

    assert moved(1e6, tmp_path / "held") < 0.8 * moved(0.0, tmp_path / "free")
    assert (tmp_path / "held" / "fisher").is_dir() and not (tmp_path / "free" / "fisher").exists()
    again = recipe(steps=2, lora=None, ewc_lambda=1.0, fisher=str(tmp_path / "held" / "fisher"))
    again.train(job(weights, tmp_path / "again"))
    assert again.identity(Model("local", str(weights)))["fisher"]


def test_early_stopping_ends_with_the_best_weights(weights: Path, tmp_path: Path) -> None:
    data = tmp_path / "pairs.jsonl"
    lines = [{"prompt": f"Mara put the key number {n}", "completion": f" {n}."} for n in range(40)]
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    seen: list[int] = []
    stopping = recipe(
        data=str(data), steps=60, validation=0.2, evaluate_every=2, early_stopping=2,
        lora=None, learning_rate=0.03, schedule="constant",
    )  # fmt: skip
    given = job(weights, tmp_path, probe=None, progress=lambda done, total: seen.append(done))
    stopping.train(given)
    points = [row for row in rows(tmp_path / "curve.csv") if row["name"] == "evaluation/loss"]
    losses = [float(row["value"]) for row in points]
    best = losses.index(min(losses))
    assert len(losses) == best + 3 and seen[-1] == 2 * len(losses) < 60


@pytest.mark.parametrize(
    ("changes", "given", "told"),
    [
        ({}, {"examples": None}, "no training examples"),
        ({"replay": 0.5}, {"text": None}, r"recipe\.replay=0"),
        ({"ewc_lambda": 1.0}, {"text": None}, r"recipe\.fisher=RUN"),
        ({"fsdp": "full_shard"}, {}, "needs CUDA"),
        ({"fsdp": "sideways"}, {}, "neither one of full_shard"),
        ({"report": "wandb"}, {}, "not installed"),
        ({"max_length": 16}, {}, r"recipe\.max_length=16: \d+ of \d+ examples are longer"),
        ({"max_length": 2000}, {}, "longer than the model's context of 1024 tokens"),
        ({"lora": {"targets": ["qq_proj"]}}, {}, "no layers named qq_proj; it has .*q_proj"),
    ],
)
def test_what_cannot_be_done_is_refused(
    weights: Path, tmp_path: Path, changes: dict[str, Any], given: dict[str, Any], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        recipe(**changes).train(job(weights, tmp_path, **given))


def test_quantized_weights_learn_by_an_adapter_alone(weights: Path, tmp_path: Path) -> None:
    packed = Model("local", str(weights), quantization="nf4")
    with pytest.raises(UserError, match=r"recipe\.lora\.rank=8"):
        recipe(lora=None).train(job(weights, tmp_path, model=packed))


def test_a_second_adapter_is_refused_until_the_first_is_merged(
    weights: Path, finished: Path, tmp_path: Path
) -> None:
    adapted = Model("local", str(weights), adapter=str(finished / "adapter"))
    with pytest.raises(UserError, match="recipe=merge"):
        recipe().train(job(weights, tmp_path, model=adapted))
    recipe(steps=2, lora=None).train(job(weights, tmp_path, model=adapted))
    assert (tmp_path / "model" / "config.json").is_file()


def test_an_adapter_on_other_weights_of_its_shape_is_refused(
    finished: Path, tmp_path: Path
) -> None:
    other = untrained(tmp_path / "other", seed=1)
    model = Model("local", str(other), adapter=str(finished / "adapter"))
    with pytest.raises(UserError, match=r"was trained on .* has other weights"):
        load_fresh(model, "cpu")
    with pytest.raises(UserError, match=r"was trained on .* has other weights"):
        recipe(lora=None).train(job(other, tmp_path, model=model))


def test_stopped_early_and_killed_before_weights_were_kept(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tombench.recipes.trainers import fit

    data = tmp_path / "pairs.jsonl"
    lines = [{"prompt": f"Mara put the key number {n}", "completion": f" {n}."} for n in range(40)]
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    stopping = recipe(
        data=str(data), steps=60, validation=0.2, evaluate_every=2, early_stopping=1,
        lora=None, learning_rate=0.1, schedule="constant",
    )  # fmt: skip
    stopping.train(job(weights, tmp_path / "whole", probe=None))

    def kill(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fit, "keep", kill)
    with pytest.raises(KeyboardInterrupt):
        stopping.train(job(weights, tmp_path / "killed", probe=None))
    monkeypatch.undo()
    stopping.train(job(weights, tmp_path / "killed", probe=None))
    name = "model/model.safetensors"
    assert weights_digest(tmp_path / "killed", name) == weights_digest(tmp_path / "whole", name)


def test_the_plan_marks_what_carries_loss(weights: Path, tmp_path: Path) -> None:
    lines = recipe().plan(job(weights, tmp_path))
    assert lines[0] == "steps  12 of 8 examples (4 x 2 accumulated)"
    assert lines[1].startswith("rate   0.01, linear")
    shown = [line for line in lines if "⟦" in line and line.endswith("⟧")]
    assert len(shown) == 3 and all("is in the⟦ " in line for line in shown)


def test_settings_are_checked_before_anything_heavy_is_imported() -> None:
    code = (
        "import sys, tombench.recipes.chain, tombench.recipes.grpo, tombench.recipes.merge\n"
        "heavy = {'torch', 'transformers', 'trl', 'peft', 'datasets', 'matplotlib', 'numpy'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
