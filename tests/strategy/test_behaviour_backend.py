"""Players behind a backend: their law, said in the words of the question."""

import subprocess
import sys
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import expit, logit
from scipy.stats import binomtest

from tombench.backends.base import answer
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.schema import ChoiceRequest, GenerateRequest, Item, LikelihoodRequest, Sampling
from tombench.strategy.backend import BehaviourBackend
from tombench.strategy.commitments import commitment
from tombench.strategy.contexts import NONE, Context, context
from tombench.strategy.donations import donation
from tombench.strategy.payoffs import DILEMMAS, Game, dilemma
from tombench.strategy.player import REASONS, context_shift
from tombench.strategy.public_goods import DonationGame
from tombench.strategy.quantal_response import quantal_response
from tombench.strategy.telling import LABELINGS, ORDERS, Presentation

MODEL = Model("m", "nowhere")
ONE = Sampling(0.8, 50, 0.9, 1)
AT_LENGTH = Sampling(0.8, 50, 0.9, REASONS)
AMOUNTS = tuple((f" {n}", str(n)) for n in range(11))


@dataclass(frozen=True)
class Cell:
    game: Game | DonationGame
    context: Context = NONE
    presentation: Presentation = field(default_factory=Presentation)


def item(cell):
    return Item("here/game", "here", cell)


def choosing(cell, options=None):
    options = options or tuple((f" {label}", label) for label in cell.presentation.labels)
    return ChoiceRequest(item(cell), "Which?", options, ONE, 1.1)


def told(cell, options=None, **settings):
    (response,) = BehaviourBackend(**settings).load(MODEL).choices([choosing(cell, options)])
    assert response.probabilities == response.sampled
    return response.probabilities


def texts(cell, sampling=ONE, draws=300, **settings):
    request = GenerateRequest(item(cell), "Which?", sampling, tuple(range(draws)))
    (response,) = BehaviourBackend(**settings).load(MODEL).generate([request])
    return [sample.text for sample in response.samples]


# --- two actions ---


@pytest.mark.parametrize("game", DILEMMAS.values(), ids=DILEMMAS)
def test_the_law_is_that_of_the_chooser(game):
    first = quantal_response(game, 0.3).row
    assert told(Cell(game), rate=0.3) == pytest.approx((first, 1 - first))
    assert told(Cell(game), chooser="constant", share=0.25) == (0.25, 0.75)


def test_choosers_by_hand():
    prison = Cell(dilemma("prison"))  # to defect gains 5 against C and 1 against D: 3 on average
    assert told(prison, chooser="noisy_response", rate=1)[0] == pytest.approx(expit(-3))
    assert told(prison, chooser="level_k", noise=0.2) == pytest.approx((0.1, 0.9))
    assert told(prison, chooser="level_k", level=0) == pytest.approx((0.5, 0.5))
    random = np.exp(-1.5)  # those of no steps, a Poisson share
    assert told(prison, chooser="cognitive_hierarchy")[0] == pytest.approx(random / 2)


@pytest.mark.parametrize("labels", LABELINGS.values(), ids=LABELINGS)
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_labels_and_orders_do_not_matter(labels, order):
    cell = Cell(dilemma("prison"), presentation=Presentation(labels, order))
    first, second = told(cell, chooser="constant", share=0.9)
    assert (first, second) == pytest.approx((0.9, 0.1))
    turned = tuple((label,) for label in labels[::-1])
    assert told(cell, turned, chooser="constant", share=0.9) == (second, first)
    said = texts(cell, chooser="constant", share=0.9)
    assert {*said} == {*labels}
    interval = binomtest(said.count(labels[0]), len(said)).proportion_ci(0.999)
    assert interval.low < 0.9 < interval.high


def test_an_option_that_names_no_action_is_not_taken():
    cell = Cell(dilemma("prison"))
    assert told(cell, (("C",), ("E",)), chooser="constant", share=0.25) == (0.25, 0)


def test_a_seed_gives_its_choice_whatever_else_is_drawn():
    cell, server = Cell(dilemma("snowdrift")), BehaviourBackend().load(MODEL)
    asked = GenerateRequest(item(cell), "Which?", ONE, (5, 2**64 + 1, 5))
    few, (one,) = (server.generate([r])[0].samples for r in (asked, replace(asked, seeds=(5,))))
    assert few[0] == few[2] == one
    assert len({*texts(cell, draws=50)}) == 2


# --- reasons ---


@pytest.mark.parametrize("game", DILEMMAS.values(), ids=DILEMMAS)
@pytest.mark.parametrize("labels", LABELINGS.values(), ids=LABELINGS)
def test_reasons_end_in_a_choice_that_is_read_back(game, labels):
    cell = Cell(game, presentation=Presentation(labels))
    for share, action in ((1, 0), (0, 1)):
        (text,) = texts(cell, AT_LENGTH, 1, chooser="constant", share=share)
        assert f"I choose {labels[action]}." in text
        assert commitment(text, labels).action == action
        assert len(text.split()) > 10


