"""Cohen's kappa against published examples, the 1969 formula, and in simulation."""

import math

import numpy as np
import pytest

from tombench.statistics.agreement import (
    Kappa,
    cohen_kappa,
    confusion,
    kappa_influence,
    kappa_of,
    planned_kappa,
)
from tombench.statistics.intervals import clustered_variance

# Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions (2003), table 18.1
DIAGNOSES = np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
# Altman, Practical Statistics for Medical Research (1991), 85 mammograms after Boyd; kappa .47
MAMMOGRAMS = np.array([[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]])

# The example of SAS PROC FREQ's kappa, which prints .4842 with standard error .1380
PRINTED = np.array([[0, 4, 1], [0, 8, 0], [0, 1, 5]])


def verdicts(table: np.ndarray) -> tuple[list[str], list[str]]:
    cells = [(i, j) for i, j in np.ndindex(table.shape) for _ in range(table[i, j])]
    return [f"c{i}" for i, _ in cells], [f"c{j}" for _, j in cells]


def fleiss_variance(table: np.ndarray) -> float:
    """Fleiss, Cohen & Everitt (1969), eq. 13, as it is printed."""
    p, n = table / table.sum(), table.sum()
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    po, pe = np.trace(p), rows @ columns
    kinds = range(len(p))
    first = sum(p[i, i] * ((1 - pe) - (columns[i] + rows[i]) * (1 - po)) ** 2 for i in kinds)
    second = (1 - po) ** 2 * sum(
        p[i, j] * (columns[i] + rows[j]) ** 2 for i in kinds for j in kinds if i != j
    )
    return (first + second - (po * pe - 2 * pe + po) ** 2) / (n * (1 - pe) ** 4)


def test_kappa_by_hand() -> None:
    """Each is (po − pe)/(1 − pe), worked out from the table's margins."""
    # po = 35/50, pe = (25·30 + 25·20)/50² = .5
    assert kappa_of(np.array([[20, 5], [10, 15]])) == pytest.approx(0.4, abs=1e-12)
    assert kappa_of(DIAGNOSES) == pytest.approx((0.89 - 0.66) / 0.34, abs=1e-12)
    assert kappa_of(MAMMOGRAMS) == pytest.approx(
        (54 / 85 - 2227 / 85**2) / (1 - 2227 / 85**2), abs=1e-12
    )
    assert round(kappa_of(MAMMOGRAMS), 2) == 0.47
    assert kappa_of(np.array([[0, 5], [5, 0]])) == -1


@pytest.mark.parametrize("table", [DIAGNOSES, MAMMOGRAMS, np.array([[20, 5], [10, 15]])])
def test_single_answers_have_the_variance_of_1969(table: np.ndarray) -> None:
    first, second = verdicts(table)
    n = len(first)
    own = kappa_influence(table)[[int(c[1:]) for c in first], [int(c[1:]) for c in second]]
    assert own.mean() == pytest.approx(0, abs=1e-12)
    variance = clustered_variance(own, range(n)) * (n - 1) / n
    assert variance == pytest.approx(fleiss_variance(table), rel=1e-9)


def test_the_printed_standard_error() -> None:
    influence, shares = kappa_influence(PRINTED), PRINTED / PRINTED.sum()
    error = math.sqrt(np.sum(shares * influence**2) / PRINTED.sum())
    assert (round(kappa_of(PRINTED), 4), round(error, 4)) == (0.4842, 0.1380)


def test_answers_told_twice_in_a_cluster_add_nothing() -> None:
    first, second = verdicts(DIAGNOSES)
    once = cohen_kappa(first, second, range(100))
    twice = cohen_kappa(first * 2, second * 2, [*range(100)] * 2)
    assert twice.value == pytest.approx(once.value, abs=1e-12)
    assert twice.high - twice.low == pytest.approx(once.high - once.low, rel=0.02)
    apart = cohen_kappa(first * 2, second * 2, range(200))
    assert apart.high - apart.low < 0.75 * (once.high - once.low)


