"""Published answers to games: lists of raw texts, or counts, from any of the study's forms.

    7b_org_results.txt       a pickle of {key: [texts]}; nothing in it is run
    7bF-results-ood.json     the same in JSON
    70b_distribution.txt     counts, a line a cell:  IR_prison: {'  C': 77, '  D': 223}

A key is CONTEXT_GAME, with _d for doubled payoffs, or the name of a public goods game, whose texts
hold an amount. Raw texts go before counts of the same cell; where the two differ, it is told.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench.datafile import read_text
from tombench.errors import UserError, nearest, told
from tombench.pickles import is_pickle, read_pickle
from tombench.tasks.games_cells import model_of

ENDINGS = (".json", ".pickle", ".pkl", ".txt")
_ANSWERS = re.compile(r"results|distribution", re.IGNORECASE)
_LINE = re.compile(r"\s*([^:{]+?)\s*:\s*(\{.*)")


@dataclass(frozen=True)
class AnswerFile:
    """A file and the model whose answers it holds."""

    path: Path
    model: str


@dataclass(frozen=True)
class Given:
    """What a file says of one cell: its texts one by one, or how often each was given."""

    file: AnswerFile
    key: str
    texts: tuple[str, ...] | None
    counts: Mapping[str, int]

    @property
    def where(self) -> str:
        return f"{self.file.path} key {self.key}"


def answer_files(named: Sequence[str]) -> list[AnswerFile]:
    """The files that names stand for, each once: FILE, FOLDER, or MODEL=FILE or MODEL=FOLDER.

    Without MODEL it is read off the file's name. Of a folder those are taken whose names say
    results or distribution, or all with a fitting ending where none does.

    Raises:
        UserError: a name stands for nothing.
    """
    found: dict[Path, AnswerFile] = {}
    for name in named:
        model, path = _named(name)
        if path.is_dir():
            inside = [p for p in sorted(path.iterdir()) if p.is_file() and p.suffix in ENDINGS]
            paths = [p for p in inside if _ANSWERS.search(p.stem)] or inside
        else:
            paths = [path] if path.exists() else []
        if not paths:
            beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            hint = nearest(path.name, beside)
            raise UserError(told(f"{path}: no such file, nor a folder of answer files", hint))
        for each in paths:
            found.setdefault(each.resolve(), AnswerFile(each, model or model_of(each.stem)))
    return list(found.values())


def read_given(file: AnswerFile) -> list[Given]:
    """All cells of a file, as they stand.

    Raises:
        UserError: it is none of the three forms, or cut off; names file and line or key.
    """
    given = [_given(file, key, value) for key, value in _content(file.path)]
    if not given:
        raise UserError(f"{file.path}: it holds no answers")
    return given


def _named(name: str) -> tuple[str, Path]:
    model, equals, path = name.partition("=")
    if not equals or Path(name).expanduser().exists():
        return "", Path(name).expanduser()
    return model.strip(), Path(path).expanduser()


def _content(path: Path) -> Iterator[tuple[str, Any]]:
    """Keys and what stands under them."""
    if path.is_file() and is_pickle(path):
        yield from _mapping(path, read_pickle(path)).items()
        return
    text = read_text(path)
    if text.lstrip().startswith(("{", "[")):
        yield from _mapping(path, _json(path, text)).items()
    else:
        yield from _lines(path, text)


def _mapping(path: Path, value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    raise UserError(f"{path}: no answer file; it must be an object of lists of answers by key")


def _json(path: Path, text: str) -> Any:
    def once(items: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, times in Counter(key for key, _ in items).items():
            if times > 1:
                raise UserError(f"{path} key {key[:60]}: stands there {times} times; keep one")
        return dict(items)

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path} line {error.lineno}: not JSON ({error.msg}); is the file cut off?"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not JSON that can be read ({error})") from error


def _lines(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """Lines of `key: {a Python dict}`."""
    seen: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where, found = f"{path} line {number}", _LINE.fullmatch(line.rstrip())
        if not found:
            raise UserError(f"{where}: no line of counts such as IR_prison: {{'C': 77, 'D': 223}}")
        key, counts = found.groups()
        if key in seen:
            raise UserError(f"{where}: key {key} stands on line {seen[key]} already; keep one")
        seen[key] = number
        try:
            value = ast.literal_eval(counts)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise UserError(
                f"{where}: the counts of {key} are no dict of plain values; is the file cut off?"
            ) from error
        if not isinstance(value, dict):
            raise UserError(f"{where}: the counts of {key} must be a dict")
        yield key, value


def _given(file: AnswerFile, key: str, value: Any) -> Given:
    where = f"{file.path} key {key[:60]}"
    if isinstance(value, list) and value:
        return Given(file, key, tuple(_texts(where, value)), {})
    if isinstance(value, dict) and value:
        return Given(file, key, None, _counts(where, value))
    raise UserError(f"{where}: {_shown(value)} is no list of answers and no dict of counts")


def _texts(where: str, values: Sequence[Any]) -> Iterator[str]:
    """Answers as text; an amount may stand as a number."""
    for place, answer in enumerate(values, start=1):
        if isinstance(answer, bool) or not isinstance(answer, str | int | float):
            raise UserError(f"{where}: answer {place} is {_shown(answer)}; it must be text")
        yield str(answer)


def _counts(where: str, value: Mapping[Any, Any]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for answer, count in value.items():
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise UserError(
                f"{where}: the count of {_shown(answer)} is {_shown(count)}; "
                "it must be a whole number"
            )
        found[str(answer)] += count
    return found


def _shown(value: Any) -> str:
    return repr(value)[:60]
