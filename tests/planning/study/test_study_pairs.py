"""Post-training pairs in the study's form."""

import json
from pathlib import Path

import pytest

from tombench.errors import UserError
from tombench.planning.study.pairs import PairPrompt, as_pair, parse_pair, read_pairs

STATE = "There is a kitchen. \na fridge is in the kitchen. \nThe fridge is closed. "
INPUT = (
    f"goal: plate \nWhat's inside the apartment: {STATE} \nbelief (possible locations the person "
    "suspects the plate could be): stove, 2nd kitchencabinet \naction: "
)


def test_an_input_is_read_and_written() -> None:
    prompt = parse_pair(INPUT)
    assert prompt == PairPrompt("plate", STATE, ("stove", "2nd kitchencabinet"))
    assert prompt.text == INPUT
    assert as_pair("plate", STATE, prompt.believed, "open fridge") == {
        "input": INPUT,
        "ref": "open fridge",
    }


def test_evaluation_names_the_state_otherwise() -> None:
    text = INPUT.replace("What's inside the apartment:", "state:")
    assert parse_pair(text).header == "state:"
    assert parse_pair(text).text == text


def test_nothing_may_be_believed_possible() -> None:
    text = INPUT.replace("stove, 2nd kitchencabinet", "")
    assert parse_pair(text).believed == ()
    assert parse_pair(text).text == text


@pytest.mark.parametrize("as_list", [False, True])
def test_a_file_of_pairs(tmp_path: Path, as_list: bool) -> None:
    pairs = [{"input": INPUT, "ref": "open fridge"}, {"input": INPUT, "ref": "close fridge"}]
    lines = "\n".join(map(json.dumps, pairs))
    path = tmp_path / "pairs.json"
    path.write_text(json.dumps(pairs) if as_list else lines, encoding="utf-8")
    found = read_pairs(path)
    assert [pair.action for pair in found] == ["open fridge", "close fridge"]
    assert found[0].training_text == f"{INPUT} open fridge\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("goal: plate", "each on its line"),
        (INPUT.replace("suspects the plate", "suspects the apple"), "the belief about 'apple'"),
    ],
)
def test_a_faulty_input_is_told(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "pairs.json"
    path.write_text("\n" + json.dumps({"input": text, "ref": "open fridge"}), encoding="utf-8")
    with pytest.raises(UserError, match=rf"line 2: field 'input'.*{problem}"):
        read_pairs(path)


def test_a_missing_action_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pairs.json"
    path.write_text(json.dumps({"input": INPUT}), encoding="utf-8")
    with pytest.raises(UserError, match="line 1: field 'ref' is missing"):
        read_pairs(path)
