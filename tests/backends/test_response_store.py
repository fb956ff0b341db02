"""Rows that cannot lie, whatever happens to the file or beside it."""

import logging
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tombench.backends.responses import store as response_store
from tombench.backends.responses.store import FILE, ResponseStore

KEY = '{"prompt":"Is it so?"}'


@pytest.fixture
def store(tmp_path: Path) -> ResponseStore:
    """A store that holds two parts."""
    store = ResponseStore(tmp_path)
    store.put([(KEY, {"7": {"text": "Yés"}, "8": {"text": "No"}})])
    return store


def changed(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / FILE) as connection:
        assert connection.execute(statement).rowcount > 0


def test_what_is_put_comes_back_in_another_process(store: ResponseStore, tmp_path: Path) -> None:
    assert ResponseStore(tmp_path).get(KEY) == {"7": {"text": "Yés"}, "8": {"text": "No"}}
    assert ResponseStore(tmp_path).get(KEY + " ") == {}


def test_new_parts_stand_beside_the_old(store: ResponseStore) -> None:
    store.put([(KEY, {"9": {"text": "?"}, "8": {"text": "now"}})])
    assert store.get(KEY) == {"7": {"text": "Yés"}, "8": {"text": "now"}, "9": {"text": "?"}}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE responses SET value = substr(value, 1, 5) WHERE part = '7'",
        "UPDATE responses SET value = x'7b7d' WHERE part = '7'",
        "UPDATE responses SET value = x'ff' WHERE part = '7'",
        "UPDATE responses SET value = NULL WHERE part = '7'",
        "UPDATE responses SET value = 3 WHERE part = '7'",
        "UPDATE responses SET checksum = x'00' WHERE part = '7'",
        "UPDATE responses SET checksum = NULL WHERE part = '7'",
        "UPDATE responses SET part = '70' WHERE part = '7'",
    ],
)
def test_a_spoilt_row_is_a_miss(store: ResponseStore, tmp_path: Path, statement: str) -> None:
    changed(tmp_path, statement)
    assert store.get(KEY) == {"8": {"text": "No"}}
    store.put([(KEY, {"7": {"text": "Yés"}})])
    assert store.get(KEY) == {"7": {"text": "Yés"}, "8": {"text": "No"}}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE keys SET preimage = substr(preimage, 1, 5)",
        "UPDATE keys SET preimage = x'00'",
        "UPDATE keys SET preimage = 'text'",
        "DELETE FROM keys",
    ],
)
def test_a_spoilt_key_is_a_miss(store: ResponseStore, tmp_path: Path, statement: str) -> None:
    changed(tmp_path, statement)
    assert store.get(KEY) == {}
    store.put([(KEY, {"8": {"text": "now"}})])
    assert store.get(KEY) == {"8": {"text": "now"}}  # what stood under the spoilt key is gone


def test_two_keys_of_one_hash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(response_store, "_hash", lambda key: b"the same")
    store = ResponseStore(tmp_path)
    store.put([("one", {"7": 1, "8": 2})])
    assert store.get("other") == {}
    store.put([("other", {"7": 3})])
    assert store.get("other") == {"7": 3}
    assert store.get("one") == {}


@pytest.mark.parametrize("content", [b"this is no database, but it is long enough" * 40, None])
def test_a_file_that_is_no_database(
    store: ResponseStore, tmp_path: Path, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:5000] if content is None else content)
    for _ in range(2):
        caplog.clear()
        again = ResponseStore(tmp_path)
        assert again.get(KEY) == {}
        again.put([(KEY, {"8": 1})])
        again.get(KEY)
        assert len(caplog.records) == 1
        assert "going on without" in caplog.text


def test_a_folder_that_cannot_be(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    store = ResponseStore(tmp_path / "file")
    store.put([(KEY, {"8": 1})])
    assert store.get(KEY) == {}
    assert len(caplog.records) == 1


@pytest.mark.parametrize("limit", ["PRAGMA query_only = ON", "PRAGMA max_page_count = 1"])
def test_a_disk_that_takes_no_more_is_still_read(
    store: ResponseStore, limit: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Read-only, and full."""
    assert store._connection is not None
    store._connection.execute(limit)
    for seed in range(3):
        store.put([(KEY, {"1": 1}), (f"new {seed}", {"7": "long " * 2_000})])
    assert store.get(KEY) == {"7": {"text": "Yés"}, "8": {"text": "No"}}
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


WRITER = """
import sys
from pathlib import Path
from tombench.backends.responses.store import ResponseStore
store = ResponseStore(Path(sys.argv[1]))
for number in range(60):
    name = f"{sys.argv[2]}/{number}"
    store.put([("shared", {name: number}), (name, {"all": number})])
"""


def test_processes_that_write_at_once(tmp_path: Path) -> None:
    known = os.environ | {"OMP_NUM_THREADS": "1"}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path, name], env=known, stderr=subprocess.PIPE
        )
        for name in "abc"
    ]
    assert [writer.communicate()[1] for writer in writers] == [b"", b"", b""]
    store = ResponseStore(tmp_path)
    names = [f"{name}/{number}" for name in "abc" for number in range(60)]
    assert store.get("shared") == {name: int(name[2:]) for name in names}
    assert all(store.get(name) == {"all": int(name[2:])} for name in names)


def test_a_kill_in_the_midst_of_writing(store: ResponseStore, tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from tombench.backends.responses.store import ResponseStore\n"
        "store = ResponseStore(Path(sys.argv[1]))\n"
        "store._connection.execute('PRAGMA cache_size = 1')\n"  # pages go to the file at once
        "store._connection.execute('BEGIN IMMEDIATE')\n"
        "for n in range(200): store._put(store._connection, f'new {n}', {'all': 'x' * 3000})\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path])
    assert done.returncode == -signal.SIGKILL
    again = ResponseStore(tmp_path)
    assert again.get("new 0") == {}
    assert again.get(KEY) == {"7": {"text": "Yés"}, "8": {"text": "No"}}
