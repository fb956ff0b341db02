"""Does a model lean to one answer: items where yes is right against items where no is."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from tombench.statistics.intervals import POINT
from tombench.statistics.paired import TIE


@dataclass(frozen=True)
class AnswerBias:
    """Mean scores where yes and where no is right, and the test that they are equal."""

    yes: float
    no: float
    yes_items: int
    no_items: int
    low: float  # 95 % t interval of yes − no
    high: float
    t: float  # ±inf where neither group has any spread, 0 where they are equal too
    df: int
    p: float  # two-sided

    @property
    def difference(self) -> float:
        """Above 0: leans to yes."""
        return self.yes - self.no


def answer_bias(yes: np.ndarray, no: np.ndarray) -> AnswerBias:
    """The study's bias test of item scores [items] where yes is right and where no is right.

    Student's unpaired t with pooled variance, n₁ + n₂ − 2 degrees of freedom; equals
    scipy.stats.ttest_ind. Without spread p is 1 for equal means and else 0.

    Raises:
        ValueError: fewer than two items in a group.
    """
    yes, no = np.asarray(yes, dtype=float), np.asarray(no, dtype=float)
    sizes = len(yes), len(no)
    if min(sizes) < 2:
        raise ValueError(f"the bias test needs two items or more a group, not {sizes}")
    gap, df = float(yes.mean() - no.mean()), sum(sizes) - 2
    spread = sum(float(np.sum((group - group.mean()) ** 2)) for group in (yes, no))
    error = float(np.sqrt(spread / df * (1 / sizes[0] + 1 / sizes[1])))
    if error <= TIE:
        error = 0.0
        gap = 0.0 if abs(gap) <= TIE else gap
        t = float(np.copysign(np.inf, gap)) if gap else 0.0
    else:
        t = gap / error
    p = 2 * float(stdtr(df, -abs(t)))
    reach = float(stdtrit(df, POINT)) * error
    means = float(yes.mean()), float(no.mean())
    return AnswerBias(*means, *sizes, gap - reach, gap + reach, t, df, p)
