"""Running text of the user's: what perplexity is of, or windows are drawn from."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tombench.datafile import read_text
from tombench.errors import UserError, listed, nearest, told
from tombench.origins.files import READERS, TEXT, DataFile, data_suffix
from tombench.origins.folders import DataFolder
from tombench.origins.hub import HubDataSet
from tombench.origins.hub_file import HubFile
from tombench.origins.keys import Keys
from tombench.origins.origin import Origin, origin
from tombench.origins.table import Table

PREFERRED = ("train", "test", "validation")
"""The split that is read where none is named is the first of these, or the first at all."""
LARGEST = 20_000_000_000
"""Bytes beyond which a data set of the Hub is not fetched for its texts."""


@dataclass(frozen=True)
class Texts:
    """Documents in the order of their files and rows; blank ones are among them."""

    documents: tuple[str, ...]
    digest: str  # sha256 over the documents, 64 hex digits; names and places do not matter


def read_texts(given: str, key: str, split: str | None = None, field: str = "text") -> Texts:
    """The texts of a file, a folder, a Hub data set, or one file of such a set.

    A .txt file is one document; of rows (JSON, JSON Lines, CSV, Parquet) each `field` is one.

    Args:
        given: as the user wrote it: a path, OWNER/NAME[:CONFIGURATION], OWNER/NAME/FOLDER/FILE.
        key: under which it was given, such as task.perplexity_data; a split that is missing is
            blamed on the key beside it, task.perplexity_split.
        split: of a folder or a Hub data set; None: train, else test, validation, or its first.

    Raises:
        UserError: it is not to be had, is malformed, is no text, or is blank: one line.
    """
    keys = Keys(data=key, split=f"{key.removesuffix('_data')}_split")
    documents = _documents(origin(given, keys), split, field)
    if not any(document.strip() for document in documents):
        raise UserError(f"{key}={given}: all its texts are blank; give some with words")
    return Texts(tuple(documents), _digest(documents))


def _documents(found: Origin, split: str | None, field: str) -> Sequence[str]:
    if isinstance(found, HubFile):
        found = found.fetched()
    if isinstance(found, DataFile):
        _check_suffix(found.path)
        if _is_text(found.path):
            return [read_text(found.path)]
    if isinstance(found, DataFolder):
        whole = [path for path in found.files() if _is_text(path)]
        if whole:  # not line by line, as `datasets` reads them
            return [read_text(path) for path in whole]
    if isinstance(found, HubDataSet):
        _check_size(found)
    return _column(found.table(split or _first_split(found)), field)


def _column(table: Table, field: str) -> list[str]:
    """One field of all rows."""
    if field not in table.columns:
        raise UserError(
            told(
                f"{table.name}: no field '{field}'",
                nearest(field, table.columns),
                f"it has {', '.join(table.columns)}",
                f"call the one with the text '{field}'",
            )
        )
    for index, row in enumerate(table.rows):
        if not isinstance(row.get(field), str):
            raise UserError(
                f"{table.place(index)}: field '{field}' is {str(row.get(field))[:60]}; it must be "
                "text"
            )
    return [row[field] for row in table.rows]


def _first_split(found: Origin) -> str:
    names = found.splits()
    return next((name for name in PREFERRED if name in names), names[0] if names else PREFERRED[0])


def _check_suffix(path: Path) -> None:
    if not _is_text(path) and data_suffix(path) is None:
        raise UserError(
            told(
                f"{path}: texts are in files that end in {listed([TEXT, *READERS])}",
                f"rename it; a file of one whole text ends in {TEXT}",
            )
        )


def _check_size(found: HubDataSet) -> None:
    """Refuse what would be fetched for days."""
    size = found.download_bytes()
    if size is not None and size > LARGEST:
        raise UserError(
            f"{found.name}: to fetch it is {size / 1e9:.0f} GB; give one file of it, as "
            f"{found.keys.data}={found.repository}/FOLDER/FILE.json.gz"
        )


def _is_text(path: Path) -> bool:
    return path.suffix.lower() == TEXT


def _digest(documents: Sequence[str]) -> str:
    total = hashlib.sha256()
    for document in documents:
        total.update(hashlib.sha256(document.encode()).digest())
    return total.hexdigest()
