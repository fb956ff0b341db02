"""Labels that people wrote into a sheet, however a spreadsheet program saved it again."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from threading import Lock

from tombench.datafile import read_text
from tombench.errors import UserError, listed, nearest, told
from tombench.labels.sheet import COLUMNS, LABELS, Row
from tombench.terminal import visible

CLOSE = 0.75  # from here on a word is a misspelt label ("ys" 0.8), below it another word ("maybe")
_LIMIT = Lock()  # the longest cell that csv reads is one number for the whole process


@dataclass(frozen=True)
class Label:
    """What a labeller wrote in one row."""

    label: str  # one of LABELS
    note: str


def read_labels(path: Path, rows: Mapping[str, Row]) -> dict[str, Label]:
    """The labels of a filled sheet by row id; rows without a label are left out.

    It may have been saved again: commas, semicolons or tabs, any line ends, columns and rows in
    any order, blank rows, columns left out but `id` and `label`.

    Args:
        rows: the sheet as it was written, by id.

    Raises:
        UserError: an id or a label that there is not, an id twice, an answer of another row.
    """
    labels: dict[str, Label] = {}
    lines: dict[str, int] = {}
    for line, cells in _cells(path):
        name = cells["id"].strip()
        if name not in rows:
            near = nearest(name, rows) if name else ""
            problem = f"field 'id' is '{visible(name)}': not an id of this sheet"
            raise _mistake(path, line, told(problem, near, "keep the ids as they are"))
        if name in lines:
            raise _mistake(path, line, f"id '{name}' stands on line {lines[name]} already")
        if "answer" in cells and not rows[name].shows(cells["answer"]):
            problem = f"field 'answer' is not the answer of id '{name}'; were some columns sorted"
            raise _mistake(path, line, f"{problem} without the others? Take the sheet as it was")
        lines[name] = line
        if label := _label(cells["label"], path, line):
            labels[name] = Label(label, cells.get("note", "").strip())
    return labels


def _label(written: str, path: Path, line: int) -> str:
    """One of LABELS, or "" where nothing is written."""
    word = re.sub(r"[\s-]+", "_", written.strip().lower())
    if word and word not in LABELS:
        problem = f"field 'label' is '{visible(written.strip())}'"
        raise _mistake(path, line, told(problem, _meant(word), listed(LABELS)))
    return word


def _meant(word: str) -> str:
    """A hint for a word that is nearly a label, or the beginning or end of one; "" else."""
    parts = [label for label in LABELS if label.startswith(word) or label.endswith(f"_{word}")]
    near = parts if len(parts) == 1 else get_close_matches(word, LABELS, n=1, cutoff=CLOSE)
    return f"did you mean '{near[0]}'?" if near else ""


def _cells(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The filled rows below the header, each with the line that it begins on."""
    text = re.sub(r"\Asep=.\r?\n", "", read_text(path))
    header: list[str] = []
    for line, cells in _csv_rows(text, path):
        if not any(cell.strip() for cell in cells):
            continue
        if header:
            yield line, dict(zip(header, cells + [""] * len(header), strict=False))
            continue
        header = [cell.strip().lower() for cell in cells]
        missing = [name for name in ("id", "label") if name not in header]
        if missing:
            problem = f"no column '{missing[0]}' in the first row"
            raise _mistake(path, line, f"{problem}; the sheet's columns are {', '.join(COLUMNS)}")


def _csv_rows(text: str, path: Path) -> list[tuple[int, list[str]]]:
    """The rows with the lines that they begin on; an answer in them may be of any length."""
    first = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, line = [], 1
    with _LIMIT:
        before = csv.field_size_limit(len(text))
        try:
            for cells in reader:
                rows.append((line, cells))
                line = reader.line_num + 1
        except csv.Error as error:
            raise _mistake(path, line, f"not CSV ({error}); save the sheet as CSV UTF-8") from error
        finally:
            csv.field_size_limit(before)
    return rows


def _mistake(path: Path, line: int, problem: str) -> UserError:
    return UserError(f"{path} line {line}: {problem}")
