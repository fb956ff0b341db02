"""run.json says where a number comes from, and no file of a run holds a secret."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome, run_json

from tombench import __version__
from tombench.config import identity_hash
from tombench.provenance import HIDDEN, git_state, redacted, without_secrets
from tombench.stages.base import log_into

Command = Callable[..., Outcome]

CHECKOUT = Path(__file__).parents[1]
QUICK = ("backend=mock", "task.repetitions=1", "limit=1")
HUB = "hf_AbCdEfGhIjKlMnOpQrSt"
ENVIRONMENT = 'pass"word\\with-marks'


def test_what_run_json_holds(command: Command) -> None:
    run = run_json(command(*QUICK, "seed=3").folder)
    assert run["identity_hash"] == identity_hash(run["identity"])
    assert run["status"] == "finished"
    assert run["started"] <= run["ended"]
    assert run["label"] == "mock:right"
    assert run["records"] == 1
    assert run["configuration"]["seed"] == 3
    assert run["argv"] == [*QUICK, "seed=3"]
    assert run["command"] == "tombench backend=mock task.repetitions=1 limit=1 seed=3"
    assert run["packages"]["tombench"] == __version__
    assert run["packages"]["python"] == sys.version.split()[0]
    assert {"torch", "transformers", "hydra-core"} <= set(run["packages"])
    assert run["hardware"]["cores"] >= 1
    assert run["hardware"]["memory_gib"] > 0


@pytest.mark.skipif(not (CHECKOUT / ".git").exists(), reason="not in a checkout")
def test_the_commit_of_the_code_is_known() -> None:
    git = ["git", "-C", str(CHECKOUT), "rev-parse", "HEAD"]
    head = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    assert git_state()["commit"] == head


def test_each_job_of_a_sweep_records_its_own_words(command: Command) -> None:
    command("--multirun", *QUICK, "seed=1,2")
    folders = sorted(Path("outputs/eval/vignettes/tiny").glob("v*"))
    assert [run_json(folder)["argv"][-1] for folder in folders] == ["seed=1", "seed=2"]


def test_no_file_of_a_run_holds_a_secret(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token in the environment, in the data and so in the records, in a path, in a URL."""
    monkeypatch.setenv("MY_API_KEY", ENVIRONMENT)
    data = tmp_path / f"{HUB}.jsonl"
    context = f"The sign says {HUB}, {ENVIRONMENT}, https://ann:letmein1@x.org/?token=abc123."
    item = {"id": "a", "context": context, "question": "Does Ann see it?", "answer": "yes"}
    data.write_text(json.dumps(item) + "\n")
    words = (f"task.data={data}", "prompting=cot", "model=local", f"model.path={ENVIRONMENT}")
    done = command(*QUICK, *words, "model.revision=https://u:hunter22@h/r")
    assert done.status == 0
    written = {path: path.read_text() for path in done.folder.iterdir()}
    assert {path.name for path in written} == {
        "run.json",
        "records.jsonl",
        "metrics.json",
        "log.txt",
    }
    hidden = (HUB, ENVIRONMENT, json.dumps(ENVIRONMENT)[1:-1], "letmein1", "abc123", "hunter22")
    for path, text in written.items():
        for secret in hidden:
            assert secret not in text, (path.name, secret)
    assert all(json.loads(line) for line in (done.folder / "records.jsonl").open())
    assert run_json(done.folder)["configuration"]["model"]["path"] == HIDDEN
    assert command(*QUICK, *words).folder.name == "v0001"  # still found by its identity


def test_the_log_holds_no_secret(tmp_path: Path) -> None:
    with log_into(tmp_path):
        logging.getLogger("tombench").warning("cannot read %s", HUB)
    said = (tmp_path / "log.txt").read_text()
    assert said.endswith(f"WARNING cannot read {HIDDEN}\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a hf_AbCdEfGhIjKlMnOpQrSt b", "a (hidden) b"),
        ("sk-proj-0123456789abcdef", "(hidden)"),
        ("ghp_0123456789012345678901", "(hidden)"),
        ("https://ann:secret@host/x", "https://(hidden)@host/x"),
        ("https://onlytoken@host/x", "https://(hidden)@host/x"),
        ("https://host/x?a=1&api_key=abc&b=2", "https://host/x?a=1&(hidden)&b=2"),
        ("tokens=5 hf_short ask-the-man-in-the-shop", "tokens=5 hf_short ask-the-man-in-the-shop"),
        ("mail ann@host, see https://host/@ann", "mail ann@host, see https://host/@ann"),
    ],
)
def test_what_is_hidden_in_a_text(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "name", ["HF_TOKEN", "DB_PASSWORD", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "SECRET"]
)
def test_secrets_of_the_environment(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "correct horse")
    assert redacted({"correct horse": ["the correct horse", 1, None]}) == {
        "correct horse": ["the (hidden)", 1, None]  # keys stay: they are ours
    }


def test_keys_named_as_secrets_are_hidden_wherever_they_stand() -> None:
    config = {"api_key": "x", "servers": [{"password": "y", "port": 1}], "token": None, "tokens": 2}
    assert without_secrets(config) == {
        "api_key": HIDDEN,
        "servers": [{"password": HIDDEN, "port": 1}],
        "token": None,
        "tokens": 2,
    }
