"""docs/stories.md shows what the generator gives."""

import re
from pathlib import Path

import pytest

from tombench.stories.alterations import ALTERATIONS
from tombench.stories.contrast import CELLS, VARIANTS
from tombench.stories.events import Event
from tombench.stories.shortcuts import SOLVERS
from tombench.stories.suite import AskedType, Suite
from tombench.stories.telling import tell

PAGE = (Path(__file__).parents[2] / "docs" / "stories.md").read_text(encoding="utf-8")
SEED = re.search(r"set 0 of seed `(\w+)`", PAGE)[1]


@pytest.mark.parametrize(("number", "variants"), [(0, VARIANTS), (1, ("original",))])
def test_its_stories_are_generated(number, variants):
    story = Suite(seed=SEED, sets=2).contrast_set(number)
    for variant in variants:
        for cell in CELLS[story.paradigm]:
            text = tell(story.plot(cell, variant), story.voice)
            assert f"| `{cell}.{variant}` | {text} |" in PAGE


def test_it_names_every_event_alteration_question_and_solver():
    names = [kind.__name__ for kind in Event.__args__]
    names += [name for named in ALTERATIONS.values() for name in named]
    names += [*AskedType.__args__, *SOLVERS]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
