"""Balance: shortcuts by hand on small stories, leaky suites refused, the generator's own passed."""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tombench.schema import Item
from tombench.statistics.logistic import fit, out_of_fold
from tombench.stories.asked import StoryQuestion
from tombench.stories.balance import FEWEST, Balance, Unbalanced, balance, check_balance, pairs
from tombench.stories.shortcuts import RULES, SOLVERS, by_rule, seen
from tombench.stories.suite import Suite, Words
from tombench.stories.telling import Wordings

STORY = "There is a tin and a crate. Anna puts it in the crate. It is cratefuls. Ben has the Tin."


def item(story: str, options: tuple[str, ...], target: str, **condition: str) -> Item:
    asked = StoryQuestion(story, "It is in the", options, "next_word", header="")
    return Item("id", "cluster", asked, condition, target)


def question(form: str, ask: str, options: tuple[str, ...]) -> StoryQuestion:
    return StoryQuestion(STORY, ask, options, form, header="")


def test_mentions_are_whole_words_in_any_case() -> None:
    found = seen(question("next_word", "", ("crate", "tin")))
    assert [len(places) for places in found.places] == [2, 2]
    assert found.mentioned("first") == [1, 0]  # tin, crate
    assert found.mentioned("last") == [0, 1]  # the Tin comes last


def test_letters_stand_for_what_their_lines_say() -> None:
    ask = "Question: Where?\nA. in the crate\nB. in the tin\nC. Anna does not know\nAnswer:"
    found = seen(question("multiple_choice", ask, ("A", "B", "C")))
    assert found.options == ("crate", "tin", "Anna does not know")
    assert [len(places) for places in found.places] == [2, 2, 0]


@pytest.mark.parametrize(
    ("rule", "crate", "tin"),
    [
        ("first_mentioned", 0, 1),
        ("last_mentioned", 0, 1),
        ("most_mentioned", 0.5, 0.5),  # twice each
        ("least_mentioned", 0.5, 0.5),
        ("longest_option", 1, 0),
        ("alphabetical", 1, 0),
        ("first_listed", 0, 1),
    ],
)
def test_rules_by_hand(rule: str, crate: float, tin: float) -> None:
    options = ("tin", "crate")
    asked = [item(STORY, options, "crate"), item(STORY, options, "tin")]
    assert by_rule(RULES[rule], asked) == [crate, tin]


def test_an_option_that_no_story_mentions_comes_last() -> None:
    asked = [item("The crate.", ("safe", "crate"), "crate")]
    for rule in ("first_mentioned", "last_mentioned", "most_mentioned"):
        assert by_rule(RULES[rule], asked) == [1]
    assert by_rule(RULES["least_mentioned"], asked) == [0]


def test_logistic_regression_is_at_its_minimum() -> None:
    """There the gradient vanishes: Σ (p − y) x + ridge · w = 0, and Σ (p − y) = 0."""
    rng = np.random.default_rng(0)
    x = rng.poisson(1.0, size=(80, 5)).astype(float)
    y = (x[:, 0] + rng.normal(size=80) > 1).astype(float)
    weights = fit(csr_matrix(x), y, ridge=2.0)
    p = 1 / (1 + np.exp(-(x @ weights[:-1] + weights[-1])))
    assert x.T @ (p - y) + 2.0 * weights[:-1] == pytest.approx(np.zeros(5), abs=5e-3)
    assert (p - y).sum() == pytest.approx(0, abs=5e-3)


