"""How much of a score is the wording: paraphrases and templates crossed with the items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tombench.schema import Metric, Record
from tombench.statistics.anova import Effect, Spread, components, mean_squares, spread

FACTORS = ("paraphrase", "template")
"""The factors of a wording, as `condition` of a record names them."""


@dataclass(frozen=True)
class VarianceComponents:
    """Variances of one answer's score, by where they come from; items and wordings random.

    None: the design does not tell (a factor has one level, or a cell one answer).
    """

    item: float
    paraphrase: float | None
    template: float | None
    paraphrase_by_template: float | None
    item_by_wording: float | None  # of all its parts; None: within `residual`
    residual: float  # the sampling of repetitions
    negative: tuple[str, ...]  # estimated below 0, set to 0


@dataclass(frozen=True)
class WordingVariance:
    """What wording does to the accuracy of one run."""

    components: VarianceComponents
    spreads: Mapping[str, Spread]  # "paraphrase", "template", "all": of mean accuracies
    items: int
    wordings: int
    repetitions: int  # answers a cell
    left_out: tuple[str, ...]  # items that lack a wording

    @property
    def answers(self) -> int:
        return self.items * self.wordings * self.repetitions


def wording_variance(records: Sequence[Record]) -> WordingVariance | None:
    """Variance components of the score, and how far wordings lie apart in accuracy.

    Factors are the item (a record's cluster), and `paraphrase` and `template` of its condition;
    several items of a cluster and wording count as its repetitions. Where cells are unequally
    full, as many answers are taken of each as the least full has. None where neither factor has
    two levels, or fewer than two items stand in every wording.
    """
    levels = [sorted({_level(record, factor) for record in records}) for factor in FACTORS]
    if max(map(len, levels)) < 2:
        return None
    cells: dict[tuple[str, str, str], list[tuple[str, int, float]]] = {}
    for record in records:
        wording = (_level(record, factor) for factor in FACTORS)
        cells.setdefault((record.cluster, *wording), []).append(
            (record.item, record.repetition, record.score.value)
        )
    pairs = [(paraphrase, template) for paraphrase in levels[0] for template in levels[1]]
    names = sorted({cell[0] for cell in cells})
    items = [name for name in names if all((name, *pair) in cells for pair in pairs)]
    if len(items) < 2:
        return None
    each = min(len(cells[item, *pair]) for item in items for pair in pairs)
    values = np.array(
        [[[row[-1] for row in sorted(cells[i, *pair])[:each]] for pair in pairs] for i in items]
    ).reshape(len(items), len(levels[0]), len(levels[1]), each)
    left_out = tuple(name for name in names if name not in set(items))
    return WordingVariance(
        _components(values), _spreads(values), len(items), len(pairs), each, left_out
    )


def wording_metrics(found: WordingVariance | None) -> dict[str, Metric]:
    """`prompt_sd/paraphrase`, `prompt_sd/template`, `prompt_sd/all`, `prompt_range`; {} where
    there is one wording.

    Standard deviation, and highest less lowest, of the wordings' mean accuracies, net of the noise
    of items and repetitions (`anova.spread`); intervals are over items, the wordings as they are.
    """
    if found is None:
        return {}
    sizes = found.answers, found.items
    metrics = {
        f"prompt_sd/{name}": Metric(each.sd, each.low, each.high, *sizes)
        for name, each in found.spreads.items()
    }
    whole = found.spreads["all"]
    return metrics | {
        "prompt_range": Metric(whole.range, whole.range_low, whole.range_high, *sizes)
    }


def _level(record: Record, factor: str) -> str:
    return record.condition.get(factor, "")


_ITEM, _PARAPHRASE, _TEMPLATE = (frozenset({axis}) for axis in range(3))


def _components(values: np.ndarray) -> VarianceComponents:
    """Of scores [items, paraphrases, templates, repetitions]."""
    squares = mean_squares(values)
    found = components(squares)
    whole = frozenset().union(*squares.effects)
    names: dict[Effect, str] = {
        _ITEM: "item",
        _PARAPHRASE: "paraphrase",
        _TEMPLATE: "template",
        _PARAPHRASE | _TEMPLATE: "paraphrase_by_template",
        _ITEM | _PARAPHRASE: "item × paraphrase",
        _ITEM | _TEMPLATE: "item × template",
        _ITEM | _PARAPHRASE | _TEMPLATE: "item × paraphrase × template",
    }
    negative = tuple(names[effect] for effect, value in found.items() if value < 0)
    clipped = {effect: max(0.0, value) for effect, value in found.items()}
    parts = [value for effect, value in clipped.items() if "×" in names[effect]]
    return VarianceComponents(
        item=clipped[_ITEM],
        paraphrase=clipped.get(_PARAPHRASE),
        template=clipped.get(_TEMPLATE),
        paraphrase_by_template=clipped.get(_PARAPHRASE | _TEMPLATE),
        item_by_wording=sum(parts) if parts else None,
        residual=squares.effects[whole] if squares.within is None else squares.within,
        negative=negative,
    )


def _spreads(values: np.ndarray) -> dict[str, Spread]:
    """Of the levels of each factor that has two or more, and of all wordings."""
    items, paraphrases, templates, _ = values.shape
    cells = values.mean(axis=-1)
    found = {}
    if paraphrases > 1:
        found["paraphrase"] = spread(cells.mean(axis=2))
    if templates > 1:
        found["template"] = spread(cells.mean(axis=1))
    return found | {"all": spread(cells.reshape(items, paraphrases * templates))}
