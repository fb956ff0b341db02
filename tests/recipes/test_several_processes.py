"""Data parallel training: two gloo processes give the loss of one with the doubled batch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CONFIGS, TESTS, Outcome, run_json
from safetensors.torch import load_file
from toy_models import rows, untrained

from tombench.cli import run

WORDS = [
    CONFIGS, "stage=finetune", "task=toy", "model=local", "quiet=true", "recipe.steps=6",
    "recipe.learning_rate=0.01", "recipe.warmup=0", "recipe.threads=1",
]  # fmt: skip


def torchrun(*words: str, cwd: Path) -> Outcome:
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [sys.executable, *launch, "-m", "tombench", *words],
        cwd=cwd,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_two_processes_give_what_one_gives_with_the_doubled_batch(tmp_path: Path) -> None:
    weights = untrained(tmp_path / "weights")
    words = [*WORDS, "recipe=sft", f"model.path={weights}", "recipe.accumulation=2"]
    words += ["recipe.replay=0.25"]
    assert run([*words, "recipe.batch_size=4", f"output_root={tmp_path}/one"]) == 0
    done = torchrun(*words, "recipe.batch_size=2", cwd=tmp_path)
    assert done.status == 0, done.err
    one, two = (
        tmp_path / root / "finetune" / "toy" / "local-sft" / "v0001" for root in ("one", "outputs")
    )
    losses = [[float(row["loss"]) for row in rows(folder / "log.csv")] for folder in (one, two)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    tokens = [rows(folder / "log.csv")[-1]["tokens"] for folder in (one, two)]
    assert int(tokens[0]) == pytest.approx(int(tokens[1]), rel=0.1)  # the second's are estimated
    adapters = [
        load_file(folder / "adapter" / "adapter_model.safetensors") for folder in (one, two)
    ]
    for name, weight in adapters[0].items():
        assert (weight - adapters[1][name]).abs().max() < 1e-4
    assert run_json(two)["processes"] == 2


def test_a_chain_under_torchrun_waits_for_the_links_of_one_process(tmp_path: Path) -> None:
    weights = untrained(tmp_path / "weights")
    words = [word for word in WORDS if not word.startswith("recipe.")]
    words += [f"model.path={weights}", "recipe=sft_dpo"]
    words += [
        f"recipe.{link}.{word}" for link in ("sft", "dpo") for word in ("steps=2", "batch_size=2")
    ]
    done = torchrun(*words, cwd=tmp_path)
    assert done.status == 0, done.err
    assert (tmp_path / done.folder / "merged" / "model.safetensors").is_file()


def test_a_mistake_is_told_once(tmp_path: Path) -> None:
    weights = untrained(tmp_path / "weights")
    words = [*WORDS, "recipe=sft", f"model.path={weights}", "recipe.lora.targets=[qq]"]
    done = torchrun(*words, cwd=tmp_path)
    told = [line for line in done.lines if line.startswith("tombench: ")]
    assert done.status != 0 and len(told) == 1 and "no layers named qq" in told[0]