def test_reasons_are_true_of_the_game():
    (text,) = texts(Cell(dilemma("prison")), AT_LENGTH, 1, chooser="constant", share=0)
    assert text == (
        "D brings me 10 against C and 3 against D; C brings me 5 against C and 2 against D. "
        "I choose D.\nMy choice: D"
    )


# --- donations ---


def test_gifts_by_hand():
    split, whole = Cell(DonationGame()), Cell(DonationGame(sharing="whole"))
    own = told(split, AMOUNTS, rate=2)  # each point given loses 3/8
    assert own == pytest.approx(np.exp(-0.75 * np.arange(11)) / np.exp(-0.75 * np.arange(11)).sum())
    assert told(whole, AMOUNTS, rate=0) == pytest.approx([1 / 11] * 11)
    assert told(split, AMOUNTS, chooser="level_k") == pytest.approx([1] + [0] * 10)
    assert told(whole, AMOUNTS, chooser="level_k") == pytest.approx([0] * 10 + [1])
    noisy = told(whole, AMOUNTS, chooser="level_k", noise=0.11)
    assert noisy == pytest.approx([0.01] * 10 + [0.9])
    random = np.exp(-1.5) / 11
    hierarchy = told(split, AMOUNTS, chooser="cognitive_hierarchy")
    assert hierarchy == pytest.approx([1 - 10 * random] + [random] * 10)
    assert told(split, AMOUNTS, chooser="constant", share=0.2) == pytest.approx(
        [0.8, *[0] * 9, 0.2]
    )
    even = Cell(DonationGame(players=2, multiplier=2))  # a point in the pot is worth a point
    assert told(even, AMOUNTS, chooser="level_k", level=2) == pytest.approx([1 / 11] * 11)


def test_a_gift_is_said_as_an_amount():
    cell = Cell(DonationGame(sharing="whole"))
    assert {*texts(cell, draws=5, chooser="level_k")} == {"10"}
    (text,) = texts(cell, AT_LENGTH, 1, chooser="level_k")
    assert donation(text).amount == 10
    assert "2.5" in text


# --- contexts ---


def test_contexts_shift_log_odds_each_by_its_own():
    team, sports = (Cell(dilemma("prison"), context(name)) for name in ("team", "sports"))
    plain = told(team)
    assert told(sports) == plain == told(Cell(dilemma("prison")))
    shifts = [logit(told(cell, context_shift=2)[0]) - logit(plain[0]) for cell in (team, sports)]
    assert shifts[0] != pytest.approx(shifts[1])
    assert shifts == pytest.approx([context_shift(one.context, 2) for one in (team, sports)])
    assert told(Cell(dilemma("prison")), context_shift=2) == plain
    other = logit(told(replace(team, game=dilemma("delight")), context_shift=2)[0])
    assert other - logit(told(replace(team, game=dilemma("delight")))[0]) == pytest.approx(
        shifts[0]
    )


def test_shifts_are_normal_over_contexts():
    names = [replace(context("team"), name=f"context {n}") for n in range(2000)]
    shifts = np.array([context_shift(one, 1.5) for one in names])
    assert abs(shifts.mean()) < 4 * 1.5 / np.sqrt(2000)
    assert shifts.std() == pytest.approx(1.5, rel=0.07)


def test_a_shift_moves_gifts_too():
    cell = Cell(DonationGame(), context("team"))
    shift = context_shift(cell.context, 1)
    plain, own = (np.array(told(cell, AMOUNTS, context_shift=sd)) for sd in (0, 1))
    moved = np.log(own / own[0]) - np.log(plain / plain[0])
    assert moved == pytest.approx(shift * np.arange(11) / 10)


# --- the backend ---


def test_who_answers():
    backend = BehaviourBackend(chooser="level_k")
    assert backend.label(MODEL) == "behaviour:level_k"
    assert backend.model_identity(MODEL) is None
    backend.check(MODEL)
    server = backend.preview(MODEL)
    cells = [Cell(game) for game in DILEMMAS.values()] * 40
    items = [[choosing(cell)] for cell in cells]
    planned = server.batches(items)
    assert [n for batch in planned for n in batch] == list(range(160)) and len(planned) > 1
    assert [len(own) for own in answer(server, items[:3])] == [1, 1, 1]
    assert server.estimate(items).prompt_tokens == 1


@pytest.mark.parametrize(
    "wrong", [{"chooser": "nobody"}, {"rate": -1}, {"noise": 2}, {"level": -1}, {"speed": 1}]
)
def test_settings_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError):
        BehaviourBackend(**wrong)


def test_another_task_is_refused():
    server, other = BehaviourBackend().load(MODEL), Item("story 1", "c", None)
    requests = (
        lambda: server.choices([ChoiceRequest(other, "?", (("C",),), ONE)]),
        lambda: server.generate([GenerateRequest(other, "?", ONE, (1,))]),
        lambda: server.loglikelihood([LikelihoodRequest(other, "?", ("C",))]),
    )
    for ask in requests:
        with pytest.raises(UserError, match=r"'story 1' is no game.*task=games"):
            ask()


def test_no_torch_is_loaded():
    code = "import sys, tombench.strategy.backend; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
