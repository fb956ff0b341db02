"""task=mmtom by language models: several of them, their cache, an adapter, and a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Outcome, results, run_json
from toy_models import untrained

Command = Callable[..., Outcome]

ASKED = ("task=mmtom", "task.per_type=1", "quiet=true")


def metrics(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]


def refuse_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    from tombench.backends.hf.backend import HfBackend

    def load(*given: object) -> None:
        raise AssertionError("weights are loaded")

    monkeypatch.setattr(HfBackend, "load", load)


@pytest.fixture(scope="module")
def trio(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The words for three toy models: tuned, as it was before, and the large one."""
    root = tmp_path_factory.mktemp("trio")
    tuned, untuned, large = (untrained(root / str(seed), seed) for seed in range(3))
    return (
        *("model=local", f"model.path={tuned}", "backend.device=cpu"),
        *("model@untuned=local", f"untuned.path={untuned}"),
        *("model@large=local", f"large.path={large}"),
    )


def test_weak_to_strong_and_another_alpha_from_the_cache(
    command: Command, trio: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second command takes no forward pass, loads no weights, finds what the first swept."""
    cached = (*ASKED, *trio, "policy=weak_to_strong", f"cache={tmp_path / 'cache'}", "limit=2")
    first = command(*cached, "policy.alpha=1")
    assert first.status == 0, first.err
    usage = run_json(first.folder)["usage"]
    assert {key.partition("/")[0] for key in usage} == {"large", "tuned", "untuned"}
    assert all(usage[f"{role}/cache_misses"] > 0 for role in ("large", "tuned", "untuned"))
    assert sum(value for key, value in usage.items() if key.endswith("hits")) == 0
    refuse_weights(monkeypatch)
    second = command(*cached, "policy.alpha=2")
    assert second.status == 0, second.err
    assert second.folder == first.folder.with_name("v0002")
    after = run_json(second.folder)["usage"]
    assert after == {
        key: usage[key.replace("hits", "misses")] if key.endswith("hits") else 0 for key in usage
    }
    before, now = (
        {one["id"]: one["log_probs"] for one in records(done.folder)} for done in (first, second)
    )
    assert len(before) == 2 and before.keys() == now.keys()
    for name, odds in now.items():
        assert odds["log_odds/weak_to_strong"] == before[name]["log_odds/alpha=2"]
        assert odds["log_odds/weak_to_strong"] != before[name]["log_odds/weak_to_strong"]
        assert odds["log_odds/naive_sum"] == before[name]["log_odds/naive_sum"]
    alphas = [row["alpha"] for row in metrics(second.folder)["alpha_sweep"]]
    assert alphas == [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0]
    again = command(*cached, "policy.alpha=2")
    assert (again.status, again.folder) == (0, second.folder)


def test_two_roles_of_the_same_weights_are_asked_once(
    command: Command, trio: tuple[str, ...]
) -> None:
    """Then what post-training did is nothing, and every alpha is the large model alone."""
    same = [word for word in trio if not word.startswith("untuned.path")]
    tuned = next(word for word in trio if word.startswith("model.path")).partition("=")[2]
    done = command(*ASKED, *same, f"untuned.path={tuned}", "policy=weak_to_strong", "limit=1")
    assert done.status == 0, done.err
    (record,) = records(done.folder)
    beside = {name: value for name, value in record["log_probs"].items() if "alpha=" in name}
    assert list(beside.values()) == pytest.approx([record["log_probs"]["log_odds/large"]] * 8)


def test_an_adapter_is_switched_off_where_what_was_before_is_not_named(
    command: Command, trio: tuple[str, ...], tmp_path: Path
) -> None:
    """The parts are those of a run in which the same weights are named without their adapter."""
    base, large = (
        next(word.partition("=")[2] for word in trio if word.startswith(key))
        for key in ("model.path", "large.path")
    )
    words = (
        *(*ASKED, "limit=1", "backend.device=cpu", "policy=weak_to_strong", "model=local"),
        *(f"model.path={base}", f"model.adapter={adapter_on(base, tmp_path / 'adapter')}"),
        *("model@large=local", f"large.path={large}"),
    )
    switched = command(*words)
    assert switched.status == 0, switched.err
    named = command(*words, "model@untuned=local", f"untuned.path={base}")
    (one,), (other,) = records(switched.folder), records(named.folder)
    assert one["log_probs"] == pytest.approx(other["log_probs"], abs=1e-5)
    assert one["log_probs"]["log_odds/tuned"] != one["log_probs"]["log_odds/untuned"]


def adapter_on(base: str, folder: Path) -> Path:
    """A LoRA adapter of random weights."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(5)
    config = LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
    get_peft_model(AutoModelForCausalLM.from_pretrained(base), config).save_pretrained(folder)
    return folder


def test_token_by_token_the_server_combines(command: Command, trio: tuple[str, ...]) -> None:
    """Alpha 0 is the large model alone; scores are of the action that was taken, as they are."""
    words = ("policy=weak_to_strong", "policy.over=tokens", "policy.sweep=[0,1]", "limit=1")
    done = command(*ASKED, *trio, *words)
    assert done.status == 0, done.err
    (record,) = records(done.folder)
    odds = {
        name.removeprefix("log_odds/"): value
        for name, value in record["log_probs"].items()
        if name.startswith("log_odds/")
    }
    assert odds["alpha=0"] == pytest.approx(odds["large"])
    assert odds["alpha=1"] == odds["weak_to_strong"] != odds["large"]
    assert [row["alpha"] for row in metrics(done.folder)["alpha_sweep"]] == [0.0, 1.0]


KILLED = (
    *("task=mmtom", "task.per_type=3", "model=tiny", "policy=lm"),
    *("backend.device=cpu", "backend.batch_tokens=1500"),
)
PATIENCE = 120  # seconds until the first batch is on the disk


def started(root: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "tombench", *KILLED, f"output_root={root}"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(words, env={**os.environ, "OMP_NUM_THREADS": "1"}, **quiet)


def test_killed_and_given_again_is_the_same_as_uninterrupted(
    command: Command, tmp_path: Path
) -> None:
    folder = "eval/mmtom/tiny/v0001"
    process = started(tmp_path / "killed")
    file = tmp_path / "killed" / folder / "records.jsonl"
    end = time.monotonic() + PATIENCE
    while not file.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"
    assert not file.with_name("metrics.json").exists()
    before = file.read_bytes()
    before = before[: before.rfind(b"\n") + 1]
    assert before.count(b"\n") < 21
    for root in ("killed", "whole"):
        assert command(*KILLED, f"output_root={tmp_path / root}").status == 0
    assert file.read_bytes().startswith(before)
    whole, killed = (results(tmp_path / root / folder) for root in ("whole", "killed"))
    assert killed == whole
    found = records(tmp_path / "whole" / folder)
    assert {"log_odds/lm", "log_odds/observer"} <= set(found[0]["log_probs"])
