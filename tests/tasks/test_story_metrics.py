"""Units, shares and shortcuts of stories, against values worked out by hand."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tombench.schema import Item, Record, Score
from tombench.stories.asked import StoryQuestion
from tombench.stories.contrast import CELLS, VARIANTS
from tombench.stories.suite import HEADLINE
from tombench.tasks.false_belief import read_tasks
from tombench.tasks.shortcuts import baselines
from tombench.tasks.story_metrics import grouped, measure

BOX, BAG = "box", "bag"


def item(paradigm: str, cell: str, variant: str, question: str, story: str = "") -> Item:
    """A story in which the truth is BOX and, in false beliefs, BAG is believed."""
    mistaken = cell == "false_belief" and question != "reality"
    return Item(
        id=f"{paradigm}/{cell}.{variant}/{question}",
        cluster=paradigm,
        content=StoryQuestion(story, "It is in the", (BAG, BOX), "next_word", ""),
        condition={
            "suite": "s",
            "paradigm": paradigm,
            "cell": cell,
            "variant": variant,
            "question_type": question,
        },
        target=BAG if mistaken else BOX,
        reality=BOX,
    )


ITEMS = {
    made.id: made
    for paradigm in CELLS
    for cell in CELLS[paradigm]
    for variant in VARIANTS
    for question in HEADLINE[paradigm]
    for made in [item(paradigm, cell, variant, question)]
}
"""A set of each paradigm, in its headline questions: 2 × 8 cells × 2."""


def record(asked: Item, value: float = 1.0, repetition: int = 0) -> Record:
    wrong = {BAG: BOX, BOX: BAG}[str(asked.target)]
    answer = "tie" if value == 0.5 else asked.target if value else wrong
    return Record(
        f"{asked.id}/{repetition:02d}",
        asked.id,
        repetition,
        asked.cluster,
        asked.condition,
        "",
        "",
        asked.target,
        Score(value, str(answer), ""),
    )


def answered(values: dict[str, float] | None = None) -> list[Record]:
    """All right, but for the items named."""
    known = values or {}
    return [record(asked, known.get(name, 1.0)) for name, asked in ITEMS.items()]


SLIPS = {
    "transfer/false_belief.reversed/action": 0.0,  # and so BOX, which is what is so
    "transfer/no_transfer.original/reality": 0.0,
    "contents/open_container.original/belief": 0.5,
}
BY_HAND = {
    "contrast_set_accuracy": (0 / 2, 2),
    "pair_accuracy": (2 / 4, 4),
    "cell_accuracy": (13 / 16, 16),
    "false_belief_accuracy": (3 / 4, 4),
    "true_belief_accuracy": (11.5 / 12, 12),
    "belief_given_controls": (13.5 / 15, 15),  # not of the story whose reality is wrong
    "reality_bias": (1 / 4, 4),
    "accuracy": (29.5 / 32, 32),
    "accuracy_strict": (29 / 32, 32),
    "ties": (1 / 32, 32),
    "unparsed": (0, 32),
    "errors": (0, 32),
}


def test_every_measure_by_hand() -> None:
    found = measure(answered(SLIPS), ITEMS)
    mine = {name: m for name, m in found.items() if not name.startswith("baseline/")}
    assert {name: (m.value, m.n) for name, m in mine.items()} == BY_HAND
    assert {m.clusters for m in mine.values()} == {2}


def test_one_wrong_answer_costs_its_set_its_pair_and_its_cell() -> None:
    found = measure(answered({"contents/false_belief.original/belief": 0.0}), ITEMS)
    units = ("contrast_set_accuracy", "pair_accuracy", "cell_accuracy")
    assert [found[name].value for name in units] == [1 / 2, 3 / 4, 15 / 16]


def test_what_was_not_asked_whole_is_no_unit() -> None:
    without = [r for r in answered() if r.item != "transfer/present.original/action"]
    found = measure(without, ITEMS)
    assert (found["contrast_set_accuracy"].n, found["pair_accuracy"].n) == (1, 3)
    assert (found["cell_accuracy"].n, found["cell_accuracy"].clusters) == (15, 2)
    realities = [r for r in answered() if r.condition["question_type"] == "reality"]
    found = measure(realities, ITEMS)
    assert "pair_accuracy" not in found and "belief_given_controls" not in found


def test_drawn_answers_make_units_of_each_repetition() -> None:
    drawn = [record(asked, float(n == 1), n) for n in (1, 2) for asked in ITEMS.values()]
    found = measure([*answered(), *drawn], ITEMS)
    sets = found["first_word/contrast_set_accuracy"]
    assert (sets.value, sets.n, sets.clusters) == (0.5, 4, 2)
    assert found["first_word/cell_accuracy"].value == found["first_word_accuracy"].value == 0.5
    assert found["first_word_accuracy"].n == 64
    assert found["accuracy"].value == 1 and found["accuracy"].n == 32  # forced choices alone


def test_unparsed_is_of_what_was_drawn() -> None:
    asked = list(ITEMS.values())
    drawn = [record(one, 0.0, 1) for one in asked]
    drawn[0] = replace(drawn[0], score=Score(0.0, "unparsed", "", "unparsed"))
    found = measure([*answered(), *drawn], ITEMS)
    assert (found["unparsed"].value, found["unparsed"].n) == (1 / 32, 32)


def test_groups_hold_cells_apart_from_alterations_and_irony() -> None:
    further = [
        item("transfer", "glass", "original", "action"),
        item("transfer", "distracted", "original", "action"),
        replace(item("irony", "irony", "original", "irony"), cluster="i"),
    ]
    items = ITEMS | {one.id: one for one in further}
    values = zip(further, (1.0, 0.0, 1.0), strict=True)
    found = grouped([*answered(), *(record(one, value) for one, value in values)], items)
    assert set(found["cell"]) == {cell for cells in CELLS.values() for cell in cells}
    assert found["cell"]["false_belief"]["belief_accuracy"].n == 4
    assert found["question_type"]["reality"]["accuracy"].n == 16
    assert {name: m["accuracy"].value for name, m in found["alteration"].items()} == {
        "distracted": 0, "glass": 1
    }  # fmt: skip
    assert found["must_flip"]["yes"]["accuracy"].value == 1
    assert found["must_flip"]["no"]["accuracy"].value == 0
    assert found["irony"]["irony"]["accuracy"].n == 1
    assert "cell_accuracy" not in found["paradigm"]["irony"]
    assert found["paradigm"]["transfer"]["contrast_set_accuracy"].n == 1


def shortcut_values(name: str, story: str) -> Sequence[float]:
    """What a shortcut gets of the pair's two questions, false belief first, and of the pair."""
    cells = ("false_belief", "present")
    asked = [item("transfer", cell, "original", "action", story) for cell in cells]
    apart = [baselines([one])[name]["accuracy"].value for one in asked]
    return *apart, baselines(asked)[name]["pair_accuracy"].value


