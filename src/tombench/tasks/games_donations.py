"""What donations come to: means, and how far a student's moved to a teacher's."""

import numpy as np
from scipy.special import stdtrit

from tombench.schema import Metric
from tombench.statistics.intervals import POINT
from tombench.tasks.games_cells import Donations


def mean_donation(donations: Donations) -> Metric:
    """Mean amount with its 95 % t interval; answers are independent draws.

    Raises:
        ValueError: no amount was parsed.
    """
    amounts = np.array(donations.amounts)
    if not len(amounts):
        raise ValueError("no amount was parsed")
    mean, size, reach = float(amounts.mean()), len(amounts), float("nan")
    if size > 1:
        reach = float(stdtrit(size - 1, POINT) * amounts.std(ddof=1) / np.sqrt(size))
    return Metric(mean, mean - reach, mean + reach, size, size)


def donation_improvement(before: Donations, after: Donations, teacher: Donations) -> float:
    """The study's improvement of the mean amounts, percent; NaN where there was no gap.

    100 · (after − before) / (teacher − before).
    """
    start, end, goal = (float(np.mean(one.amounts)) for one in (before, after, teacher))
    return 100 * (end - start) / (goal - start) if goal != start else float("nan")
