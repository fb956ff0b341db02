"""Games in words, under all labels and orders, and the study's layout."""

import re

import pytest

from tombench.errors import UserError
from tombench.strategy.payoffs import DILEMMAS, Game, dilemma
from tombench.strategy.published_prompt import Framing, as_published
from tombench.strategy.telling import Presentation, instruction, presentations, tell


def test_the_four_outcomes() -> None:
    assert tell(dilemma("prison")) == (
        "When both of you take C, each gets 5 points. "
        "When you take C and the coplayer takes D, you get 2 points and the coplayer gets 10 "
        "points. "
        "When you take D and the coplayer takes C, you get 10 points and the coplayer gets 2 "
        "points. "
        "When both of you take D, each gets 3 points."
    )


def test_labels_and_order_are_crossed() -> None:
    swapped = tell(dilemma("prison"), ("D", "C"), ("second", "first"))
    assert swapped.startswith("When both of you take C, each gets 3 points. When you take C and")
    assert swapped.endswith("When both of you take D, each gets 5 points.")


def test_unequal_payoffs_and_single_points() -> None:
    game = Game("odd", ((1, 2.5), (0, -1)), ((2, 0), (0, -1)))
    assert tell(game) == (
        "When both of you take C, you get 1 point and the coplayer gets 2 points. "
        "When you take C and the coplayer takes D, you get 2.5 points and the coplayer gets 0 "
        "points. When you take D and the coplayer takes C, each gets 0 points. "
        "When both of you take D, each gets -1 points."
    )


SENTENCE = re.compile(
    r"When (?:both of you take (\w+)|you take (\w+) and the coplayer takes (\w+)), "
    r"(?:each gets (\S+)|you get (\S+) points? and the coplayer gets (\S+)) points?\."
)


@pytest.mark.parametrize("presentation", presentations(), ids=lambda one: "-".join(one.told))
def test_every_telling_reads_back_to_its_game(presentation: Presentation) -> None:
    for game in (*DILEMMAS.values(), Game("odd", ((1, 2.5), (0, -1)), ((2, 0), (7, 8)))):
        text = tell(game, presentation.labels, presentation.order)
        found = {}
        for both, own, other, each, mine, theirs in SENTENCE.findall(text):
            at = tuple(presentation.labels.index(label) for label in (own or both, other or both))
            found[at] = (float(mine or each), float(theirs or each))
        assert found == {
            (own, other): (game.payoff(own, other), game.coplayer_payoff(own, other))
            for own in (0, 1)
            for other in (0, 1)
        }
        assert next(iter(found)) == (presentation.actions[0],) * 2


def test_presentations() -> None:
    assert len(presentations()) == 12
    assert [one.told for one in presentations("cd", "dc")] == [
        ("C", "D"),
        ("D", "C"),
        ("D", "C"),
        ("C", "D"),
    ]
    with pytest.raises(UserError, match="no labels 'ab'"):
        presentations("ab")


def test_instructions() -> None:
    assert instruction(Presentation(("D", "C"), ("second", "first"))) == (
        "Which option do you take? Reply with exactly one letter, C or D, and nothing else."
    )
    assert "exactly one word, blue or green" in instruction(Presentation(("blue", "green")))
    reasoned = instruction(Presentation(), reasoning=True)
    assert "step by step" in reasoned and "exactly one" not in reasoned
    assert reasoned.endswith("My choice: C, or: My choice: D")


@pytest.mark.parametrize(
    ("labels", "order"),
    [
        (("C", "c"), ("first", "second")),
        (("C", ""), ("first", "second")),
        (("C", "D or E"), ("first", "second")),
        (("I", "J"), ("first", "second")),
        (("C", "D"), ("first", "first")),
    ],
)
def test_what_is_no_presentation(labels: tuple[str, str], order: tuple) -> None:
    with pytest.raises(UserError):
        Presentation(labels, order)


def test_the_studys_layout() -> None:
    framing = Framing("Play.", " One letter.")
    assert as_published("G", "K", framing) == (
        "[INST]<>\n<>\nPlay. \nK\n<>\n\n\n<>\n\n[INST]  One letter.[/INST]\nUser: G[/INST]"
    )
    assert "exactly one letter, C or D" in as_published("G", "")
