"""`tombench backend=api …` against a server that misbehaves: the run folder and what is told."""

import json
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Outcome, end, results, run_json, start
from loopback import Loopback

Command = Callable[..., Outcome]

KEY = "a-very-secret-word"
ITEMS, REPETITIONS = 6, 3
FOLDER = Path("outputs/eval/vignettes/local/v0001")


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with Loopback() as server:
        yield server


def words(loopback: Loopback, *more: str) -> tuple[str, ...]:
    return (
        "backend=api",
        f"backend.base_url={loopback.url}",
        "model=local",
        "model.path=mind",
        f"limit={ITEMS}",
        f"task.repetitions={REPETITIONS}",
        "backend.batch_items=2",
        "backend.backoff=0.001",
        "backend.retries=2",
        *more,
    )


def records(folder: Path = FOLDER) -> list[dict]:
    return [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]


def drawn(loopback: Loopback) -> int:
    """Requests for answers."""
    return sum("seed" in call for call in loopback.calls)


def test_a_run_and_what_it_keeps(command: Command, loopback: Loopback) -> None:
    loopback.listed = {"Yes": -0.5, "No": -1.5, "yes": -3.0, "no": -5.0}
    done = command(*words(loopback, "backend.price_per_million_input=1"))
    assert (done.status, done.folder) == (0, FOLDER)
    assert drawn(loopback) == ITEMS * REPETITIONS
    lines = records()
    assert len(lines) == ITEMS * REPETITIONS
    assert all(line["log_probs"]["yes"] > line["log_probs"]["no"] for line in lines)
    run = run_json(FOLDER)
    assert run["label"] == "local:mind"
    assert run["identity"]["model"] == {"served": "mind", "thinking": "off"}
    assert run["identity"]["backend"]["base_url"] == loopback.url
    assert "concurrency" not in run["identity"]["backend"]
    usage = run["usage"]
    probes = 4  # the first question's options: they find that prompt_logprobs is not offered
    assert usage["requests"] == ITEMS * (REPETITIONS + 1) + probes
    assert usage["money"] == pytest.approx(usage["prompt_tokens"] / 1e6, abs=1e-6)
    loopback.calls.clear()
    again = command(*words(loopback, "backend.concurrency=3", "backend.timeout=9"))
    assert again.folder == FOLDER  # what cannot change a result is not identity
    assert loopback.calls == []
    other = command(*words(loopback, "backend.send_top_k=false"))
    assert other.folder.name == "v0002"
    assert "top_k=50 is not applied" in other.err


def test_no_log_probabilities_are_no_error(command: Command, loopback: Loopback) -> None:
    done = command(*words(loopback))
    assert done.status == 0
    assert "the server gives no log-probabilities" in done.err
    assert all(line["log_probs"] == {} and line["error"] is None for line in records())
    metrics = json.loads((FOLDER / "metrics.json").read_text())["metrics"]
    assert "forced_choice_accuracy" not in metrics
    assert metrics["errors"]["value"] == 0


def test_a_task_that_needs_them_leaves_nothing_behind(
    command: Command, loopback: Loopback, tmp_path: Path
) -> None:
    done = command(*words(loopback, "task.repetitions=0"))
    assert done.status == 2
    assert "task.repetitions=0" in done.lines[-1]
    assert not (tmp_path / "outputs").exists()


def test_a_server_that_fails_midway_and_comes_back(command: Command, loopback: Loopback) -> None:
    whole = command(*words(loopback, "output_root=whole"))
    loopback.calls.clear()
    each = 2 * REPETITIONS
    loopback.faults = deque(["429", "", "500", *[""] * each, "cut", "not json"])
    loopback.fails_after = len(loopback.faults) + 2 * each
    failed = command(*words(loopback))
    assert failed.status == 1
    assert "retries did not help" in failed.lines[-1]
    kept = (FOLDER / "records.jsonl").read_bytes()
    assert 0 < kept.count(b"\n") < ITEMS * REPETITIONS
    assert run_json(FOLDER)["status"] == "unfinished"
    loopback.fails_after = None
    loopback.calls.clear()
    done = command(*words(loopback))
    assert (done.status, done.folder) == (0, FOLDER)
    assert (FOLDER / "records.jsonl").read_bytes().startswith(kept)
    assert results(FOLDER) == results(whole.folder)
    again = each  # the last batch that was written
    assert drawn(loopback) == ITEMS * REPETITIONS - kept.count(b"\n") + again


@pytest.mark.parametrize(
    ("how", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)]
)
def test_killed_and_given_again(
    command: Command, loopback: Loopback, tmp_path: Path, how: signal.Signals, status: int
) -> None:
    whole = command(*words(loopback, "output_root=whole"))
    loopback.calls.clear()
    loopback.latency = 0.05
    own = words(loopback, "backend.concurrency=2")
    running = start(*own, cwd=tmp_path)
    waited = 0
    while drawn(loopback) < 3 * REPETITIONS and running.poll() is None and waited < 60_000:
        time.sleep(0.01)
        waited += 10
    os.kill(running.pid, how)
    assert end(running).status == status
    kept = (FOLDER / "records.jsonl").read_bytes()
    assert 0 < kept.count(b"\n") < ITEMS * REPETITIONS
    done = command(*own)
    assert done.folder == FOLDER
    assert (FOLDER / "records.jsonl").read_bytes().startswith(kept)
    assert results(FOLDER) == results(whole.folder)


@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "MINE"])
def test_the_key_is_written_nowhere(
    command: Command,
    loopback: Loopback,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variable: str,
) -> None:
    """Not even where the server repeats it in answers and errors."""
    monkeypatch.setenv(variable, KEY)
    loopback.key = loopback.reasoning = KEY
    loopback.faults = deque(["500", "429", "503"])
    loopback.filtered = "plumber"
    done = command(*words(loopback, f"backend.key_variable={variable}", "debug=true"))
    loopback.always = "500"
    failed = command(*words(loopback, f"backend.key_variable={variable}", "seed=1"))
    assert (done.status, failed.status) == (0, 1)
    assert {line["thinking"] for line in records()} == {"(hidden)", ""}
    assert any(line["error"] for line in records())
    said = done.out + done.err + failed.out + failed.err
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert KEY not in said
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"key": KEY}, "wants a key, and $OPENAI_API_KEY is not set"),
        ({"model": "minds"}, "knows no model 'mind'"),
        ({"refuses": frozenset({"top_k"})}, "backend.send_top_k=false"),
    ],
)
def test_mistakes_end_at_once_with_one_line(
    command: Command, loopback: Loopback, tmp_path: Path, change: dict, said: str
) -> None:
    for name, value in change.items():
        setattr(loopback, name, value)
    done = command(*words(loopback))
    assert done.status == 2
    assert len(done.lines) == 1
    assert said in done.err
    assert len(loopback.calls) <= 2 * REPETITIONS  # those under way when the first was refused
    assert not (tmp_path / "outputs").exists()


def test_a_dry_run_sends_nothing(command: Command, loopback: Loopback) -> None:
    loopback.always = "500"
    plan = command(*words(loopback, "dry_run=true", "backend.price_per_million_output=10"))
    assert plan.status == 0
    assert f"calls      {ITEMS * (REPETITIONS + 4)}, with" in plan.out
    assert "price      at most" in plan.out
    assert loopback.calls == []


def test_what_is_the_servers_own_business_is_told(command: Command, loopback: Loopback) -> None:
    done = command(*words(loopback, "model.dtype=bfloat16", "model.quantization=int8"))
    assert "model.dtype is not read by this backend" in done.err
    assert "model.quantization is not read by this backend" in done.err
