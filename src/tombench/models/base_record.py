"""Which weights an adapter was trained on, by content: a file beside it that tombench writes."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tombench.errors import UserError

NAME = "base.json"


@dataclass(frozen=True)
class BaseRecord:
    """The base of an adapter."""

    name: str  # Hub id or folder
    digest: str  # as models.digest.place_digest gives it


def write_base_record(folder: Path, record: BaseRecord) -> None:
    """Put it into the adapter's folder."""
    (folder / NAME).write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")


def read_base_record(folder: Path) -> BaseRecord | None:
    """None where the adapter was trained elsewhere, or the file is no record."""
    try:
        return BaseRecord(**json.loads((folder / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def check_base(adapter: Path, name: str, digest: str, base: str) -> None:
    """Refuse (UserError) an adapter on other weights than it was trained on.

    A Hub commit (NAME@COMMIT) and a folder's hash cannot be compared; then nothing is said.
    """
    record = read_base_record(adapter)
    if record is None or record.digest == digest or ("@" in record.digest) != ("@" in digest):
        return
    raise UserError(
        f"{name}: this adapter was trained on {record.name}, and {base} has other weights; give "
        "the base that it was trained on"
    )
