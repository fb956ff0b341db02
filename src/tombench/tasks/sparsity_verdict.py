"""What may be said of the masks that are studied: yes, no or undecided, and the numbers why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tombench.schema import Metric
from tombench.tasks.sparsity_answers import SCALES
from tombench.tasks.sparsity_effects import SELECTIVE
from tombench.tasks.sparsity_null import NULLS, HeadlineRow, Null

Answer = Literal["yes", "no", "undecided"]
LEVEL = 0.05
CHANCE = 0.5  # of two options
KINDS = {"random": "random masks", "matched": "magnitude-matched masks"}


@dataclass(frozen=True)
class Verdict:
    """A question about the headline, its answer, and what it rests on."""

    question: str
    scale: str
    answer: Answer
    why: str


def verdicts(rows: Sequence[HeadlineRow], unmasked: Metric | None) -> list[Verdict]:
    """Of false beliefs and of the difference to controls, on both scales, those that were run.

    An effect itself: yes where its 95 % interval lies below 0, no where it lies above; where
    nothing changed that is not known either, for want of anything that varies.
    Beside random masks: yes where p ≤ 0.05, no where half of them or more are as harmful. All else
    is undecided. Eight comparisons with random masks are made: at 0.05 one in twenty errs.

    Args:
        unmasked: false-belief accuracy without a mask; who knows nothing of it cannot lose it.
    """
    known = [] if unmasked is None or not rows else [_known(unmasked)]
    return known + [verdict for scale in SCALES for verdict in _of_scale(rows, scale)]


def _known(unmasked: Metric) -> Verdict:
    """Is there anything to lose?"""
    answer: Answer = "undecided"
    if unmasked.low > CHANCE or unmasked.high < CHANCE:
        answer = "yes" if unmasked.low > CHANCE else "no"
    question = "unmasked, answers false belief better than a coin does"
    why = f"accuracy {unmasked.value:.2f} [{unmasked.low:.2f}, {unmasked.high:.2f}]"
    return Verdict(question, "accuracy", answer, why)


def _of_scale(rows: Sequence[HeadlineRow], scale: str) -> Iterator[Verdict]:
    named = {row.measure: row for row in rows if row.scale == scale}
    for measure, question in (
        ("false_belief", "hurts false belief"),
        (SELECTIVE, "hurts false belief more than controls"),
    ):
        if row := named.get(measure):
            yield Verdict(question, scale, _by_interval(row.effect), _interval(row.effect, scale))
            for kind in NULLS:
                if null := row.nulls.get(kind):
                    asked = f"{question}, more than {KINDS[kind]} do"
                    yield Verdict(asked, scale, _by_null(null), _null(null))


def _by_interval(effect: Metric) -> Answer:
    if effect.high < 0:
        return "yes"
    return "no" if effect.low > 0 else "undecided"


def _by_null(null: Null) -> Answer:
    if null.p <= LEVEL:
        return "yes"
    return "no" if 2 * null.as_harmful.value >= 1 else "undecided"


def _interval(effect: Metric, scale: str) -> str:
    unit = " nats" if scale == "margin" else ""
    return f"mean effect {effect.value:+.3f} [{effect.low:+.3f}, {effect.high:+.3f}]{unit}"


def _null(null: Null) -> str:
    count = len(null.seeds)
    worse = round(null.as_harmful.value * count)
    return (
        f"{worse} of {count} as harmful, p = {null.p:.3f}; their mean effect {null.mean:+.3f}, "
        f"ours at percentile {null.percentile:.0f}"
    )
