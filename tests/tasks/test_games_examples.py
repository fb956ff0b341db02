"""What a training text about a game says, and with which probabilities."""

from random import Random

import pytest
from scipy.special import expit

from tombench.strategy.behaviour import QuantalResponse
from tombench.strategy.contexts import contexts_of
from tombench.strategy.payoffs import DILEMMAS
from tombench.strategy.player import Player
from tombench.strategy.quantal_response import quantal_response
from tombench.strategy.telling import Presentation
from tombench.tasks.games_decisions import decision_prompt, draw_decisions
from tombench.tasks.games_drawn import use_of
from tombench.tasks.games_examples import CellChoices, LawChoices, choice_text
from tombench.tasks.games_items import Cell
from tombench.tasks.games_teacher import Taught

CELL = "team/prison.published/CD.first"
RATE = 0.5


def told(cell: Cell, reasoned: bool) -> str:
    """A prompt that a test can read."""
    return f"{cell.context.name}|{cell.game.name}|{'why' if reasoned else ''}"


def choices(**changes: object) -> LawChoices:
    return LawChoices(Player(QuantalResponse(RATE)), told, **changes)


def test_a_choice_is_a_soft_label_of_both_actions() -> None:
    drawn = [choice_text("?", ("X", "Y"), 0.8, Random(n)) for n in range(200)]
    assert all(one.distribution == ((" X", 0.8), (" Y", pytest.approx(0.2))) for one in drawn)
    assert 0.7 < sum(one.answer == " X" for one in drawn) / 200 < 0.9


def test_a_group_is_the_law_on_four_classes_in_the_same_words() -> None:
    for seed in range(20):
        texts, cells = choices().draw(Random(seed), 0.0), choices().cells(_after(seed))
        assert [text.prompt.split("|")[1] for text in texts] == list(DILEMMAS)
        for text, cell in zip(texts, cells, strict=True):
            assert cell.presentation == cells[0].presentation
            assert use_of([*cell.game.row[0], *cell.game.row[1]]) == "training"
            first, second = (f" {label}" for label in cell.presentation.labels)
            share = quantal_response(cell.game, RATE).row
            assert dict(text.distribution) == pytest.approx({first: share, second: 1 - share})


def _after(seed: int) -> Random:
    """The stream where `draw` asks for cells: it has decided on reasons."""
    rng = Random(seed)
    rng.random()
    return rng


def test_contexts_are_those_given_and_as_often_as_asked() -> None:
    inside = choices(contexts=contexts_of("training"), context_share=0.5)
    names = [inside.cells(Random(n))[0].context.name for n in range(400)]
    assert set(names) == {one.name for one in contexts_of("training")} | {"none"}
    assert 0.4 < names.count("none") / 400 < 0.6
    assert {choices().cells(Random(n))[0].context.name for n in range(20)} == {"none"}


def test_labels_are_those_named() -> None:
    found = {choices(labels=("xy",)).cells(Random(n))[0].presentation for n in range(50)}
    assert {one.labels for one in found} == {("X", "Y")} and len(found) == 2


def test_with_reasons_the_text_ends_in_the_choice() -> None:
    (text, *_) = choices(reasoned=1.0, labels=("xy",)).draw(Random(3), 0.0)
    assert text.prompt.endswith("|why") and not text.distribution
    assert text.answer[0] == " " and text.answer.splitlines()[-1] in (
        "My choice: X",
        "My choice: Y",
    )


def test_a_training_may_begin_with_choices_between_two_payoffs() -> None:
    begun = choices(decisions=0.5)
    assert all("coplayer" not in one.prompt for one in begun.draw(Random(0), 0.37))
    assert [one.prompt for one in begun.draw(Random(0), 0.38)] == ["none|decision|"] * 4
    assert begun.draw(Random(0), 0.5)[0].prompt == "none|prison|"
    four = begun.draw(Random(0), 0.0)
    shares = [text.distribution[0][1] for text in four]
    assert shares[0] + shares[1] == pytest.approx(1) == shares[2] + shares[3]


def test_a_decision_names_what_each_action_pays_and_the_law_takes_it_alone() -> None:
    one, mirrored, *_ = draw_decisions(Random(5))
    assert one.row == (mirrored.row[1], mirrored.row[0])
    gained = one.payoff(0, 0) - one.payoff(1, 0)
    assert quantal_response(one, RATE).row == pytest.approx(float(expit(RATE * gained)))
    said = decision_prompt(one, Presentation(("X", "Y"), ("second", "first")))
    assert said.startswith(f"When you take Y, you get {one.payoff(1, 0):g} point")
    assert f"When you take X, you get {one.payoff(0, 0):g} point" in said


def test_cells_give_soft_labels_or_the_answers_as_drawn() -> None:
    cell = Taught(CELL, {}, 0.25, ("Because.\nMy choice: D",))
    soft = CellChoices([cell], {CELL: "?"}, {CELL: ("C", "D")}, reasoned=False)
    (text,) = soft.draw(Random(0), 0.0)
    assert (text.prompt, text.distribution) == ("?", ((" C", 0.25), (" D", 0.75)))
    whole = CellChoices([cell], {CELL: "?"}, {CELL: ("C", "D")}, reasoned=True)
    (text,) = whole.draw(Random(0), 0.0)
    assert (text.answer, text.distribution) == (" Because.\nMy choice: D", ())