def test_one_class_throughout_leaves_kappa_undefined() -> None:
    assert cohen_kappa(["yes"] * 5, ["yes"] * 5, range(5)) is None
    constant = cohen_kappa(["yes"] * 4, ["yes", "yes", "no", "yes"], range(4))
    assert constant.value == pytest.approx(0, abs=1e-12)  # po = pe = .75


def test_full_agreement_has_a_width() -> None:
    said = ["yes", "no"] * 20
    found = cohen_kappa(said, said, range(40))
    assert (found.value, found.high) == (1, 1)
    # Wilson's lower bound of 40 of 40, 1/(1 + z²/40) = .9124, at pe = .5
    assert found.low == pytest.approx(2 / (1 + 1.959963984540054**2 / 40) - 1, abs=1e-9)
    fewer = cohen_kappa(said, said, [number // 4 for number in range(40)])
    assert fewer.low < found.low


def test_one_cluster_says_nothing() -> None:
    found = cohen_kappa(["y", "n", "y"], ["y", "n", "n"], ["a"] * 3)
    # po 2/3, pe 4/9: all that any agreement would come to, −(4/9)/(5/9) to 1
    assert (found.value, found.low, found.high) == pytest.approx((0.4, -0.8, 1), abs=1e-12)
    rare = cohen_kappa(["y"] * 9 + ["n"], ["n"] + ["y"] * 9, ["a"] * 10)
    assert rare.low == -1  # −pe/(1 − pe) is below what kappa can be


@pytest.mark.parametrize("first", [[], ["yes"], ["yes", "maybe"]])
def test_verdicts_that_do_not_fit(first: list[str]) -> None:
    with pytest.raises(ValueError):
        confusion(first, ["yes", "no"], ["yes", "no"])


def test_rows_are_the_first_rater() -> None:
    table = confusion(["a", "a", "b"], ["b", "b", "b"], ["a", "b"])
    assert table.tolist() == [[0, 2], [0, 1]]


def test_a_planned_interval_is_the_one_that_comes_out() -> None:
    # share .5 and kappa .8: the table's cells are .45 .05 .05 .45
    first, second = verdicts(np.array([[90, 10], [10, 90]]))
    found, planned = cohen_kappa(first, second, range(200)), planned_kappa(0.8, 0.5, 200)
    assert found.value == pytest.approx(planned.value, abs=1e-12) == 0.8
    assert (found.low, found.high) == pytest.approx((planned.low, planned.high), abs=2e-3)
    assert planned_kappa(1, 0.5, 50).low < 1


def drawn(chance: np.random.Generator, clusters: int, each: int, spread: bool) -> np.ndarray:
    """Two raters' answers [2, clusters, each]; the second errs in one of ten, by cluster."""
    share, error = 0.5, 0.1
    shape = (clusters, 1)
    if spread:  # beta-distributed, intraclass correlation .2 of the first and .1 of the errors
        share = chance.beta(2, 2, shape)
        error = chance.beta(0.9, 8.1, shape)
    first = chance.random((clusters, each)) < share
    return np.stack([first, first ^ (chance.random((clusters, each)) < error)])


@pytest.mark.parametrize(
    ("clusters", "each", "spread", "most"),
    [
        (100, 1, False, 0.97),
        (40, 5, True, 0.97),
        (16, 20, True, 0.97),
        (16, 20, False, 0.98),  # clusters that are none: a little too wide
    ],
)
def test_coverage_of_clustered_data(clusters: int, each: int, spread: bool, most: float) -> None:
    chance = np.random.default_rng(7)
    truth = 0.8  # half the answers yes, one in ten errs: po .9, pe .5
    places = np.repeat(np.arange(clusters), each)
    covered = 0
    for _ in range(2000):
        first, second = np.where(drawn(chance, clusters, each, spread), "yes", "no")
        found = cohen_kappa(first.ravel().tolist(), second.ravel().tolist(), places)
        assert isinstance(found, Kappa)
        covered += found.low <= truth <= found.high
    assert 0.93 <= covered / 2000 <= most
