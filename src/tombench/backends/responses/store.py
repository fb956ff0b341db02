"""Responses on the disk, for all runs: one SQLite file that several processes write at once.

A row is believed only where the key that it was stored under, kept in full, is the one asked for,
and where its checksum, which covers key and value, holds. Whatever is wrong with the file costs
one warning and the cache, never the run.
"""

import json
import logging
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

FILE = "responses.sqlite3"
PATIENCE = 60.0  # seconds to wait for other processes' writing
_TABLES = (
    "CREATE TABLE IF NOT EXISTS keys (hash BLOB PRIMARY KEY, preimage BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS responses (hash BLOB, part TEXT, value BLOB, checksum BLOB,"
    " PRIMARY KEY (hash, part))",
)

Parts = Mapping[str, Any]
"""What was answered, anything that JSON takes, by its part: a sample's seed, for one."""

logger = logging.getLogger("tombench")


class ResponseStore:
    """Parts of responses by their keys (the texts of `responses.key`).

    The rollback journal is used, not the write-ahead log, which network file systems do not take.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._connection: sqlite3.Connection | None = None
        self._writable = True
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = self._open()
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        connection.text_factory = bytes  # a row that is no UTF-8 is a miss, not an error
        known = connection.execute("SELECT name FROM sqlite_master").fetchall()
        if not {b"keys", b"responses"} <= {name for (name,) in known}:
            for table in _TABLES:
                connection.execute(table)
        return connection

    def get(self, key: str) -> dict[str, Any]:
        """All parts that are kept under a key."""
        if self._connection is None:
            return {}
        digest = _hash(key)
        try:
            stored = self._connection.execute(
                "SELECT preimage FROM keys WHERE hash = ?", (digest,)
            ).fetchone()
            rows = self._connection.execute(
                "SELECT part, value, checksum FROM responses WHERE hash = ?", (digest,)
            ).fetchall()
        except sqlite3.Error as error:
            self._give_up(error)
            return {}
        if stored is None or not _is(stored[0], key):
            return {}
        return {
            part.decode(): json.loads(value)
            for part, value, checksum in rows
            if checksum == _checksum(key, part, value)
        }

    def put(self, found: Sequence[tuple[str, Parts]]) -> None:
        """Keep parts under their keys, all of them or none."""
        if self._connection is None or not self._writable or not found:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for key, parts in found:
                self._put(self._connection, key, parts)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._writable = False
            logger.warning("cache: %s cannot be written (%s); going on without", self.path, error)
            if self._connection.in_transaction:
                self._connection.rollback()

    def _put(self, connection: sqlite3.Connection, key: str, parts: Parts) -> None:
        digest = _hash(key)
        stored = connection.execute(
            "SELECT preimage FROM keys WHERE hash = ?", (digest,)
        ).fetchone()
        if stored is None or not _is(stored[0], key):  # what stood under a spoilt key goes
            connection.execute("DELETE FROM responses WHERE hash = ?", (digest,))
            preimage = zlib.compress(key.encode())
            connection.execute("INSERT OR REPLACE INTO keys VALUES (?, ?)", (digest, preimage))
        for part, value in parts.items():
            text = json.dumps(value, ensure_ascii=False).encode()
            row = (digest, part, text, _checksum(key, part.encode(), text))
            connection.execute("INSERT OR REPLACE INTO responses VALUES (?, ?, ?, ?)", row)

    def _give_up(self, error: Exception) -> None:
        self._connection = None
        logger.warning(
            "cache: %s cannot be used (%s); going on without: delete it where it stays so",
            self.path,
            error,
        )


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()


def _is(preimage: Any, key: str) -> bool:
    try:
        return zlib.decompress(preimage) == key.encode()
    except (zlib.error, TypeError):
        return False


def _checksum(key: str, part: Any, value: Any) -> bytes | None:
    """Over key, part and value; None where a row holds something else than bytes."""
    if not (isinstance(part, bytes) and isinstance(value, bytes)):
        return None
    digest = sha256()
    for piece in (key.encode(), part, value):
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.digest()
