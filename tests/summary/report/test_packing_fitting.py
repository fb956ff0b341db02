"""The most records a run whose blocks are within a budget."""

from tombench.summary.report.fitting import filled, fitted


def test_small_runs_are_whole_and_large_ones_share() -> None:
    assert filled([1, 1, 1], [2, 10, 10], 12) == 5
    assert filled([1, 2, 3], [10, 10, 10], 12) == 2
    assert filled([1, 1], [3, 4], 100) == 4
    assert filled([5], [3], 4) == 0 and filled([], [], 4) == 0


def test_blocks_within_the_budget() -> None:
    """A block costs 100 bytes and 10 a record; two runs, budget 1,000: 40 records each."""
    asked = []

    def size(place: int, most: int) -> int:
        asked.append((place, most))
        return 100 + 10 * most

    found = fitted(size, [1_000, 1_000], 1_000, trial=64)
    assert 36 <= found <= 40
    assert len(asked) == len(set(asked)) <= 16


def test_all_or_nothing() -> None:
    assert fitted(lambda place, most: 10 * most, [7, 3], 100, trial=64) == 7
    assert fitted(lambda place, most: 50 + most, [7, 3], 99, trial=2) == 0
    assert fitted(lambda place, most: most, [], 10, trial=1) == 0
