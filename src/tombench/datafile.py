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
            raise self.mistake(
                told(f"field '{name}' is missing", hint, f"it has {', '.join(self.values)}")
            )
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
    except IsADirectoryError as error:
        raise UserError(f"{path}: is a folder; give a file in it") from error
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
    if text.lstrip().startswith("["):
        _json(text, path)
        found = _elements(text, text.index("[") + 1)
    elif _is_lines(text, key):
        found = _lines(text, path)
    else:
        keys = list(_json(text, path))
        starts = _list_starts(text)
        if key not in starts:
            has = f"it has {', '.join(keys)}" if keys else ""
            raise UserError(
                told(f"{path}: no list under '{key}'", nearest(key, {*keys} - {key}), has)
            )
        found = _elements(text, starts[key])
    entries = [Entry(_mapping(value, path, line), path, line) for value, line in found]
    if not entries:
        raise UserError(f"{path}: it has no {key}")
    return entries


def has_list(path: Path, key: str) -> bool:
    """Is the file a JSON object with a list under `key`?"""
    text = read_text(path)
    if not text.lstrip().startswith("{") or _is_lines(text, key):
        return False
    _json(text, path)
    return key in _list_starts(text)


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
            raise entry.mistake(
                f"id '{name}' stands on line {seen[name].line} already; ids must differ"
            )
        seen[name] = entry


def _json(text: str, path: Path, line: int | None = None) -> Any:
    """The value of a whole JSON text, which may be one `line` of the file."""
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        where = line or error.lineno
        raise UserError(
            f"{path} line {where}: not JSON ({error.msg}); is the file cut off?"
        ) from error
    except UnicodeEncodeError as error:
        half = error.object[error.start].encode("unicode_escape").decode()
        where = line or text[: text.lower().find(half)].count("\n") + 1
        raise UserError(
            f"{path} line {where}: {half} is half a character; write the whole one"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} line {line or 1}: not JSON that can be read ({error})") from error
    return value


_BLANK = re.compile(r"[\s,:]*")


def _elements(text: str, position: int) -> list[tuple[Any, int]]:
    """Elements, with their lines, of a list of a valid JSON text, from after its bracket."""
    decoder, found = json.JSONDecoder(), []
    line, counted = 1, 0
    while text[position := _BLANK.match(text, position).end()] != "]":
        line, counted = line + text.count("\n", counted, position), position
        value, position = decoder.raw_decode(text, position)
        found.append((value, line))
    return found


def _list_starts(text: str) -> dict[str, int]:
    """Where the lists of a valid JSON object begin, by key, after their brackets."""
    decoder, starts = json.JSONDecoder(), {}
    position = text.index("{") + 1
    while text[position := _BLANK.match(text, position).end()] != "}":
        key, position = decoder.raw_decode(text, position)
        position = _BLANK.match(text, position).end()
        if text[position] == "[":
            starts[key] = position + 1
        _, position = decoder.raw_decode(text, position)
    return starts


def _is_lines(text: str, key: str) -> bool:
    """Is it JSON Lines, whose first line is a whole JSON value, and no object with a list `key`?"""
    first, *others = [line for line in text.split("\n") if line.strip()]
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return bool(others) or not (isinstance(value, dict) and isinstance(value.get(key), list))


def _lines(text: str, path: Path) -> list[tuple[Any, int]]:
    """JSON Lines; split at newlines alone, since JSON texts may hold other line separators."""
    lines = enumerate(text.split("\n"), start=1)
    return [(_json(line, path, number), number) for number, line in lines if line.strip()]


def _mapping(value: Any, path: Path, line: int) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UserError(f"{path} line {line}: {json.dumps(value)[:60]} is no JSON object")
    return value
