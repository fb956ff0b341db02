"""Lines of `multimodal_representations.json`: one JSON object a question, keys numbered by step.

The keys of a question's line in MMToM-QA, then `hypo_goal`, `hypo_belief`, `belief_1` … where it is
asked about a belief, `hypo_goal1`, `hypo_goal2`, `goal1_belief_1` …, `goal1_remove_belief` where
about a goal; `state`, `state_0` …, `actions` in both (the one published line that is known).
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tombench.datafile import Entry, read_entries
from tombench.planning.episode import Answer
from tombench.planning.study.representations import Representation, StudyGoal
from tombench.writing import write_whole

_OPTIONS = re.compile(r"\(a\)(?P<a>.*?)\(b\)(?P<b>.*)", re.DOTALL)


def write_representations(path: Path, asked: Iterable[Representation]) -> Path:
    """JSON Lines in the study's form.

    Raises:
        RunFailed: the file cannot be written.
    """
    return write_whole(path, "".join(f"{json.dumps(as_line(one))}\n" for one in asked))


def as_line(asked: Representation) -> dict[str, Any]:
    """Keys and values in the study's order."""
    found: dict[str, Any] = {
        "question": asked.question,
        "answer": asked.answer,
        "question_type": _number(asked.question_type, float),
        "test": ["init_graph", "actions"],
        "episode": _number(asked.episode, int),
        "start_time": asked.start_time,
        "end_time": asked.end_time,
        "answer_list": ["a", "b"],
    }
    belief = asked.family == "belief"
    prefixes = ("",) if belief else ("goal1_", "goal2_")
    for number, goal in zip(("",) if belief else ("1", "2"), asked.goals, strict=True):
        found[f"hypo_goal{number}"] = goal.goal
    if asked.place is not None:
        found["hypo_belief"] = asked.place
    for prefix, goal in zip(prefixes, asked.goals, strict=True):
        if goal.removed is not None:
            found[f"{prefix}remove_belief"] = goal.removed
    found["state"] = asked.state
    found |= {f"state_{step}": text for step, text in enumerate(asked.states)}
    found["actions"] = list(asked.actions)
    for prefix, goal in zip(prefixes, asked.goals, strict=True):
        lists = enumerate(goal.beliefs, start=1)
        found |= {f"{prefix}belief_{step}": ", ".join(names) for step, names in lists}
    return found


def read_representations(path: Path) -> list[Representation]:
    """A file of lines in the study's form, or a JSON list of them.

    Raises:
        UserError: a line lacks a key or has something else in it; names file, line and key.
    """
    return [representation(entry) for entry in read_entries(path, "questions")]


def representation(entry: Entry) -> Representation:
    """One line.

    Raises:
        UserError: as `read_representations`.
    """
    actions = _actions(entry)
    belief = "hypo_belief" in entry.values or "hypo_goal" in entry.values
    numbers = ("",) if belief else ("1", "2")
    goals = tuple(_goal(entry, number, len(actions)) for number in numbers)
    answer = entry.choice("answer", ("a", "b"), required=False)
    return Representation(
        question=_words(entry, "question"),
        question_type=str(entry.values.get("question_type", "")),
        answer=_answer(answer),
        episode=str(entry.values.get("episode", "")),
        start_time=_whole(entry, "start_time", 0),
        end_time=_whole(entry, "end_time", len(actions) - 2),
        state=_words(entry, "state"),
        states=tuple(_words(entry, f"state_{step}") for step in range(len(actions))),
        actions=actions,
        goals=goals,
        place=entry.text("hypo_belief") if belief else None,
        inside=_inside(entry) if belief else None,
    )


def _goal(entry: Entry, number: str, steps: int) -> StudyGoal:
    """`number`: "" in a belief question; in a goal question "1" for option (a), "2" for (b)."""
    prefix = f"goal{number}_" if number else ""
    lists = (_names(entry, f"{prefix}belief_{step}") for step in range(1, steps))
    key = f"{prefix}remove_belief"
    removed = entry.text(key) if entry.values.get(key) is not None else None
    return StudyGoal(entry.text(f"hypo_goal{number}"), tuple(lists), removed)


def _actions(entry: Entry) -> tuple[str, ...]:
    found = entry.values.get("actions")
    texts = found if isinstance(found, list) else []
    if len(texts) < 2 or not all(isinstance(one, str) and one.strip() for one in texts):
        shown = json.dumps(found)[:60]
        raise entry.mistake(f"field 'actions' is {shown}; it must be a list of two texts or more")
    return tuple(texts)


def _names(entry: Entry, key: str) -> tuple[str, ...]:
    """A comma list; an empty one is allowed."""
    return tuple(name.strip() for name in _words(entry, key).split(",") if name.strip())


def _words(entry: Entry, key: str) -> str:
    """A text with its blanks."""
    found = entry.values.get(key)
    if not isinstance(found, str):
        raise entry.mistake(
            f"field '{key}' is {json.dumps(found)[:60]}; it must be text, one for each action"
        )
    return found


def _whole(entry: Entry, key: str, default: int) -> int:
    found = entry.values.get(key, default)
    if isinstance(found, bool) or not isinstance(found, int):
        raise entry.mistake(f"field '{key}' is {json.dumps(found)[:60]}; it must be a whole number")
    return found


def _inside(entry: Entry) -> Answer | None:
    """Which option says that the thing is there: the other one has "not" in it."""
    options = _OPTIONS.search(_words(entry, "question"))
    if options is None:
        return None
    denies = {name: re.search(r"\bnot\b|n't\b", options[name]) is not None for name in "ab"}
    if denies["a"] == denies["b"]:
        return None
    return "b" if denies["a"] else "a"


def _answer(text: str | None) -> Answer | None:
    return "a" if text == "a" else "b" if text == "b" else None


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    """A number where the text is one, as the study has them; controls ("1.1c") stay texts."""
    try:
        return kind(text)
    except ValueError:
        return text
