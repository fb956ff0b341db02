"""What masks do: masked less unmasked, item by item, with intervals over tasks and stories.

A *measure* is a kind of question (or the text that perplexity is of), a *scale* how its answers
count. `selective` is the effect on false beliefs less that on the controls. All measures are drawn
by the same resamples of clusters, so that their differences and means have joint intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tombench.schema import Metric
from tombench.statistics.cluster_bootstrap import FEWEST, percentile_interval, ratios, resamples
from tombench.statistics.multiplicity import holm
from tombench.statistics.sign_flips import sign_flips
from tombench.tasks.sparsity_answers import SCALES, Answers, Scale
from tombench.tasks.sparsity_conditions import Condition, level
from tombench.tasks.sparsity_perplexity import Windows

UNMASKED = Condition("none")
SELECTIVE = "selective"
PERPLEXITY = "log_perplexity"
SWEPT = ("tom", "general")
"""Masks that have one for every m."""


@dataclass(frozen=True, eq=False)
class Effects:
    """The effects of all masks on one measure."""

    measure: str
    scale: Scale
    conditions: tuple[Condition, ...]  # masks, [k] below
    values: np.ndarray  # masked less unmasked, mean over items [k]
    draws: np.ndarray  # the same of every resample of clusters [draws, k]
    by_cluster: np.ndarray  # mean of each cluster, NaN where it has no such item [clusters, k]
    items: np.ndarray  # pairs [k]

    @property
    def harm(self) -> int:
        """The sign of an effect that makes a model worse."""
        return 1 if self.measure == PERPLEXITY else -1

    def value(self, condition: Condition) -> float | None:
        """A mask's effect; None where it was not run."""
        place = self._places.get(condition)
        return None if place is None else float(self.values[place])

    def mean_over(self, conditions: Sequence[Condition]) -> Metric | None:
        """The mean of several masks' effects with its joint interval; None: one was not run.

        None too of fewer than two clusters, of which no interval is known.
        """
        places = [self._places.get(condition) for condition in conditions]
        clusters = int((~np.isnan(self.by_cluster)).any(axis=1).sum())
        if not places or None in places or clusters < FEWEST:
            return None
        low, high = percentile_interval(self.draws[:, places].mean(axis=1))
        value = float(self.values[places].mean())
        items = int(self.items[places].min())
        return Metric(value, float(low), float(high), items, clusters)

    @property
    def _places(self) -> Mapping[Condition, int]:
        return {condition: place for place, condition in enumerate(self.conditions)}


@dataclass(frozen=True)
class EffectRow:
    """A swept mask's effect on one measure at one m."""

    mask: str
    m: str
    measure: str
    scale: Scale
    value: float
    low: float | None  # 95 % interval over clusters; None of fewer than two
    high: float | None
    n: int  # items, or windows, that are paired
    clusters: int
    p: float  # two-sided, by flipping the signs of clusters' means
    p_holm: float = 1.0  # over the sweep's m


def effects_of(answers: Answers, texts: Mapping[Condition, Windows]) -> list[Effects]:
    """Of every measure on both scales, `selective` after them, then the text's log-perplexity."""
    found: dict[tuple[str, Scale], Effects] = {}
    if (base := answers.place(UNMASKED)) is not None:
        weights = resamples(answers.strata)
        masks = [n for n, condition in enumerate(answers.conditions) if condition != UNMASKED]
        for scale in SCALES:
            values = answers.values[scale]
            changes = values[masks] - values[base]  # [k, items]
            for name, members in answers.measures.items():
                made = _effects(answers, masks, changes, members, weights)
                found[name, scale] = replace(made, measure=name, scale=scale)
            if ("false_belief", scale) in found and ("controls", scale) in found:
                both = found["false_belief", scale], found["controls", scale]
                found[SELECTIVE, scale] = _difference(*both)
    kept = [made for made in found.values() if not np.isnan(made.values).all()]
    return kept + _of_text(texts)


def effect_rows(effects: Sequence[Effects]) -> list[EffectRow]:
    """Each measure's effects under the swept masks, m rising; p-values adjusted over m."""
    return [row for one in effects for mask in SWEPT for row in _swept(one, mask)]


def _effects(
    answers: Answers,
    masks: Sequence[int],
    changes: np.ndarray,
    members: np.ndarray,
    weights: np.ndarray,
) -> Effects:
    """Of one measure, whose items are `members`."""
    own = changes[:, members]
    belongs = np.zeros((members.sum(), len(answers.strata)))
    belongs[np.arange(len(belongs)), answers.clusters[members]] = 1
    sums = (np.nan_to_num(own) @ belongs).T  # [clusters, k]
    counts = ((~np.isnan(own)).astype(float) @ belongs).T
    conditions = tuple(answers.conditions[place] for place in masks)
    return _ratio(conditions, sums, counts, weights)


def _of_text(texts: Mapping[Condition, Windows]) -> list[Effects]:
    """Of the text: nats a prediction, its windows the clusters."""
    base = texts.get(UNMASKED)
    same = {
        condition: own
        for condition, own in texts.items()
        if condition != UNMASKED and base and np.array_equal(own.predictions, base.predictions)
    }
    if base is None or not same:
        return []
    sums = np.stack([own.nats - base.nats for own in same.values()], axis=1)
    counts = np.repeat(base.predictions[:, None], len(same), axis=1)
    made = _ratio(tuple(same), sums, counts, resamples(np.zeros(len(base.nats), dtype=int)))
    return [replace(made, items=np.full(len(same), len(base.nats)))]


def _ratio(
    conditions: tuple[Condition, ...], sums: np.ndarray, counts: np.ndarray, weights: np.ndarray
) -> Effects:
    """Σ sums / Σ counts over clusters [clusters, k], named as the text's."""
    whole = np.ones((1, len(sums)))
    each = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return Effects(
        PERPLEXITY,
        "nats",
        conditions,
        ratios(sums, counts, whole)[0],
        ratios(sums, counts, weights),
        each,
        counts.sum(axis=0).astype(int),
    )


def _difference(first: Effects, second: Effects) -> Effects:
    """Effects on false beliefs less those on controls; clusters that have both are tested."""
    return Effects(
        SELECTIVE,
        first.scale,
        first.conditions,
        first.values - second.values,
        first.draws - second.draws,
        first.by_cluster - second.by_cluster,
        first.items + second.items,
    )


def _swept(effects: Effects, mask: str) -> list[EffectRow]:
    own = [
        (condition.share, place)
        for place, condition in enumerate(effects.conditions)
        if condition.kind == mask and not np.isnan(effects.values[place])
    ]
    if not own:
        return []
    places = [place for _, place in sorted(own)]
    tests = sign_flips(effects.by_cluster[:, places])
    lows, highs = percentile_interval(effects.draws[:, places])
    adjusted = holm(tests)
    rows = []
    for number, place in enumerate(places):
        clusters = int((~np.isnan(effects.by_cluster[:, place])).sum())
        known = clusters >= FEWEST
        rows.append(
            EffectRow(
                mask,
                level(effects.conditions[place].share),
                effects.measure,
                effects.scale,
                float(effects.values[place]),
                float(lows[number]) if known else None,
                float(highs[number]) if known else None,
                int(effects.items[place]),
                clusters,
                float(tests[number]),
                adjusted[number],
            )
        )
    return rows
