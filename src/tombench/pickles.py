"""Pickles of plain values, read without importing or running anything that they name."""

import io
import pickle
from pathlib import Path
from typing import Any, NoReturn

from tombench.errors import UserError

_FIRST = b"\x80"
"""Every pickle of protocol 2 or later begins with this byte, and no text does."""

_LARGEST = 1 << 28
"""Bytes; the memory that a pickle takes is a multiple."""


class _Refusing(pickle.Unpickler):
    """Builds numbers, texts, lists and dicts; whatever has a name is refused, not imported."""

    def find_class(self, module: str, name: str) -> NoReturn:
        """Called for every name in a pickle."""
        raise pickle.UnpicklingError(f"it names {module}.{name}")

    def persistent_load(self, pid: Any) -> NoReturn:
        """Called for every reference to something outside."""
        raise pickle.UnpicklingError("it refers to something outside of it")


def is_pickle(path: Path) -> bool:
    """Does the file begin as a pickle does?

    Raises:
        UserError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(1) == _FIRST
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or 'cannot be read'}") from error


def read_pickle(path: Path) -> Any:
    """The plain value in a pickle.

    Raises:
        UserError: it is damaged, too large, or names anything.
    """
    size = path.stat().st_size
    if size > _LARGEST:
        raise UserError(f"{path}: a pickle of {size} bytes; convert it to JSON")
    try:
        return _Refusing(io.BytesIO(path.read_bytes())).load()
    except Exception as error:  # whatever a damaged pickle makes the machine do
        reason = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
        raise UserError(
            f"{path}: refused, not a pickle of plain lists, dicts, texts and numbers ({reason}); "
            "convert it to JSON where it was made"
        ) from error
