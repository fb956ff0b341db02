"""Perplexities of windows against hand calculations."""

from dataclasses import replace
from math import exp, sqrt

import pytest
from scipy.special import stdtrit
from tasks.sparsity_samples import BASE, text

from tombench.tasks.sparsity_perplexity import perplexity, study_perplexity, windows_of


def test_a_shorter_last_window_counts_by_its_tokens():
    windows = windows_of(text(BASE, 20.0, 30.0, 2.0, tail=5))
    assert windows.predictions.tolist() == [10, 10, 4] and windows.full == 2
    found = perplexity(windows)
    assert found.value == pytest.approx(exp(52 / 24))
    assert (found.n, found.clusters) == (24, 3)


def test_the_interval_is_that_of_a_ratio_of_sums():
    found = perplexity(windows_of(text(BASE, 20.0, 30.0, 2.0, tail=5)))
    mean = 52 / 24
    rest = [20 - 10 * mean, 30 - 10 * mean, 2 - 4 * mean]
    reach = stdtrit(2, 0.975) * sqrt(3 / 2 * sum(r * r for r in rest)) / 24
    assert (found.low, found.high) == pytest.approx((exp(mean - reach), exp(mean + reach)))


def test_of_one_window_no_interval_is_known():
    found = perplexity(windows_of(text(BASE, 20.0)))
    assert found.low == found.value == found.high == pytest.approx(exp(2))
    assert found.clusters == 1


def test_windows_follow_their_numbers_as_numbers():
    record = text(BASE, *(float(n) for n in range(1, 12)))
    shuffled = dict(sorted(record.log_probs.items()))  # "0", "1", "10", "2", …
    assert list(shuffled)[2] == "10"
    windows = windows_of(replace(record, log_probs=shuffled))
    assert windows.nats.tolist() == [float(n) for n in range(1, 12)]


def test_the_study_counts_an_odd_last_window_double_and_drops_the_tail():
    windows = windows_of(text(BASE, 10.0, 20.0, 40.0, 100.0, tail=5))
    assert study_perplexity(windows) == pytest.approx(exp(((1 + 2) / 2 + 4) / 2))
    even = windows_of(text(BASE, 10.0, 20.0, 40.0, 50.0))
    assert study_perplexity(even) == pytest.approx(exp((1 + 2 + 4 + 5) / 4))


def test_what_is_shorter_than_a_window_has_no_perplexity_of_the_study():
    assert study_perplexity(windows_of(text(BASE, 8.0, tail=5))) is None


def test_who_could_not_be_asked_has_no_windows():
    assert windows_of(replace(text(BASE, 8.0), error="out of memory")) is None
