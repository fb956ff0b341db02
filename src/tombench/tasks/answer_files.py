"""Answers that files hold: the study's published ones, or those of a run of ours, scored anew.

    tombench task=vignettes task.answers=FOLDER task.data=scenarios.json

A published file is one model under one prompting: `model`, `step-by_step reasoning`,
`chain-of-thougth examples` (spelt so), `scenarios` with `scenario id` and `answers`, each with
`repetition` and `output`. What a record holds of a file is told by `Given`.
"""

import glob
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tombench.config import identity_hash
from tombench.datafile import Entry, digest, read_text
from tombench.errors import UserError, nearest, told
from tombench.runs import RECORDS, RUN, read_records, read_run

_END = re.compile(r"<\|endoftext\|>|</s>|<\|eot_id\|>|<\|im_end\|>|<\|end_of_text\|>")
_RESIDUE = re.compile(r"^(?:(?:Answ|nsw|sw|w)?e?r|(?:st|t)?e?p)?: ")
_FINISHED = re.compile(r"[.!?][\"'”’)*]*\s*$")
PROMPTINGS = {
    (False, False): "base",
    (True, False): "sbs",
    (False, True): "cot",
    (True, True): "sbs_cot",
}
"""By (step by step, worked examples)."""


@dataclass(frozen=True)
class Given:
    """One answer of a file."""

    model: str
    prompting: str  # base, sbs, cot, sbs_cot
    item: str
    repetition: int
    text: str
    truncated: bool  # as the file's marks of an end tell, else as the text ends
    source: str  # the file

    @property
    def step_by_step(self) -> bool:
        return self.prompting in ("sbs", "sbs_cot")

    @property
    def worked_examples(self) -> bool:
        return self.prompting in ("cot", "sbs_cot")


def answer_files(named: Sequence[str]) -> list[Path]:
    """The files that names, folders and patterns stand for, each once.

    Raises:
        UserError: a name stands for nothing.
    """
    found: dict[Path, None] = {}
    for name in named:
        path = Path(name).expanduser()
        if (path / RUN).is_file():
            if read_run(path)["status"] != "finished":
                raise UserError(f"{path}: not finished; the command in its run.json goes on")
            paths = [path / RECORDS]
        elif path.is_dir():
            paths = sorted(path.glob("*.json"))
        else:
            paths = [path] if path.exists() else [Path(p) for p in sorted(glob.glob(str(path)))]
        if not paths:
            raise UserError(f"task.answers={name}: no such file, folder or pattern of files")
        found |= dict.fromkeys(paths)
    return list(found)


def given_digest(named: Sequence[str]) -> str:
    """sha256 over the bytes of all files, and over what runs say of theirs, 64 hex digits."""
    files = answer_files(named)
    for path in files:
        read_text(path)
    runs = [read_run(path.parent) for path in files if path.name == RECORDS]
    asked = [[run.get("label"), run["identity"].get("prompting")] for run in runs]
    return identity_hash({"files": digest(files), "runs": asked})


def read_given(named: Sequence[str]) -> list[Given]:
    """All answers of the files.

    Raises:
        UserError: a file is neither of the two forms; or two files hold the same answer.
    """
    given = [answer for path in answer_files(named) for answer in _read(path)]
    places: dict[tuple[str, str, str, int], str] = {}
    for answer in given:
        key = (answer.model, answer.prompting, answer.item, answer.repetition)
        if key in places:
            raise UserError(
                f"{answer.source}: repetition {answer.repetition} of scenario {answer.item} "
                f"({answer.model}, {answer.prompting}) stands in {places[key]} already; "
                "give each answer once"
            )
        places[key] = answer.source
    return given


def _read(path: Path) -> list[Given]:
    if path.name == RECORDS:
        return _of_run(path.parent)
    text = read_text(path)
    try:
        content = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise UserError(f"{path} line {line}: not JSON ({error}); is the file cut off?") from error
    if not isinstance(content, dict) or "scenarios" not in content:
        raise UserError(
            f"{path}: no answer file; it needs the keys model and scenarios, "
            "as the study's published answers have them"
        )
    return _published(content, path)


def _published(content: Mapping[str, Any], path: Path) -> list[Given]:
    """The study's form; a key's own spelling is kept, and the right one taken too."""
    if any("question" in scene for scene in content["scenarios"] if isinstance(scene, dict)):
        raise UserError(f"{path}: these are scenarios, not answers; give them as task.data=FILE")
    whole = Entry(content, path, 1)
    model = whole.text("model").strip("/")
    prompting = PROMPTINGS[
        _flag(whole, "step-by_step reasoning", "step-by-step reasoning"),
        _flag(whole, "chain-of-thougth examples", "chain-of-thought examples"),
    ]
    rows = [
        (item, answer)
        for scenario in _list(whole, "scenarios")
        for item in (_id(scenario),)
        for answer in _list(scenario, "answers")
    ]
    outputs = [_output(answer) for _, answer in rows]
    marked = any(_END.search(output) for output in outputs)
    return [
        Given(
            model,
            prompting,
            item,
            _number(answer, place),
            _RESIDUE.sub("", output) if "llama" in model.lower() else output,
            truncated=not (_END if marked else _FINISHED).search(output),
            source=str(path),
        )
        for place, ((item, answer), output) in enumerate(zip(rows, outputs, strict=True))
    ]


def _of_run(folder: Path) -> list[Given]:
    run = read_run(folder)
    identity = run["identity"]
    if identity.get("task", {}).get("class") != "Vignettes" or "prompting" not in identity:
        raise UserError(f"{folder}: no evaluation of task=vignettes with a model")
    answers = [record for record in read_records(folder) if record.error is None]
    numbers: dict[str, Iterator[int]] = {}  # a scenario may have been put in several wordings
    return [
        Given(
            run["label"],
            identity["prompting"]["name"],
            record.cluster,
            next(numbers.setdefault(record.cluster, count())),
            record.response,
            record.truncated,
            str(folder),
        )
        for record in sorted(answers, key=lambda record: record.id)
    ]


def _list(entry: Entry, name: str) -> list[Entry]:
    """The objects of a list under `name`."""
    values = entry.values.get(name)
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        hint = nearest(name, entry.values)
        raise UserError(told(f"{entry.path}: field '{name}' is no list of objects", hint))
    return [Entry(value, entry.path, 1) for value in values]


def _flag(entry: Entry, *names: str) -> bool:
    for name in names:
        if isinstance(entry.values.get(name), bool):
            return entry.values[name]
    raise UserError(f"{entry.path}: field '{names[0]}' is missing; it must be true or false")


def _id(entry: Entry) -> str:
    name = next((entry.values[k] for k in ("scenario id", "id") if k in entry.values), None)
    if not isinstance(name, int | str) or isinstance(name, bool):
        raise UserError(f"{entry.path}: a scenario has no field 'scenario id'")
    return str(name)


def _number(entry: Entry, place: int) -> int:
    number = entry.values.get("repetition", place)
    if not isinstance(number, int) or isinstance(number, bool):
        raise UserError(f"{entry.path}: field 'repetition' is {number!r}; it must be a number")
    return number


def _output(entry: Entry) -> str:
    """An answer's text; an empty one is an answer too."""
    text = entry.values.get("output")
    if not isinstance(text, str):
        raise UserError(f"{entry.path}: an answer has no text under 'output'")
    return text
