"""2,000 simulated data sets a setting: intervals hold the truth, tests keep their size."""

from collections.abc import Iterator

import numpy as np
import pytest

from tombench.statistics.anova import spread
from tombench.statistics.bias import answer_bias
from tombench.statistics.paired import paired_difference, sign_flip

SETS = 2_000
ANSWERS = 20


def shares(random: np.random.Generator, a: float, b: float, items: int) -> np.ndarray:
    """Of 20 answers an item [items], each item with a probability from beta(a, b)."""
    return random.binomial(ANSWERS, random.beta(a, b, items)) / ANSWERS


def differences(
    items: int, first: tuple[float, float], second: tuple[float, float]
) -> Iterator[np.ndarray]:
    """Of data sets in which an item is in part as hard for both conditions."""
    random = np.random.default_rng(0)
    for _ in range(SETS):
        common = random.binomial(ANSWERS, random.beta(2, 2, items)) / ANSWERS
        both = (0.5 * common + 0.5 * shares(random, *beta, items) for beta in (first, second))
        ours, theirs = both
        yield ours - theirs


def rate(values: list[bool]) -> float:
    return float(np.mean(values))


@pytest.mark.parametrize(
    ("items", "first", "second"),
    [(16, (2, 2), (2, 2)), (16, (4, 2), (2, 4)), (16, (0.5, 0.5), (2, 3)), (40, (1, 1), (8, 2))],
)
def test_coverage_of_the_paired_difference(items, first, second) -> None:
    truth = 0.5 * (first[0] / sum(first) - second[0] / sum(second))
    found = [paired_difference(each) for each in differences(items, first, second)]
    held = rate([f.low <= truth <= f.high for f in found])
    assert 0.93 <= held <= 0.97


@pytest.mark.parametrize(("items", "beta"), [(16, (2, 2)), (16, (1, 3)), (12, (0.5, 0.5))])
def test_size_of_the_paired_tests(items, beta) -> None:
    sets = list(differences(items, beta, beta))
    assert 0.04 <= rate([paired_difference(each).p <= 0.05 for each in sets]) <= 0.06
    assert 0.04 <= rate([sign_flip(each) <= 0.05 for each in sets]) <= 0.06


@pytest.mark.parametrize(("yes", "no", "beta"), [(8, 8, (2, 2)), (6, 12, (1, 1))])
def test_size_of_the_bias_test(yes, no, beta) -> None:
    random = np.random.default_rng(0)
    found = [
        answer_bias(shares(random, *beta, yes), shares(random, *beta, no)) for _ in range(SETS)
    ]
    assert 0.04 <= rate([f.p <= 0.05 for f in found]) <= 0.06


@pytest.mark.parametrize(
    ("items", "levels", "apart"), [(16, 4, 0.0), (16, 4, 0.06), (16, 2, 0.1), (64, 6, 0.03)]
)
def test_coverage_of_the_spread_of_wordings(items, levels, apart) -> None:
    """At least 93 %; above 97 % is told in the docs: small spreads are covered by the bound 0."""
    random = np.random.default_rng(0)
    places = np.linspace(-1, 1, levels)
    means = 0.5 + apart * places / places.std(ddof=1)
    held = []
    for _ in range(SETS):
        chance = means + random.uniform(-0.2, 0.2, (items, 1))
        chance = chance + random.uniform(-0.15, 0.15, (items, levels))
        assert chance.min() >= 0 and chance.max() <= 1
        found = spread(random.binomial(ANSWERS, chance) / ANSWERS)
        held.append(found.low <= apart <= found.high)
    assert 0.93 <= rate(held) <= 0.99
