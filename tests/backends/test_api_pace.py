"""Limits a minute and backoff, on a clock of our own."""

from random import Random

import pytest

from tombench.backends.api.pace import Limits, Pace, backoff


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_requests_are_spread_evenly():
    clock = Clock()
    pace = Pace(30, clock)  # one every two seconds
    assert [pace.reserve(1) for _ in range(3)] == [0, 2, 4]
    clock.now += 5
    assert [pace.reserve(1), pace.reserve(1)] == [1, 3]
    clock.now += 60  # what was not used is not saved up
    assert [pace.reserve(1), pace.reserve(1)] == [0, 2]


def test_no_limit_never_waits():
    pace = Pace(None, Clock())
    assert [pace.reserve(10**9) for _ in range(3)] == [0, 0, 0]


def test_tokens_are_corrected_by_what_the_server_counts():
    pace = Pace(600, Clock())  # ten tokens a second
    assert pace.reserve(100) == 0
    assert pace.reserve(100) == 10
    pace.correct(-80)
    assert pace.reserve(1) == 12


def test_the_stricter_limit_holds():
    limits = Limits(60, 60, Clock())
    assert limits.reserve(5) == 0
    assert limits.reserve(5) == 5  # tokens
    assert limits.reserve(0) == 10


def test_a_pause_holds_for_all_and_is_not_shortened():
    clock = Clock()
    limits = Limits(None, None, clock)
    assert limits.pause_left() <= 0
    limits.pause(8)
    limits.pause(3)
    clock.now += 2
    assert limits.pause_left() == 6


@pytest.mark.parametrize(("retry", "most"), [(0, 2), (1, 4), (3, 16), (5, 60), (50, 60)])
def test_backoff_doubles_up_to_a_minute_with_jitter(retry: int, most: float) -> None:
    drawn = [backoff(2.0, retry, Random(seed)) for seed in range(200)]
    assert most / 2 <= min(drawn) < max(drawn) <= most
    assert len(set(drawn)) > 150
