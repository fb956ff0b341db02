"""Which behavioural model makes counts of choices in games the most likely.

A log-likelihood is sum k log p + (n - k) log(1 - p) over games, in nats, k of n choices being the
first action: the binomial coefficients are left out, as they are the same for all models.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, xlog1py, xlogy

from tombench.errors import UserError
from tombench.strategy.continuation import logistic
from tombench.strategy.level_k import cognitive_hierarchy, level_k
from tombench.strategy.payoffs import Game
from tombench.strategy.quantal_response import noisy_log_odds, response_log_odds

LEVELS = (1, 2, 3)
RATES = np.concatenate([[0.0], np.logspace(-3, 2, 41)])
"""Where the likelihood of a rate is looked at first, in 1 / the largest payoff difference."""
TAUS = np.linspace(0, 10, 41)


@dataclass(frozen=True)
class Choices:
    """How often the row player of a game chose its first action.

    Raises:
        UserError: the counts make no sense.
    """

    game: Game
    first: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.total:
            raise UserError(f"game '{self.game.name}': {self.first} choices of {self.total}")

    @property
    def share(self) -> float:
        """Of the first action; NaN where nothing was chosen."""
        return self.first / self.total if self.total else math.nan


@dataclass(frozen=True)
class Fit:
    """A model at the parameters that make the choices the most likely."""

    model: str
    parameters: Mapping[str, float]
    log_likelihood: float  # nats, natural logarithm
    predictions: tuple[float, ...]  # probability of the first action, by game

    def bayesian_information(self, total: int) -> float:
        """k log n - 2 log L of Schwarz 1978, of `total` choices: the lower, the better."""
        return len(self.parameters) * math.log(total) - 2 * self.log_likelihood


def log_likelihood(choices: Sequence[Choices], probabilities: Sequence[float]) -> float:
    """Of choices under probabilities of the first action; -inf where the impossible happened."""
    first, other = _counts(choices)
    shares = np.asarray(probabilities, dtype=float)
    return float(np.sum(xlogy(first, shares) + xlog1py(other, -shares)))


def fits(choices: Sequence[Choices]) -> dict[str, Fit]:
    """All models, by name: coin, constant, level_1 to level_3 with noise, noisy response to
    uniform, quantal response equilibrium, cognitive hierarchy with noise, saturated.

    Raises:
        UserError: there are no choices.
    """
    if not sum(one.total for one in choices):
        raise UserError("no choices to fit; give games with at least one answer")
    found = [
        _fit("coin", {}, choices, [0.5] * len(choices)),
        fit_constant(choices),
        *(fit_level_k(choices, level) for level in LEVELS),
        fit_noisy_response(choices),
        fit_quantal_response(choices),
        fit_cognitive_hierarchy(choices),
        fit_saturated(choices),
    ]
    return {fit.model: fit for fit in found}


def fit_constant(choices: Sequence[Choices]) -> Fit:
    """One cooperation rate whatever the game."""
    share = sum(one.first for one in choices) / sum(one.total for one in choices)
    return _fit("constant", {"share": share}, choices, [share] * len(choices))


def fit_saturated(choices: Sequence[Choices]) -> Fit:
    """Each game its own rate: no model can do better."""
    shares = [one.share if one.total else 0.5 for one in choices]
    names = (f"share_{number}" for number in range(1, len(choices) + 1))
    return _fit("saturated", dict(zip(names, shares, strict=True)), choices, shares)


def fit_level_k(choices: Sequence[Choices], level: int) -> Fit:
    """Level k, but for a share `noise` of choices at random."""
    plays = np.array([level_k(one.game, level) for one in choices])
    noise = _noise(choices, plays)
    return _fit(f"level_{level}", {"noise": noise}, choices, _blurred(plays, noise))


def fit_cognitive_hierarchy(choices: Sequence[Choices]) -> Fit:
    """A population with a mean of `tau` steps, but for a share `noise` of choices at random.

    Of tau, a grid is looked at: the likelihood jumps where a best response changes.
    """
    best = None
    for tau in TAUS:
        plays = _by_game(choices, lambda game, tau=float(tau): cognitive_hierarchy(game, tau))
        noise = _noise(choices, plays)
        fit = _fit(
            "cognitive_hierarchy",
            {"tau": float(tau), "noise": noise},
            choices,
            _blurred(plays, noise),
        )
        if best is None or fit.log_likelihood > best.log_likelihood:
            best = fit
    return best


def fit_noisy_response(choices: Sequence[Choices]) -> Fit:
    """Quantal response to a coplayer who plays at random: level 1 with logit errors."""
    return _fit_rate("noisy_response", choices, noisy_log_odds)


def fit_quantal_response(choices: Sequence[Choices]) -> Fit:
    """Logit equilibrium on the principal branch, one rate for all games."""
    return _fit_rate(
        "quantal_response", choices, lambda game, rate: response_log_odds(game, rate)[0]
    )


def _fit_rate(
    model: str, choices: Sequence[Choices], log_odds: Callable[[Game, float], float]
) -> Fit:
    """The most likely rate: the best of a grid, refined between its neighbours."""
    first, other = _counts(choices)
    differences = [abs(a - b) for one in choices for a in _flat(one) for b in _flat(one)]
    unit = 1 / (max(differences) or 1.0)

    def loss(rate: float) -> float:
        odds = _by_game(choices, lambda game: log_odds(game, rate))
        return -float(np.sum(first * log_expit(odds) + other * log_expit(-odds)))

    losses = [loss(rate * unit) for rate in RATES]
    place = int(np.argmin(losses))
    low, high = (RATES[min(max(place + by, 0), len(RATES) - 1)] * unit for by in (-1, 1))
    options = {"xatol": 1e-6 * high}
    refined = minimize_scalar(loss, bounds=(low, high), method="bounded", options=options)
    pairs = ((losses[place], RATES[place] * unit), (float(refined.fun), float(refined.x)))
    value, rate = min(pairs)
    predictions = tuple(logistic(log_odds(one.game, rate)) for one in choices)
    return Fit(model, {"rate": float(rate)}, -value, predictions)


def _noise(choices: Sequence[Choices], plays: np.ndarray) -> float:
    """The most likely share of random choices; the likelihood has one peak in it."""
    options = {"xatol": 1e-9}

    def loss(noise: float) -> float:
        return -log_likelihood(choices, _blurred(plays, noise))

    inner = float(minimize_scalar(loss, bounds=(0, 1), method="bounded", options=options).x)
    return min((0.0, inner, 1.0), key=loss)


def _blurred(plays: np.ndarray, noise: float) -> np.ndarray:
    return (1 - noise) * plays + noise / 2


def _fit(
    model: str, parameters: Mapping[str, float], choices: Sequence[Choices], p: Sequence[float]
) -> Fit:
    predictions = tuple(map(float, p))
    return Fit(model, parameters, log_likelihood(choices, predictions), predictions)


def _counts(choices: Sequence[Choices]) -> tuple[np.ndarray, np.ndarray]:
    first = np.array([one.first for one in choices], dtype=float)
    return first, np.array([one.total for one in choices], dtype=float) - first


def _by_game(choices: Sequence[Choices], value: Callable[[Game], float]) -> np.ndarray:
    """A number for each entry [n]; entries of the same game share it."""
    values = {game: value(game) for game in {one.game for one in choices}}
    return np.array([values[one.game] for one in choices])


def _flat(one: Choices) -> tuple[float, ...]:
    return (*one.game.row[0], *one.game.row[1])
