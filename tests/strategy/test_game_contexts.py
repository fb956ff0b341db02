"""Eight situations: what each must say, and that none is another in other words."""

from itertools import combinations
from pathlib import Path

import pytest

from tombench.errors import UserError
from tombench.strategy.contexts import (
    NONE,
    STUDY_NAMES,
    Context,
    context,
    contexts,
    contexts_of,
    read_contexts,
)
from tombench.strategy.telling import Presentation
from tombench.strategy.wording_overlap import overlap, shared_runs, words

OURS = [one for one in contexts().values() if one.split != "none"]


def test_splits() -> None:
    assert [one.name for one in contexts_of("training")] == [
        "business",
        "environment",
        "friends",
        "international",
        "team",
    ]
    assert [one.name for one in contexts_of("held_out")] == [
        "sharing_a_room",
        "sports",
        "venture_capital",
    ]
    assert contexts_of("none") == (NONE,)
    assert set(STUDY_NAMES) == {one.name for one in OURS}


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.name)
def test_every_context_says_what_it_must(one: Context) -> None:
    assert 120 <= len(words(one.text)) <= 200
    assert one.text.count("{first}") == one.text.count("{second}") == 1
    assert one.text.index("{first}") < one.text.index("{second}")
    for said in ("coplayer", "points", "you"):
        assert said in words(one.text)
    assert not {"c", "d"} & set(words(one.text))  # no label of its own


@pytest.mark.parametrize(("one", "other"), list(combinations(OURS, 2)), ids=lambda one: one.name)
def test_no_context_is_another_in_other_words(one: Context, other: Context) -> None:
    assert overlap(one.text, other.text) < (0.15 if one.split != other.split else 0.16)
    assert shared_runs(one.text, other.text, 5) == ()


def test_overlap_by_hand() -> None:
    assert overlap("one two three four", "One, two; FOUR three") == 2 * 3 / 8
    assert overlap("one", "two") == 0
    assert shared_runs("a b c d e", "x b c d", 3) == ("b c d",)
    assert shared_runs("a b", "a b", 3) == ()


def test_labels_are_put_in_as_they_are_told_of() -> None:
    swapped = Presentation(("X", "Y"), ("second", "first"))
    assert "plans lie on your desk, Y and X." in context("business").told(swapped)
    assert NONE.told(swapped) == ""


def test_an_unknown_context() -> None:
    with pytest.raises(UserError, match="did you mean 'sports'"):
        context("sport")


def test_a_users_folder(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("Take {first} or {second}.\n")
    (tmp_path / "fixed.txt").write_bytes(b"Take C or D.\r\nNow.\r\n")
    (tmp_path / "no-context.txt").touch()
    found = read_contexts(tmp_path, "held_out")
    assert [(one.name, one.split) for one in found.values()] == [
        ("fixed", "held_out"),
        ("no-context", "none"),
        ("own", "held_out"),
    ]
    assert found["own"].told(Presentation(("X", "Y"))) == "Take X or Y."
    assert found["fixed"].told(Presentation(("D", "C"))) == "Take C or D.\nNow."
    with pytest.raises(UserError, match=r"fixed\.txt: no \{first\}"):
        found["fixed"].told(Presentation(("X", "Y")))


def test_texts_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        read_contexts(tmp_path / "none", "training")
    with pytest.raises(UserError, match=r"no \.txt files"):
        read_contexts(tmp_path, "training")
    (tmp_path / "half.txt").write_text("Take {first}.")
    with pytest.raises(UserError, match=r"half\.txt: \{first\} is there but \{second\} is not"):
        read_contexts(tmp_path, "training")
