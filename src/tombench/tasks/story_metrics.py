"""What a run of a story suite comes to: the headline units, all answers, shortcuts beside them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal

from tombench.metrics import by_level, share_of
from tombench.schema import Item, Metric, Record
from tombench.scorers.yes_no import UNPARSED
from tombench.stories.alterations import ALTERATIONS
from tombench.tasks.answered import TIE
from tombench.tasks.shortcuts import baselines
from tombench.tasks.story_units import (
    FALSE_BELIEF,
    belief_given_controls,
    mean,
    unit_metrics,
    verdict,
)

Items = Mapping[str, Item]  # by id

UNITS = ("pair_accuracy", "cell_accuracy", "contrast_set_accuracy")
"""Those for which every shortcut's score stands among a run's metrics."""
FLIPS: Mapping[str, bool] = {
    name: altered.flips for named in ALTERATIONS.values() for name, altered in named.items()
}
"""Must an alteration change the answer of the false-belief story that it alters?"""
Reading = Literal["first_word", "free_text"]
"""How drawn answers are read, which their metrics are named after: `first_word/cell_accuracy`."""


def measure(
    records: Sequence[Record], items: Items, reading: Reading = "first_word"
) -> dict[str, Metric]:
    """All metrics of some of a run's records: forced choices, drawn answers, then shortcuts."""
    forced, drawn = _parted(records)
    found = _forced_metrics(forced, items) | _drawn_metrics(drawn, reading)
    found[UNPARSED] = share_of(drawn or forced, lambda r: r.score.answer == UNPARSED)
    found["errors"] = share_of(records, lambda r: r.error is not None)
    for name, scores in baselines(_asked(forced, items)).items():
        found |= {f"baseline/{name}": scores["accuracy"]} if "accuracy" in scores else {}
        found |= {f"baseline/{name}/{unit}": scores[unit] for unit in UNITS if unit in scores}
    return found


def grouped(
    records: Sequence[Record], items: Items, reading: Reading = "first_word"
) -> dict[str, Mapping[str, Mapping[str, Metric]]]:
    """The same by factor; of cells, variants and questions those of contrast sets alone."""
    whole = partial(measure, items=items, reading=reading)
    part = partial(_part, reading=reading)
    in_sets = [record for record in records if verdict(record).in_set]
    altered = [record for record in records if record.condition["cell"] in FLIPS]
    ironic = [record for record in records if record.condition["paradigm"] == "irony"]
    found = {
        "suite": by_level(records, _level("suite"), whole),
        "paradigm": by_level(records, _level("paradigm"), whole),
        "cell": by_level(in_sets, _level("cell"), part),
        "variant": by_level(in_sets, _level("variant"), part),
        "question_type": by_level(in_sets, _level("question_type"), part),
        "alteration": by_level(altered, _level("cell"), part),
        "must_flip": by_level(altered, _must_flip, part),
        "irony": by_level(ironic, _level("cell"), part),
        "baseline": baselines(_asked(_parted(records)[0], items)),
    }
    return {factor: levels for factor, levels in found.items() if levels}


def _forced_metrics(records: Sequence[Record], items: Items) -> dict[str, Metric]:
    """Of the forced choices: units first, then single answers. A tie is right as its part."""
    verdicts = [verdict(record) for record in records]
    found = unit_metrics(verdicts)
    if given := belief_given_controls(verdicts):
        found["belief_given_controls"] = given
    mistaken = [
        record
        for record, v in zip(records, verdicts, strict=True)
        if v.belief and v.cell == FALSE_BELIEF
    ]
    if mistaken:
        found["reality_bias"] = share_of(
            mistaken, lambda r: r.score.answer == items[r.item].reality
        )
    return found | {
        "accuracy": share_of(records, lambda r: r.score.value),
        "accuracy_strict": share_of(records, lambda r: r.score.value == 1),
        "ties": share_of(records, lambda r: r.score.answer == TIE),
    }


def _drawn_metrics(records: Sequence[Record], reading: Reading) -> dict[str, Metric]:
    """Of the drawn answers: units of each repetition, averaged, and single answers."""
    if not records:
        return {}
    units = unit_metrics([verdict(record) for record in records])
    single = {f"{reading}_accuracy": share_of(records, lambda r: r.score.value)}
    return single | {f"{reading}/{name}": metric for name, metric in units.items()}


def _part(records: Sequence[Record], reading: Reading) -> dict[str, Metric]:
    """Of the records at a level of a factor: their accuracy, and that of belief alone."""
    forced, drawn = _parted(records)
    found = {"accuracy": share_of(forced, lambda r: r.score.value)}
    verdicts = [verdict(record) for record in forced]
    if believed := mean(v for v in verdicts if v.belief):
        found["belief_accuracy"] = believed
    if (units := unit_metrics(verdicts)) and "cell_accuracy" in units:
        found["cell_accuracy"] = units["cell_accuracy"]
    return found | _drawn_metrics(drawn, reading)


def _parted(records: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """The forced choices, which are repetition 0, and the drawn answers."""
    forced = [record for record in records if record.repetition == 0]
    return forced, [record for record in records if record.repetition > 0]


def _asked(records: Sequence[Record], items: Items) -> list[Item]:
    return [items[record.item] for record in records]


def _level(factor: str) -> Callable[[Record], str]:
    return lambda record: record.condition[factor]


def _must_flip(record: Record) -> str:
    return "yes" if FLIPS[record.condition["cell"]] else "no"
