"""A real server: `transformers serve` on the embedded model, beside backend=hf."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from conftest import Outcome

from tombench.datafile import EMBEDDED

Command = Callable[..., Outcome]

pytestmark = pytest.mark.skipif(
    not (find_spec("fastapi") and find_spec("uvicorn")),
    reason="transformers serve needs fastapi and uvicorn: pip install tombench[test]",
)
TINY = EMBEDDED / "models" / "tiny"
PATIENCE = 120  # seconds to start
WORDS = (
    "limit=3",
    "task.repetitions=2",
    "generation.temperature=0",
    "generation.max_new_tokens=16",
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that is up; it is ended at the end."""
    log = tmp_path_factory.mktemp("serve") / "log.txt"
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        port = some.getsockname()[1]
    script = "from transformers.cli.transformers import main; main()"
    words = ["serve", str(TINY), "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *words, "--device", "cpu", "--dtype", "float32"],
            env=os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
            stdout=file,
            stderr=file,
        )
    try:
        for _ in range(PATIENCE * 5):
            if _is_up(port) or process.poll() is not None:
                break
            time.sleep(0.2)
        assert _is_up(port), log.read_text(errors="replace")[-2000:]
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _is_up(port: int) -> bool:
    try:
        return urlopen(f"http://127.0.0.1:{port}/health", timeout=5).status == 200
    except (URLError, OSError):
        return False


def served(url: str, *words: str) -> tuple[str, ...]:
    return (
        "backend=api",
        f"backend.base_url={url}",
        f"backend.served_name={TINY}",
        "backend.mode=completions",
        "backend.backoff=0.01",
        *WORDS,
        *words,
    )


def texts(folder: Path) -> dict[str, str]:
    lines = map(json.loads, (folder / "records.jsonl").read_text().splitlines())
    return {line["id"]: line["response"] for line in lines}


def test_greedy_answers_are_those_of_the_same_weights_here(command: Command, url: str) -> None:
    there = command(*served(url))
    here = command("backend=hf", "backend.device=cpu", *WORDS)
    assert (there.status, here.status) == (0, 0)
    assert len(texts(here.folder)) == 6
    assert texts(there.folder) == texts(here.folder)


def test_what_it_does_not_offer_is_told(command: Command, url: str) -> None:
    done = command(*served(url))
    assert "the server gives no log-probabilities" in done.err
    needed = command(*served(url, "task.repetitions=0"))
    assert needed.status == 2
    assert "task.repetitions=0" in needed.lines[-1]
    refused = command(*served(url, "generation.temperature=0.4"))
    assert refused.status == 2
    assert "backend.send_top_k=false" in refused.err


def test_another_model_is_refused(command: Command, url: str) -> None:
    done = command(*served(url, "backend.served_name=other"))
    assert done.status == 2
    assert "pinned to" in done.err
