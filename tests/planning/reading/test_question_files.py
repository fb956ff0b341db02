"""Files of questions: forms, ids, closeness, and what is said of malformed ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from planning.reading.test_text import GOALS, question

from tombench.errors import UserError
from tombench.planning.reading.files import read_episodes

TEXT = question(GOALS.format("a salmon", "an apple"))
ROW: dict[str, Any] = {
    "question": TEXT,
    "answer": "b",
    "question_type": 2.2,
    "episode": 7,
    "start_time": 0,
    "end_time": 2,
}


def written(folder: Path, *rows: Any, name: str = "questions.json") -> Path:
    path = folder / name
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def test_questions(tmp_path: Path) -> None:
    first, second = read_episodes(written(tmp_path, ROW, {**ROW, "answer": "a"}))
    assert (first.id, second.id) == ("7-2.2-0-2", "7-2.2-0-2-2")
    assert (first.cluster, first.query.key, second.query.key) == ("7", "b", "a")
    assert first.query.question_type == "2.2" and first.question_text == TEXT
    assert first.rooms == ("bedroom", "kitchen", "livingroom", "bathroom")
    assert first.nearby == () and first.theme == "home"


def test_a_json_list_and_questions_of_no_type(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps([{"question": TEXT}]))
    (episode,) = read_episodes(path)
    assert (episode.id, episode.query.key) == ("line1-2.2-0-0", None)
    assert episode.query.question_type == "2.2"  # the goal (a) is in the stove


def test_closeness_up_to_the_last_step(tmp_path: Path) -> None:
    near = {"7": {"0": [], "1": ["stove"], "2": ["stove", "salmon"], "3": ["fridge"]}, "8": {}}
    closeness = written(tmp_path, near, name="closeness.json")
    (episode,) = read_episodes(written(tmp_path, ROW), closeness)
    assert episode.nearby == ((), ("stove",), ("stove", "salmon"))
    (other,) = read_episodes(written(tmp_path, {**ROW, "episode": 8}), closeness)
    assert other.nearby == ()


def test_lines_of_multimodal_representations(tmp_path: Path) -> None:
    line = ROW | {
        "state": "A stove. ",
        "state_0": "A stove. ",
        "state_1": "A stove. The person is close to the fridge. The person is close to the stove. ",
        "actions": ["Ann is in the kitchen", "walktowards stove"],
    }
    (episode,) = read_episodes(written(tmp_path, line))
    assert episode.nearby == ((), ("fridge", "stove"))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({**ROW, "question": 3}, "line 1: field 'question'"),
        ({**ROW, "question": "Where?"}, "field 'question': it must have the parts"),
        ({**ROW, "answer": "c"}, "field 'answer' is 'c'"),
        ({**ROW, "question_type": [1]}, "field 'question_type'"),
        ({**ROW, "episode": True}, "field 'episode'"),
        ({**ROW, "end_time": -1}, "field 'end_time' is -1"),
        ({**ROW, "end_time": "9"}, "field 'end_time'"),
        ({**ROW, "state": "", "state_0": 4}, "field 'state_0'"),
        ({"input": "goal: plate", "ref": "open fridge"}, "questions of MMToM-QA"),
        ([1], "no JSON object"),
    ],
)
def test_malformed_rows(tmp_path: Path, row: Any, problem: str) -> None:
    with pytest.raises(UserError) as caught:
        read_episodes(written(tmp_path, row))
    assert problem in str(caught.value) and "questions.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1]", "must be an object"),
        ('{"7": {"0": ["stove"]}', "not JSON"),
        ('{"7": {"x": ["stove"]}}', "step 'x'"),
        ('{"7": {"0": [3]}}', "step '0' is [3]"),
        ('{"7": ["stove"]}', "episode '7'"),
    ],
)
def test_malformed_closeness(tmp_path: Path, text: str, problem: str) -> None:
    closeness = tmp_path / "closeness.json"
    closeness.write_text(text)
    with pytest.raises(UserError) as caught:
        read_episodes(written(tmp_path, ROW), closeness)
    assert problem in str(caught.value) and "closeness.json" in str(caught.value)
