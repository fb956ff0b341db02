"""The published form of a question: written, and read back."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from planning.study.flat import CABINETS, EPISODE, FRIDGE, goal_query

from tombench.errors import UserError
from tombench.planning.episode import Claim
from tombench.planning.study.lines import as_line, read_representations, write_representations
from tombench.planning.study.representations import Representation, represent
from tombench.planning.study.wording import study_words

KEYS = "question answer question_type test episode start_time end_time answer_list"
STATES = [f"state_{step}" for step in range(8)]
GOAL = replace(EPISODE, query=goal_query(stated=Claim("dishbowl", FRIDGE, False)))


def written(path: Path, values: dict[str, Any]) -> Path:
    """A file of one line."""
    path.write_text(json.dumps(values) + "\n", encoding="utf-8")
    return path


def test_a_belief_question() -> None:
    line = as_line(represent(EPISODE))
    beliefs = [f"belief_{step}" for step in range(1, 8)]
    own = ["hypo_goal", "hypo_belief", "state", *STATES, "actions", *beliefs]
    assert list(line) == [*KEYS.split(), *own]
    assert (line["question_type"], line["episode"], line["end_time"]) == (1.1, 7, 6)
    assert (line["hypo_goal"], line["hypo_belief"]) == ("plate", "3rd kitchencabinet")
    assert line["question"] == study_words(EPISODE.question_text)
    assert line["state_3"] == line["state"]
    assert line["state_7"] == (
        line["state"] + "The person is close to the kitchencabinet. The person is close to the "
        "plate. "
    )
    assert len(line["actions"]) == 8
    assert "fridge" in line["belief_4"].split(", ")
    assert "fridge" not in line["belief_5"].split(", ")


def test_a_goal_question_with_a_stated_belief() -> None:
    line = as_line(represent(GOAL, "joined"))
    lists = [f"goal{number}_belief_{step}" for number in (1, 2) for step in range(1, 8)]
    own = ["hypo_goal1", "hypo_goal2", "goal2_remove_belief", "state", *STATES, "actions", *lists]
    assert list(line) == [*KEYS.split(), *own]
    assert line["goal2_remove_belief"] == "fridge"
    assert line["goal2_belief_7"] == "fridge"
    assert "fridge" not in line["goal1_belief_7"]


@pytest.mark.parametrize("episode", [EPISODE, GOAL], ids=["belief", "goal"])
def test_what_is_written_is_read(tmp_path: Path, episode: Any) -> None:
    asked = represent(episode)
    path = write_representations(tmp_path / "lines.json", [asked, asked])
    assert read_representations(path) == [asked, asked]


def test_a_control_keeps_the_name_of_its_type(tmp_path: Path) -> None:
    query = replace(EPISODE.query, question_type="1.1c")
    asked = represent(replace(EPISODE, query=query))
    assert as_line(asked)["question_type"] == "1.1c"


@pytest.mark.parametrize(
    ("options", "inside"),
    [
        ("(a) It is inside. (b) It is not inside.", "a"),
        ("(a) There isn't one inside. (b) There is one inside.", "b"),
        ("(a) This. (b) That.", None),
        ("no options", None),
    ],
)
def test_which_option_says_that_it_is_there(tmp_path: Path, options: str, inside: Any) -> None:
    line = as_line(represent(EPISODE)) | {"question": options}
    (asked,) = read_representations(written(tmp_path / "x.json", line))
    assert asked.inside == inside


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"actions": ["a"]}, "line 1: field 'actions'"),
        ({"actions": None}, "line 1: field 'actions' is null"),
        ({"state_3": None}, "line 1: field 'state_3' is null"),
        ({"belief_7": 3}, "line 1: field 'belief_7' is 3"),
        ({"hypo_goal": " "}, "line 1: field 'hypo_goal'"),
        ({"end_time": "six"}, "line 1: field 'end_time'"),
        ({"answer": "c"}, "line 1: field 'answer' is 'c'"),
    ],
)
def test_a_faulty_line_is_told(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    line = as_line(represent(EPISODE)) | change
    with pytest.raises(UserError, match=problem):
        read_representations(written(tmp_path / "x.json", line))


def test_an_empty_list_of_beliefs_is_read(tmp_path: Path) -> None:
    line = as_line(represent(EPISODE)) | {"belief_7": ""}
    (asked,) = read_representations(written(tmp_path / "x.json", line))
    assert asked.goals[0].believed(7) == ()


def test_family_and_last_step() -> None:
    asked: Representation = represent(EPISODE)
    assert (asked.family, asked.last, asked.place) == ("belief", 7, CABINETS[2].name)
    assert represent(GOAL).family == "goal"
