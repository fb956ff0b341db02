"""What a story's questions are worth to who understands no mind: shortcuts as baselines."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from tombench.schema import Item, Metric
from tombench.stories.shortcuts import RULES, seen
from tombench.tasks.story_units import Verdict, mean, supposed, unit_metrics

MENTIONS = ("first_mentioned", "last_mentioned", "most_mentioned")
"""The rules of `stories.shortcuts` that stand beside every score."""


def baselines(items: Sequence[Item]) -> dict[str, dict[str, Metric]]:
    """What each shortcut scores on these items, by its name.

    `accuracy` is of the questions on belief in pairs; the others as in `unit_metrics`. Three know
    the prompt alone, `majority` which answers are right, `reality` the facts. A shortcut that
    cannot be had of these items (where no option stands in the story) is left out.
    """
    asked = [item for item in items if supposed(item, 0).headline]
    named = [item for item in asked if item.content.form == "next_word"]  # not Yes, No, letters
    found = {name: _by_mention(named, name) for name in MENTIONS}
    common = _majorities(asked)
    found["majority"] = _verdicts(asked, lambda item: common[item.cluster])
    found["reality"] = _verdicts(asked, lambda item: item.reality)
    measured = {name: _measured(verdicts) for name, verdicts in found.items()}
    return {name: metrics for name, metrics in measured.items() if metrics}


def _by_mention(items: Sequence[Item], rule: str) -> list[Verdict]:
    """Of options that tie the one that is mentioned first: alike in a story's cells, as a rule is.

    Half a point for a tie would make no cell right, and the baseline less than it is. Where none
    is mentioned it is right by chance.
    """
    verdicts = []
    for item in items:
        looked = seen(item.content)
        scores = RULES[rule](looked)
        tied = [n for n, score in enumerate(scores) if score == max(scores)]
        said = min(tied, key=lambda n: looked.places[n] or (len(item.content.story),))
        right = float(item.content.options[said] == item.target)
        verdicts.append(supposed(item, right if any(looked.places) else 1 / len(looked.options)))
    return verdicts


def _majorities(items: Sequence[Item]) -> Mapping[str, str]:
    """One answer to all questions of a set: that which is right most often in it."""
    counts: dict[str, Counter[str]] = {}
    for item in items:
        counts.setdefault(item.cluster, Counter())[str(item.target)] += 1
    return {cluster: counted.most_common(1)[0][0] for cluster, counted in counts.items()}


def _verdicts(items: Sequence[Item], said: Callable[[Item], str | None]) -> list[Verdict]:
    """How a shortcut answers the items that it says anything of."""
    answers = ((item, said(item)) for item in items)
    return [
        supposed(item, float(answer == item.target))
        for item, answer in answers
        if answer is not None
    ]


def _measured(verdicts: Sequence[Verdict]) -> dict[str, Metric]:
    paired = mean(v for v in verdicts if v.paired)
    return ({"accuracy": paired} if paired else {}) | unit_metrics(verdicts)
