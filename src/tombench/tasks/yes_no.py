"""What answers to yes/no questions come to: shares, bias, and what constant answers score."""

import math
from collections.abc import Mapping, Sequence

from tombench.metrics import contrast, share, share_of
from tombench.schema import LikelihoodResponse, Metric, Record
from tombench.scorers.categories import CATEGORIES
from tombench.scorers.choice import forced_choice
from tombench.scorers.yes_no import UNPARSED

OPTIONS: Mapping[str, tuple[str, ...]] = {"yes": ("Yes", "yes"), "no": ("No", "no")}
"""Spellings of an answer; their probabilities are added up."""

LEAST = -1e4
"""Nats; below it a probability is 0 for every purpose, and −∞ could not be written as JSON."""


def log_probs_by_answer(
    choice: LikelihoodResponse, options: Mapping[str, tuple[str, ...]] = OPTIONS
) -> dict[str, float]:
    """log p(answer) in nats, an answer's spellings added up."""
    sums = iter(max(value, LEAST) for value in choice.log_likelihoods)
    spelt = {answer: [next(sums) for _ in words] for answer, words in options.items()}
    return {
        answer: max(values) + math.log(sum(math.exp(v - max(values)) for v in values))
        for answer, values in spelt.items()
    }


def measure(records: Sequence[Record]) -> dict[str, Metric]:
    """Accuracy with what is needed to read it: unparsed share, yes bias, constant-answer baselines.

    yes_bias is the accuracy where yes is right less the accuracy where no is right: 1 for who
    always says yes, −1 for who always says no, 0 for who leans to neither.
    """
    found = {
        "accuracy": share_of(records, lambda r: r.score.value),
        "accuracy_strict": share_of(records, lambda r: r.score.value == 1),
        "ties": share_of(records, lambda r: r.score.value == 0.5),
    }
    if any(r.log_probs for r in records):
        found["forced_choice_accuracy"] = _forced_accuracy(records)
    found |= {
        "unparsed": share_of(records, lambda r: r.score.answer == UNPARSED),
        "needs_review": share_of(records, lambda r: r.score.needs_review),
        "truncated": share_of(records, lambda r: r.truncated),
        "errors": share_of(records, lambda r: r.error is not None),
        "yes_share": share_of(records, lambda r: r.score.answer == "yes"),
    }
    found |= {
        f"category/{name}": share_of(records, lambda r, n=name: r.score.category == n)
        for name in CATEGORIES
        if name != UNPARSED and any(r.score.category == name for r in records)
    }
    wanted = {answer: [r for r in records if r.target == answer] for answer in OPTIONS}
    if all(wanted.values()):
        yes, no = (share_of(wanted[answer], lambda r: r.score.value) for answer in ("yes", "no"))
        found["yes_bias"] = contrast(yes, no)
    baselines = {
        f"baseline/always_{answer}": share_of(records, lambda r, a=answer: r.target == a)
        for answer in OPTIONS
    }
    found |= baselines | {"baseline/majority": max(baselines.values(), key=lambda m: m.value)}
    return found


def measure_scenario(records: Sequence[Record]) -> dict[str, Metric]:
    """Within one scenario the draws are independent: each is a cluster of its own."""
    return {"accuracy": share([r.score.value for r in records], [r.id for r in records])}


def _forced_accuracy(records: Sequence[Record]) -> Metric:
    """One forced choice an item: repetitions share it."""
    firsts = list({r.item: r for r in records if r.log_probs}.values())
    return share_of(firsts, lambda r: forced_choice(r.log_probs, str(r.target)))
