"""The published prompts of the study of false belief, as texts to train on."""

import os
from pathlib import Path

import pytest

from tombench.errors import UserError
from tombench.recipes.data.settings import DataSettings
from tombench.recipes.data.sources import check_data, read_data

UPSTREAM = os.environ.get("TOMBENCH_UPSTREAM")
pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif(not UPSTREAM, reason="no TOMBENCH_UPSTREAM"),
]


@pytest.fixture
def prompts() -> str:
    return str(Path(str(UPSTREAM)) / "false_belief" / "tom_training_data.json")


def test_prompts_are_read_as_prose(prompts: str) -> None:
    settings = DataSettings(data=prompts, columns={"text": "txt"}, validation=0.1)
    data = read_data(settings, "completions", seed=0)
    assert len(data.rows) + len(data.validation) == 640
    assert {row.prompt for row in data.rows} == {""}
    assert not {row.completion for row in data.rows} & {row.completion for row in data.validation}


def test_their_column_is_to_be_named(prompts: str) -> None:
    with pytest.raises(UserError, match="it has txt; say which is which"):
        check_data(DataSettings(data=prompts), "completions")


def test_questions_of_mmtom_have_answers() -> None:
    file = Path(str(UPSTREAM)) / "mmtom_qa" / "questions_sample.jsonl"
    rows = read_data(DataSettings(data=str(file)), "questions", seed=0).rows
    assert len(rows) == 124
    assert {row.answer for row in rows} == {"a", "b"}
