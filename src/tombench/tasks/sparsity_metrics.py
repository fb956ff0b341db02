"""What a run of task=sparsity comes to: the unmasked model, every m, effects and their null."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tombench.metrics import share_of
from tombench.schema import Item, Metric, Record
from tombench.scorers.yes_no import UNPARSED
from tombench.tasks.base import Metrics
from tombench.tasks.sparsity_answers import answers_of, condition_of, measure_of
from tombench.tasks.sparsity_conditions import Condition, level
from tombench.tasks.sparsity_effects import UNMASKED, effect_rows, effects_of
from tombench.tasks.sparsity_null import HeadlineRow, headline_rows, null_rows
from tombench.tasks.sparsity_perplexity import Windows, perplexity, study_perplexity, windows_of
from tombench.tasks.sparsity_study import study_rows
from tombench.tasks.sparsity_verdict import verdicts
from tombench.tasks.story_metrics import grouped, measure
from tombench.tasks.story_units import unit_metrics, verdict

TASKS, PERPLEXITY = "tasks", "perplexity"
QUESTIONS = ("reality", "memory", "specificity_reality")
"""Measures that have an accuracy of their own beside the units of stories."""


def sparsity_metrics(
    records: Sequence[Record],
    items: Mapping[str, Item],
    model: str,
    shares: Sequence[float],
    points: Sequence[float],
) -> Metrics:
    """Values with intervals from all records, in any order.

    `metrics` are of the unmasked model, `effect/…` and `as_harmful/…` of the headline; groups `m`
    of the studied masks, `mask` of all kinds at the last point, others of the unmasked model; the
    top-level key `sparsity` holds the rows that tables and figures are made of.

    Args:
        items: by id without what names the mask: the questions of tasks and specificity.
        model: its label in tables.
        shares: of the sweep, 0 among them.
        points: shares at which masks with seeds were run.
    """
    run = _Run(records, items)
    points = [float(level(m)) for m in points]  # as records have them
    effects = effects_of(answers_of(records), run.windows)
    headline = headline_rows(effects, points)
    whole = run.unmasked | _headline_metrics(headline)
    groups: dict[str, Mapping[str, Mapping[str, Metric]]] = {"model": {model: whole}}
    if run.stories:
        groups |= grouped(run.stories, items)
    groups |= {"m": run.by_m(), "mask": run.by_mask(points[-1]) if points else {}}
    perplexities = {
        level(condition.share): study_perplexity(own)
        for condition, own in run.windows.items()
        if condition.sweep
    }
    rows = {
        "grid": [level(m) for m in shares],
        "points": [level(m) for m in points],
        "study": [row.columns for row in study_rows(records, perplexities)],
        "effects": effect_rows(effects),
        "null": null_rows(effects, points),
        "headline": headline,
        "verdict": verdicts(headline, whole.get("false_belief_accuracy")),
    }
    return Metrics(whole, {k: v for k, v in groups.items() if v}, {"sparsity": rows})


@dataclass(frozen=True, eq=False)
class _Run:
    """A run's records by mask."""

    records: Sequence[Record]
    items: Mapping[str, Item]

    @cached_property
    def by_condition(self) -> Mapping[Condition, list[Record]]:
        found: dict[Condition, list[Record]] = {}
        for record in self.records:
            found.setdefault(condition_of(record), []).append(record)
        return found

    @cached_property
    def windows(self) -> dict[Condition, Windows]:
        """The text's windows, by mask."""
        texts = [r for r in self.records if r.condition["part"] == PERPLEXITY]
        found = {condition_of(record): windows_of(record) for record in texts}
        return {condition: own for condition, own in found.items() if own}

    @cached_property
    def stories(self) -> list[Record]:
        """Answers to the tasks by the unmasked model, their items named as the tasks name them."""
        own = self.by_condition.get(UNMASKED, [])
        return [
            replace(record, item=record.item.partition("/")[2])
            for record in own
            if record.condition["part"] == TASKS
        ]

    @property
    def unmasked(self) -> dict[str, Metric]:
        """As a run of these stories comes to, with what else was asked."""
        found = measure(self.stories, self.items) if self.stories else {}
        found |= _beside(self.by_condition.get(UNMASKED, ()))
        return found | self._perplexity(UNMASKED)

    def by_m(self) -> dict[str, dict[str, Metric]]:
        """The studied masks, m rising."""
        swept = sorted((c for c in self.by_condition if c.sweep), key=lambda c: c.share)
        return {
            level(condition.share): self._measured([condition]) | self._perplexity(condition)
            for condition in swept
        }

    def by_mask(self, point: float) -> dict[str, dict[str, Metric]]:
        """Every kind of mask at one m, its seeds together; none beside them."""
        kinds: dict[str, list[Condition]] = {}
        for condition in self.by_condition:
            if condition == UNMASKED or level(condition.share) == level(point):
                kinds.setdefault(condition.kind, []).append(condition)
        return {kind: self._measured(own) for kind, own in kinds.items()}

    def _measured(self, conditions: Sequence[Condition]) -> dict[str, Metric]:
        """Of one mask, or of several seeds' together: stories of different seeds are apart."""
        records = [
            (condition.seed or 0, record)
            for condition in conditions
            for record in self.by_condition[condition]
        ]
        stories = [(s, r) for s, r in records if r.condition["part"] == TASKS]
        forced = [(s, r) for s, r in stories if r.repetition == 0]
        drawn = [r for _, r in stories if r.repetition > 0]
        found = unit_metrics([replace(verdict(r), repetition=s) for s, r in forced])
        if forced:
            found["accuracy"] = share_of((r for _, r in forced), _value)
        found |= _beside([r for _, r in records])
        if drawn:
            units = unit_metrics([verdict(record) for record in drawn])
            found |= {f"first_word/{name}": metric for name, metric in units.items()}
            found["first_word_accuracy"] = share_of(drawn, _value)
            found[UNPARSED] = share_of(drawn, lambda r: r.score.answer == UNPARSED)
        return found

    def _perplexity(self, condition: Condition) -> dict[str, Metric]:
        own = self.windows.get(condition)
        return {PERPLEXITY: perplexity(own)} if own else {}


def _value(record: Record) -> float:
    return record.score.value


def _beside(records: Iterable[Record]) -> dict[str, Metric]:
    """Accuracy of questions that are no unit's, and of further tasks: forced choices."""
    parted: dict[str, list[Record]] = {}
    for record in records:
        if record.repetition == 0:
            name = str(measure_of(record.condition))
            if name in QUESTIONS or name.startswith("further/"):
                parted.setdefault(name, []).append(record)
    return {name: share_of(own, _value) for name, own in sorted(parted.items())}


def _headline_metrics(rows: Sequence[HeadlineRow]) -> dict[str, Metric]:
    """effect/false_belief_accuracy, as_harmful/random/false_belief_accuracy, …"""
    found: dict[str, Metric] = {}
    for row in rows:
        name = f"{row.measure}_{row.scale}"
        found[f"effect/{name}"] = row.effect
        for kind, null in row.nulls.items():
            found[f"as_harmful/{kind}/{name}"] = null.as_harmful
    return found
