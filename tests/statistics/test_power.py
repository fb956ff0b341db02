"""Power and detectable differences against scipy's noncentral t, and against simulation."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tombench.statistics.power import expected_sd, minimum_detectable_difference, paired_power


@pytest.mark.parametrize(("effect", "items"), [(0.2, 16), (0.75, 16), (-0.75, 16), (0.5, 40)])
def test_power_is_the_noncentral_ts(effect: float, items: int) -> None:
    critical = stats.t.ppf(0.975, items - 1)
    off_centre = stats.nct(items - 1, effect * np.sqrt(items))
    expected = off_centre.sf(critical) + off_centre.cdf(-critical)
    assert paired_power(effect, items) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("items", [2, 16, 1000])
def test_power_without_a_difference_is_the_size(items: int) -> None:
    assert paired_power(0.0, items) == pytest.approx(0.05, abs=1e-9)


def test_published_sample_size() -> None:
    """d_z .5 needs 34 pairs for power .8 (G*Power 3.1; Faul et al. 2007)."""
    assert paired_power(0.5, 33) < 0.8 < paired_power(0.5, 34)


@pytest.mark.parametrize("items", [2, 3, 16, 64, 600])
def test_the_detectable_difference_is_found_with_power_point_eight(items: int) -> None:
    least = minimum_detectable_difference(0.4, items)
    assert paired_power(least / 0.4, items) == pytest.approx(0.8, abs=1e-9)


def test_the_detectable_difference_in_simulation() -> None:
    """100,000 data sets of 16 items: found in 80 %, to four standard errors."""
    least = minimum_detectable_difference(0.4, 16)
    values = np.random.default_rng(0).normal(least, 0.4, (100_000, 16))
    t = values.mean(axis=1) / (values.std(axis=1, ddof=1) / 4)
    found = np.mean(np.abs(t) > stats.t.ppf(0.975, 15))
    assert found == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / 100_000))


def test_expected_sd_of_a_comparison_not_run() -> None:
    both = np.random.default_rng(0).multivariate_normal(
        [0, 0], [[0.09, 0.045], [0.045, 0.09]], 200_000
    )
    assert expected_sd(0.3, 0.5) == pytest.approx((both[:, 0] - both[:, 1]).std(), rel=0.01)
    assert expected_sd(0.3) == pytest.approx(0.3 * np.sqrt(2))


def test_power_needs_two_items() -> None:
    with pytest.raises(ValueError, match="two items or more"):
        paired_power(0.5, 1)


def test_the_docs_table() -> None:
    text = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (0\.\d) \| (.+) \|$", text, re.MULTILINE)
    assert len(rows) == 4
    for sd, cells in rows:
        found = [minimum_detectable_difference(float(sd), n) for n in (16, 32, 64, 100, 200)]
        assert [f"{value:.2f}" for value in found] == cells.split(" | ")
