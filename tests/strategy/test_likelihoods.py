"""Models fitted to counts: parameters come back, and likelihoods are those of the formula."""

import math

import pytest

from tombench.errors import UserError
from tombench.strategy.likelihoods import (
    Choices,
    fit_cognitive_hierarchy,
    fit_constant,
    fit_level_k,
    fit_noisy_response,
    fit_quantal_response,
    fits,
    log_likelihood,
)
from tombench.strategy.payoffs import DILEMMAS, dilemma
from tombench.strategy.quantal_response import noisy_log_odds, quantal_response

TOTAL = 100_000


def counts(shares: dict[str, float], total: int = TOTAL) -> list[Choices]:
    return [Choices(dilemma(name), round(total * p), total) for name, p in shares.items()]


def test_a_likelihood_by_hand() -> None:
    choices = [Choices(dilemma("prison"), 1, 4), Choices(dilemma("delight"), 3, 3)]
    expected = math.log(0.2) + 3 * math.log(0.8) + 3 * math.log(0.9)
    assert log_likelihood(choices, [0.2, 0.9]) == pytest.approx(expected)
    assert log_likelihood(choices, [0.0, 0.9]) == -math.inf
    assert log_likelihood(choices[1:], [1.0]) == 0


def test_a_rate_comes_back() -> None:
    shares = {name: quantal_response(game, 0.3).row for name, game in DILEMMAS.items()}
    fit = fit_quantal_response(counts(shares))
    assert fit.parameters["rate"] == pytest.approx(0.3, abs=0.003)
    assert fit.predictions == pytest.approx(tuple(shares.values()), abs=0.003)
    odds = {name: noisy_log_odds(game, 0.3) for name, game in DILEMMAS.items()}
    noisy = fit_noisy_response(counts({name: 1 / (1 + math.exp(-u)) for name, u in odds.items()}))
    assert noisy.parameters["rate"] == pytest.approx(0.3, abs=0.003)


def test_noise_comes_back() -> None:
    # level 2: prison D, delight C, snowdrift C, staghunt C; a fifth at random
    shares = {"prison": 0.1, "delight": 0.9, "snowdrift": 0.9, "staghunt": 0.9}
    fit = fit_level_k(counts(shares), 2)
    assert fit.parameters["noise"] == pytest.approx(0.2, abs=1e-4)
    hierarchy = fit_cognitive_hierarchy(counts(shares))
    assert hierarchy.log_likelihood <= fits(counts(shares))["saturated"].log_likelihood


def test_certain_choices_leave_no_noise() -> None:
    shares = {"prison": 0.0, "delight": 1.0, "snowdrift": 1.0, "staghunt": 1.0}
    fit = fit_level_k(counts(shares), 2)
    assert fit.parameters["noise"] == 0
    assert fit.log_likelihood == 0


def test_one_rate_for_all_games() -> None:
    fit = fit_constant(counts({"prison": 0.2, "delight": 0.6}))
    assert fit.parameters == {"share": 0.4}
    assert fit.log_likelihood == pytest.approx(
        TOTAL * 2 * (0.4 * math.log(0.4) + 0.6 * math.log(0.6))
    )
    expected = math.log(2 * TOTAL) - 2 * fit.log_likelihood
    assert fit.bayesian_information(2 * TOTAL) == pytest.approx(expected)


def test_all_models_side_by_side() -> None:
    found = fits(counts({"prison": 0.4, "delight": 0.7, "snowdrift": 0.5, "staghunt": 0.6}, 300))
    assert list(found) == [
        "coin",
        "constant",
        "level_1",
        "level_2",
        "level_3",
        "noisy_response",
        "quantal_response",
        "cognitive_hierarchy",
        "saturated",
    ]
    assert found["coin"].log_likelihood == pytest.approx(-1200 * math.log(2))
    assert found["saturated"].predictions == (0.4, 0.7, 0.5, 0.6)
    for fit in found.values():
        assert fit.log_likelihood <= found["saturated"].log_likelihood
        # every one of them has random play as a special case
        assert fit.log_likelihood >= found["coin"].log_likelihood - 1e-9


def test_games_that_nobody_was_asked_do_not_count() -> None:
    asked = counts({"prison": 0.2, "delight": 0.6})
    more = [*asked, Choices(dilemma("snowdrift"), 0, 0)]
    for name, fit in fits(more).items():
        assert fit.log_likelihood == pytest.approx(fits(asked)[name].log_likelihood)


def test_what_cannot_be_fitted() -> None:
    with pytest.raises(UserError, match="no choices"):
        fits([Choices(dilemma("prison"), 0, 0)])
    with pytest.raises(UserError, match="5 choices of 4"):
        Choices(dilemma("prison"), 5, 4)
