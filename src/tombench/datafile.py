"""Read a data file that a user names: JSON or JSON Lines, every entry with its line.

Nothing is executed or unpickled; a malformed file gives one line naming file, line and field.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from tombench.errors import UserError, listed, nearest, told

EMBEDDED = Path(str(files("tombench.data")))
"""The project's own data: the folder `data/` of a checkout, `tombench/data` of an installation."""


@dataclass(frozen=True)
class Entry:
    """One object of a data file and where it stands."""

    values: Mapping[str, Any]
    path: Path
    line: int

    def text(self, *names: str) -> str:
        """The text under the first of `names` that is there.

        Raises:
            UserError: none is there, or it is no text, or it is blank.
        """
        name = next((name for name in names if name in self.values), names[0])
        value = self.values.get(name)
        if value is None:
            hint = nearest(name, self.values)
            raise self.mistake(told(f"field '{name}' is missing", hint, f"it has {', '.join(self.values)}"))
        if not isinstance(value, str) or not value.strip():
            raise self.mistake(f"field '{name}' is {json.dumps(value)[:60]}; it must be text")
        return value.strip()

    def choice(self, name: str, options: Sequence[str], required: bool = True) -> str | None:
        """One of `options` under `name`, letter case aside; None where it may be and is missing."""
        if not required and self.values.get(name) is None:
            return None
        value = self.text(name).lower()
        if value not in options:
            raise self.mistake(told(f"field '{name}' is '{value}'", listed(options)))
        return value

    def mistake(self, problem: str) -> UserError:
        """An error that names this entry's file and line."""
        return UserError(f"{self.path} line {self.line}: {problem}")


def read_text(path: Path) -> str:
    """A file's text.

    Raises:
        UserError: it is missing, no file, not readable, not UTF-8, or empty.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        near = nearest(path.name, beside)
        raise UserError(told(f"{path}: no such file", near)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UserError(f"{path} line {line}: not UTF-8 text; save the file as UTF-8") from error
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from error
    if not text.strip():
        raise UserError(f"{path}: the file is empty")
    return text


def read_entries(path: Path, key: str) -> list[Entry]:
    """The objects of a JSON list, of the list under `key` of a JSON object, or of JSON Lines.

    Raises:
        UserError: the file is none of these; names file and line.
    """
    text = read_text(path)
    start = re.search(rf'"{re.escape(key)}"\s*:\s*\[', text)
    if text.lstrip().startswith("["):
        found = _listed(text, text.index("[") + 1, path)
    elif start and _whole_object(text, path, key):
        found = _listed(text, start.end(), path)
    else:
        found = _lines(text, path)
    entries = [Entry(_mapping(value, path, line), path, line) for value, line in found]
    if not entries:
        raise UserError(f"{path}: it has no {key}")
    return entries


def digest(paths: Iterable[Path]) -> str:
    """sha256 over the bytes of files in the order given, 64 hex digits."""
    total = hashlib.sha256()
    for path in paths:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def unique(values: Iterable[tuple[str, Entry]]) -> None:
    """Raises UserError where two entries share an id."""
    seen: dict[str, Entry] = {}
    for name, entry in values:
        if name in seen:
            raise entry.mistake(f"id '{name}' stands on line {seen[name].line} already; ids must differ")
        seen[name] = entry


def _listed(text: str, position: int, path: Path) -> list[tuple[Any, int]]:
    """Elements of the JSON list whose first element starts at or after `position`."""
    decoder, blank, found = json.JSONDecoder(), re.compile(r"[\s,]*"), []
    try:
        while text[position := blank.match(text, position).end()] != "]":
            line = text.count("\n", 0, position) + 1
            value, position = decoder.raw_decode(text, position)
            found.append((value, line))
    except json.JSONDecodeError as error:
        raise UserError(f"{path} line {error.lineno}: not JSON ({error.msg}); is the file cut off?") from error
    except IndexError as error:
        raise UserError(f"{path} line {text.count(chr(10)) + 1}: the list does not end; is the file cut off?") from error
    return found


def _whole_object(text: str, path: Path, key: str) -> bool:
    """Is the text one JSON object with a list under `key` (and not a first line of JSON Lines)?"""
    try:
        return isinstance(json.loads(text).get(key), list)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return False
        raise UserError(f"{path} line {error.lineno}: not JSON ({error.msg}); is the file cut off?") from error


def _lines(text: str, path: Path) -> list[tuple[Any, int]]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append((json.loads(line), number))
        except json.JSONDecodeError as error:
            raise UserError(f"{path} line {number}: not JSON ({error.msg}); is the file cut off?") from error
    return found


def _mapping(value: Any, path: Path, line: int) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UserError(f"{path} line {line}: {json.dumps(value)[:60]} is no JSON object")
    return value
