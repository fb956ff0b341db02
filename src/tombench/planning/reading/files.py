"""Files of questions to episodes; the form of a file is recognised by what is in it.

Read are the questions of MMToM-QA (JSON Lines or a JSON list) and its `multimodal_representations`
lines, which hold the same questions and, by time step, what is near.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tombench.datafile import Entry, read_entries, read_text
from tombench.errors import UserError
from tombench.planning.episode import Answer, Episode
from tombench.planning.reading.language import HOME, Language
from tombench.planning.reading.text import read_question_text

Nearby = tuple[tuple[str, ...], ...]
"""By time step, classes within a metre."""

READ = (
    "questions of MMToM-QA (objects with question, answer, question_type, episode, start_time, "
    "end_time) and lines of multimodal_representations.json (with state_0, state_1, ...) are read"
)
_CLOSE = re.compile(r"The person is close to the ([^.]+)\.")


def read_episodes(
    path: Path, closeness: Path | None = None, language: Language = HOME
) -> list[Episode]:
    """All questions of a file, in its order. Ids: "EPISODE-TYPE-START-END", counted where alike.

    `closeness` is MMToM-QA's {episode: {step: [class, ...]}}; it gives `nearby` up to end_time.

    Raises:
        UserError: a file is malformed or of another form; names file, line and field.
    """
    entries = read_entries(path, "questions")
    seen = None if closeness is None else read_closeness(closeness)
    counted: Counter[str] = Counter()
    found = []
    for entry in entries:
        episode = _episode(entry, language, seen)
        counted[episode.id] += 1
        number = counted[episode.id]
        found.append(replace(episode, id=f"{episode.id}-{number}") if number > 1 else episode)
    return found


def read_closeness(path: Path) -> Mapping[str, Mapping[int, tuple[str, ...]]]:
    """What was near, by episode and time step.

    Raises:
        UserError: the file is no object of objects of lists of texts.
    """
    text = read_text(path)
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise UserError(f"{path} line {line}: not JSON; is the file cut off?") from error
    if not isinstance(values, dict):
        raise UserError(f"{path}: it must be an object {{episode: {{step: [class, ...]}}}}")
    return {name: _steps(path, name, steps) for name, steps in values.items()}


def _steps(path: Path, name: str, steps: Any) -> dict[int, tuple[str, ...]]:
    found = {}
    for step, classes in steps.items() if isinstance(steps, dict) else [("?", steps)]:
        right = isinstance(classes, list) and all(isinstance(one, str) for one in classes)
        if not right or not step.isdecimal():
            raise UserError(
                f"{path}: episode '{name}', step '{step}' is {json.dumps(classes)[:60]}; "
                'it must be a list of class names under a number: {"0": ["fridge"]}'
            )
        found[int(step)] = tuple(classes)
    return found


@dataclass(frozen=True)
class _Fields:
    """What a question's entry says beside its text."""

    question_type: str
    cluster: str
    start: int
    end: int
    answer: Answer | None

    @property
    def id(self) -> str:
        """Of the question."""
        return f"{self.cluster}-{self.question_type or 'x'}-{self.start}-{self.end}"


def _episode(
    entry: Entry,
    language: Language,
    seen: Mapping[str, Mapping[int, tuple[str, ...]]] | None,
) -> Episode:
    if "question" not in entry.values:
        has = ", ".join(list(entry.values)[:8])
        raise entry.mistake(f"field 'question' is missing (it has {has}); {READ}")
    text, fields = entry.text("question"), _fields(entry)
    try:
        parsed = read_question_text(text, language)
    except ValueError as error:
        raise entry.mistake(f"field 'question': {error}") from error
    kind = fields.question_type or parsed.query.question_type
    fields = replace(fields, question_type=kind)
    nearby = _told_nearby(entry)
    if not nearby and seen is not None:
        nearby = _seen_nearby(seen.get(fields.cluster, {}), fields.end)
    return Episode(
        id=fields.id,
        cluster=fields.cluster,
        person=parsed.person,
        rooms=parsed.rooms,
        furnishings=parsed.furnishings,
        events=parsed.events,
        query=replace(parsed.query, question_type=kind, key=fields.answer),
        nearby=nearby,
        theme=language.theme,
        state_text=parsed.state_text,
        question_text=text,
        faults=parsed.faults,
    )


def _fields(entry: Entry) -> _Fields:
    answer = entry.choice("answer", ("a", "b"), required=False)
    return _Fields(
        question_type=_label(entry, "question_type", ""),
        cluster=_label(entry, "episode", f"line{entry.line}"),
        start=_whole(entry, "start_time"),
        end=_whole(entry, "end_time"),
        answer="a" if answer == "a" else "b" if answer == "b" else None,
    )


def _label(entry: Entry, name: str, default: str) -> str:
    """A text or a number under `name`, as text: 1.1 is "1.1"."""
    value = entry.values.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise entry.mistake(
            f"field '{name}' is {json.dumps(value)[:60]}; it must be text or number"
        )
    return value.strip() if isinstance(value, str) else f"{value:g}"


def _whole(entry: Entry, name: str) -> int:
    value = entry.values.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**6:
        raise entry.mistake(
            f"field '{name}' is {json.dumps(value)[:60]}; it must be a whole number of steps"
        )
    return value


def _told_nearby(entry: Entry) -> Nearby:
    """From the ends of state_0, state_1, … of a line of multimodal_representations."""
    state = entry.values.get("state")
    if not isinstance(state, str):
        return ()
    return tuple(tuple(_CLOSE.findall(text.removeprefix(state))) for text in _states(entry))


def _states(entry: Entry) -> Iterator[str]:
    step = 0
    while (text := entry.values.get(f"state_{step}")) is not None:
        if not isinstance(text, str):
            raise entry.mistake(f"field 'state_{step}' is {json.dumps(text)[:60]}; it must be text")
        yield text
        step += 1


def _seen_nearby(steps: Mapping[int, tuple[str, ...]], end: int) -> Nearby:
    return tuple(steps.get(step, ()) for step in range(end + 1)) if steps else ()