def test_what_one_cluster_alone_shows_is_not_learnt_from_it() -> None:
    """A column for each cluster gives every label away, and helps no other cluster."""
    clusters = [str(number // 4) for number in range(40)]
    labels = np.array([number // 4 % 2 for number in range(40)], dtype=float)
    own = np.zeros((40, 10))
    own[np.arange(40), np.arange(40) // 4] = 1
    odds = out_of_fold(csr_matrix(own), labels, clusters)
    assert np.unique(np.round(odds, 6)).size <= 5  # the intercepts of five folds
    shared = out_of_fold(csr_matrix(labels[:, None]), labels, clusters)
    assert ((shared > 0) == (labels > 0)).all()


def test_nothing_is_learnt_of_a_single_cluster() -> None:
    labels = np.array([0.0, 1.0])
    assert out_of_fold(csr_matrix((2, 0)), labels, ["a", "a"]).tolist() == [0, 0]
    assert out_of_fold(csr_matrix((2, 0)), labels, ["a", "b"]).tolist() == [1, -1]


@pytest.fixture(scope="module")
def fair() -> list[Item]:
    """A suite of the generator, the questions of its pairs alone."""
    return Suite("fair", 60, questions=("belief", "action"), alterations=False).items()


def leaky(items: list[Item], tell: Callable[[Item], str]) -> Balance:
    """The balance after `tell` has changed the false-belief stories."""
    return balance(
        [
            replace(i, content=replace(i.content, story=tell(i)))
            if i.condition["cell"] == "false_belief"
            else i
            for i in items
        ]
    )


def test_one_word_more_in_false_beliefs_is_refused(fair: list[Item]) -> None:
    found = leaky(fair, lambda i: i.content.story.replace(". ", ". Well, ", 1))
    with pytest.raises(Unbalanced) as refused:
        check_balance(found)
    (first, *_) = refused.value.mistakes
    assert first.startswith("bag_of_words")
    assert "in matched pairs of 60 sets, where chance is 0.50" in first
    by_words = {one.solver: one for one in found.pairs["matched"]}["bag_of_words_last"]
    assert by_words.accuracy > 0.9
    assert by_words.n == 240


def test_one_mention_more_in_false_beliefs_is_refused(fair: list[Item]) -> None:
    found = leaky(fair, lambda i: f"{i.content.story} Here is a {i.target}.")
    with pytest.raises(Unbalanced, match="last_mentioned: right on"):
        check_balance(found)


def test_few_sets_are_not_refused(fair: list[Item]) -> None:
    few = list(dict.fromkeys(i.cluster for i in fair))[: FEWEST - 1]
    some = [i for i in fair if i.cluster in few]
    check_balance(leaky(some, lambda i: f"{i.content.story} Here is a {i.target}."))


def test_pairs_are_two_answers_to_one_question(fair: list[Item]) -> None:
    for control in ("matched", "informed"):
        found = list(pairs(fair, control))
        assert len(found) == 240
        for false, true in zip(found[::2], found[1::2], strict=True):
            assert false.cluster == true.cluster
            assert false.content.ask == true.content.ask
            assert false.content.options == true.content.options
            assert {false.target, true.target} == {*false.content.options}
            assert (false.target != false.reality, true.target == true.reality) == (True, True)


@pytest.mark.parametrize("words", get_args(Words))
@pytest.mark.parametrize("wordings", get_args(Wordings))
def test_the_generator_is_fair(words: Words, wordings: Wordings) -> None:
    suite = Suite("balance", 64, words, wordings, questions=("belief", "action"), alterations=False)
    found = balance(suite.items(), [suite.contrast_set(n).cast("original") for n in range(64)])
    check_balance(found)
    assert {one.solver for one in found.pairs["matched"]} == {*SOLVERS}
    assert all(one.clusters == 64 for solved in found.pairs.values() for one in solved)
    assert found.beliefs == {"true": 384, "false": 128}
    paired = ("present", "open_container")  # one who is informed is told so in one sentence more
    longest = max(t.difference for cell, t in found.texts.items() if cell.endswith(paired))
    assert longest < 0.12  # one set in 64: its wordings of looking and of not looking differ
    for paradigm, cell in (("transfer", "present"), ("contents", "open_container")):
        false, true = (found.texts[f"{paradigm}/{c}"].words for c in ("false_belief", cell))
        assert abs(true - false) < 0.02 * false
    assert {role: sum(counts.values()) for role, counts in found.roles.items()} == dict.fromkeys(
        found.roles, 64
    )


@pytest.mark.parametrize("form", ["yes_no", "multiple_choice"])
def test_other_forms_are_fair(form: str) -> None:
    suite = Suite("forms", 40, form=form, questions=("belief", "action"), alterations=False)
    check_balance(balance(suite.items()))


def test_sets_need_every_cell() -> None:
    """A shortcut that is right on one of a pair's two cells has no set right."""
    suite = Suite("sets", 4, questions=("reality", "belief", "action"), alterations=False)
    found = {one.solver: one for one in balance(suite.items()).sets}
    assert found["bag_of_words"].n == 4
    assert found["last_mentioned"].accuracy == 0
    assert found["first_listed"].chance == pytest.approx(0.5**16)