@pytest.mark.parametrize(
    ("name", "story", "expected"),
    [
        ("first_mentioned", "A bag, a Box, a box.", (1, 0, 0)),
        ("last_mentioned", "A box, a boxer, a bag, bags.", (1, 0, 0)),  # whole words alone
        ("most_mentioned", "A bag, a box, a box.", (0, 1, 0)),
        ("most_mentioned", "A box and a bag.", (0, 1, 0)),  # of equals the first
        ("first_mentioned", "Nothing.", (0.5, 0.5, 0)),
        ("reality", "", (0, 1, 0)),
    ],
)
def test_shortcuts_by_hand(name: str, story: str, expected: Sequence[float]) -> None:
    assert shortcut_values(name, story) == expected


def test_the_facts_alone_get_three_cells_of_four() -> None:
    found = measure(answered(), ITEMS)
    values = {name.removeprefix("baseline/"): m.value for name, m in found.items()}
    assert values["reality"] == 0.5
    assert values["reality/cell_accuracy"] == 0.75
    assert values["reality/pair_accuracy"] == values["reality/contrast_set_accuracy"] == 0
    assert values["majority/cell_accuracy"] == 0.75  # here BOX is right in 14 of 16


@pytest.mark.upstream
@pytest.mark.skipif("TOMBENCH_UPSTREAM" not in os.environ, reason="no TOMBENCH_UPSTREAM")
def test_shortcuts_on_the_published_tasks() -> None:
    """Cells of 160, as counted apart from this code; there options were found in words too (33)."""
    path = Path(os.environ["TOMBENCH_UPSTREAM"]) / "false_belief" / "tasks.json"
    items = read_tasks(path, as_published=True)
    for paradigm, last in (("contents", 34), ("transfer", 100)):
        found = baselines([one for one in items if one.condition["paradigm"] == paradigm])
        cells = {name: scores["cell_accuracy"] for name, scores in found.items()}
        assert (cells["reality"].value * 160, cells["reality"].n) == (120, 160)
        assert round(cells["last_mentioned"].value * 160) == last


def test_options_that_no_story_names_have_no_mention() -> None:
    question = StoryQuestion("A box.", "Is it?", ("Yes", "No"), "yes_no", "")
    asked = [replace(one, content=question, target="Yes", reality="Yes") for one in ITEMS.values()]
    assert set(baselines(asked)) == {"majority", "reality"}
