"""The command in a process of its own (`tombench`) and, faster, in this one (`command`)."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tombench import cli

pytest_plugins = ("browser_fixtures",)

TESTS = Path(__file__).parent
CONFIGS = f"--config-dir={TESTS / 'configs'}"


@dataclass(frozen=True)
class Outcome:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def folder(self) -> Path:
        """The run folder that the last line of standard output names."""
        return Path(self.out.splitlines()[-1].removeprefix("results: "))

    @property
    def lines(self) -> list[str]:
        """What standard error says."""
        return self.err.splitlines()


def start(*words: str, cwd: Path, **environment: str) -> subprocess.Popen[str]:
    """The real command, started and not waited for."""
    known = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(TESTS)} | environment
    return subprocess.Popen(
        [sys.executable, "-m", "tombench", *words],
        cwd=cwd,
        env=known,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> Outcome:
    out, err = process.communicate(timeout=120)
    return Outcome(process.returncode, out, err)


@pytest.fixture
def tombench(tmp_path: Path) -> Callable[..., Outcome]:
    """The real command in `tmp_path` or `cwd`, to its end."""
    return lambda *words, cwd=tmp_path, **environment: end(start(*words, cwd=cwd, **environment))


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Outcome]:
    """The command in this process, in `tmp_path`."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Outcome:
        logging.getLogger("tombench").handlers.clear()  # they write to an earlier test's stderr
        capsys.readouterr()
        status = cli.run(words)
        said = capsys.readouterr()
        return Outcome(status, said.out, said.err)

    return run


def run_json(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def results(folder: Path) -> tuple[list[bytes], bytes]:
    """What must not depend on how a run came about: its records by id, and its metrics."""
    lines = (folder / "records.jsonl").read_bytes().splitlines(keepends=True)
    by_id = sorted(lines, key=lambda line: json.loads(line)["id"])
    return by_id, (folder / "metrics.json").read_bytes()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
