"""The published sample: every question is read whole, and what is read adds up."""

import os
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tombench.planning.audit import audit
from tombench.planning.episode import Episode
from tombench.planning.inference import paths
from tombench.planning.reading.files import read_episodes
from tombench.planning.reading.language import HOME
from tombench.planning.reading.text import read_question_text

FOLDER = Path(os.environ.get("TOMBENCH_UPSTREAM", "")) / "mmtom_qa"
pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif("TOMBENCH_UPSTREAM" not in os.environ, reason="no TOMBENCH_UPSTREAM"),
]


@cache
def sample() -> tuple[Episode, ...]:
    return tuple(read_episodes(FOLDER / "questions_sample.jsonl", FOLDER / "closeness_sample.json"))


def test_all_questions_are_read_whole() -> None:
    found = sample()
    assert len(found) == len({one.id for one in found}) == 124
    assert all(set(one.rooms) == set(HOME.rooms) for one in found)
    assert not [one.id for one in found if any(f.check == "unread_words" for f in one.faults)]


def test_what_does_not_add_up() -> None:
    """One text leaves the microwave out; three paraphrases tell the order of openings otherwise."""
    assert Counter(fault.check for _, fault in audit(sample())) == {
        "undescribed_place": 1,
        "opened_order": 3,
    }


def test_as_many_things_as_the_text_counts() -> None:
    """Every noun of a thing is in some place, as often as its number says: counted by itself."""
    numbers = {"a": 1, "an": 1, "another": 1, "single": 1, "two": 2, "three": 3, "four": 4}
    noun = (
        r"(?:pieces? of )?(wine glass|water glass|dish bowl|remote control|condiment bottle|"
        r"bags? of chips|bottles? of wine|salmon|plate|cupcake|apple|book)"
    )
    told = re.compile(rf"\b(?:({'|'.join(numbers)}) )?{noun}(?:e?s)?\b")
    for one in sample():
        counted: Counter[str] = Counter()
        each = re.search(r"second and eighth kitchen cabinets each", one.state_text)
        for number, name in told.findall(one.state_text.lower()):
            name = re.sub(r"(?:bottles?|bags?) of ", "", name).replace(" ", "")
            counted[name] += numbers.get(number, 1)
        if each:
            counted["waterglass"] += 1
        held = Counter(thing for spot in one.furnishings for thing in spot.contents)
        assert held == counted, one.id


def test_as_many_openings_as_decisions() -> None:
    """The tracker follows every walk, opening and closing; no event is lost on the way."""
    for one in sample():
        acts = [event for event in one.events if event.kind in ("walk", "open", "close")]
        known = paths(one)
        assert len(known.a) == len(known.b) == len(acts), one.id


def test_types_by_definition() -> None:
    """The type that the text itself shows is the file's, but where a text contradicts its type."""
    agree = [
        read_question_text(one.question_text).query.question_type == one.query.question_type
        for one in sample()
    ]
    assert sum(agree) >= 0.95 * len(agree)


def test_closeness_reaches_to_the_last_step() -> None:
    for one in sample():
        assert len(one.nearby) == int(one.id.split("-")[3]) + 1
