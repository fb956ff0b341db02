"""Task files of the false-belief suite: JSON, or Python literals that are read, never executed.

Source of the form: joel-wu/how-large-language-models-encode-theory-of-mind, `ToM_tasks.py`.
"""

import ast
import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tombench.datafile import Entry, has_list, read_entries, read_text
from tombench.errors import UserError

KEYS = {"s1": "contents", "s2": "transfer", "s3": "irony"}
"""The lists of a file and the paradigm of each."""

_MARKS = {"s1": "txt_correctlabel", "s2": "txt_notransfer", "s3": "txt_reverse"}
_LITERALS = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Load)
_HOW = "only lists and dicts of literals that are given a name are read; nothing is executed"

logger = logging.getLogger("tombench")


def read_task_lists(path: Path) -> Mapping[str, list[Entry]]:
    """The tasks of each paradigm that the file has: contents, transfer, irony.

    Raises:
        UserError: the file is malformed, holds code, or has none of the lists; names the line.
    """
    lists = _python_lists(path) if path.suffix == ".py" else _json_lists(path)
    absent = [f"{key} ({KEYS[key]})" for key in KEYS if key not in lists]
    if absent:
        logger.info("%s has no %s; the suite goes without", path, ", ".join(absent))
    return {KEYS[key]: lists[key] for key in KEYS if key in lists}


def published_text(entry: Entry, name: str) -> str:
    """The text under `name`, with the blanks around it, which published prompts keep.

    Raises:
        UserError: it is missing, no text, or blank.
    """
    entry.text(name)
    return str(entry.values[name])


def _json_lists(path: Path) -> dict[str, list[Entry]]:
    there = [key for key in KEYS if has_list(path, key)]
    return {key: read_entries(path, key) for key in there or ["s1"]}


def _python_lists(path: Path) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for name, node in _assigned(path):
        key = name if name in KEYS else _recognised(node)
        if key is None:
            continue
        if key in found:
            raise _refused(path, node, f"a second list of {KEYS[key]} tasks; keep one")
        if not isinstance(node, (ast.List, ast.Tuple)) or not node.elts:
            raise _refused(path, node, f"{name} must be a list of tasks")
        found[key] = [_entry(element, path) for element in node.elts]
    if not found:
        raise UserError(
            f"{path}: no list of tasks; name them s1, s2, s3 or give their fields "
            f"({', '.join(_MARKS.values())})"
        )
    return found


def _assigned(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """Names and values of a module's assignments, those in a dict under their keys.

    Raises:
        UserError: something else stands in the module, or a value is no literal.
    """
    for statement in _statements(path):
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        value = getattr(statement, "value", None)
        if value is None or len(targets) != 1 or not isinstance(targets[0], ast.Name):
            raise _refused(path, statement, f"this is code; {_HOW}")
        for node in ast.walk(value):
            if not isinstance(node, _LITERALS):
                raise _refused(path, node, f"this is no literal; {_HOW}")
        if isinstance(value, ast.Dict):
            for key, inner in zip(value.keys, value.values, strict=True):
                yield str(getattr(key, "value", "")), inner
        else:
            yield targets[0].id, value


def _statements(path: Path) -> list[ast.stmt]:
    text = read_text(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # stray backslashes in published texts
            return ast.parse(text).body
    except SyntaxError as error:
        raise UserError(f"{path} line {error.lineno or 1}: not Python ({error.msg})") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UserError(f"{path}: not Python that can be read ({error})") from error


def _recognised(node: ast.expr) -> str | None:
    """The key of a list under another name, by the fields of its first task."""
    first = node.elts[0] if isinstance(node, (ast.List, ast.Tuple)) and node.elts else None
    if not isinstance(first, ast.Dict):
        return None
    fields = {getattr(key, "value", None) for key in first.keys}
    return next((key for key, mark in _MARKS.items() if mark in fields), None)


def _entry(node: ast.expr, path: Path) -> Entry:
    """A task written as a dict literal; like JSON, it may hold text, numbers, lists and dicts."""
    values: Any = None
    try:
        values = ast.literal_eval(node)
        json.dumps(values, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise _refused(path, node, f"not a task ({error})") from error
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise _refused(path, node, f"{json.dumps(values)[:60]} is no dict with names for keys")
    return Entry(values, path, node.lineno)


def _refused(path: Path, node: ast.AST, problem: str) -> UserError:
    return UserError(f"{path} line {getattr(node, 'lineno', 1)}: {problem}")
