"""The rows of planner tables: one a run, those on the same questions together."""

from collections.abc import Sequence
from dataclasses import dataclass

from tombench.schema import Metric
from tombench.summary.behind import behind_metric, behind_run
from tombench.summary.collect import EvaluatedRun
from tombench.summary.grid import Behind
from tombench.summary.planner import HOME, PUBLISHED, Planner
from tombench.summary.tables import differing


@dataclass(frozen=True)
class PlannerRow:
    """A policy on some questions."""

    policy: str  # with its model, and what else sets it apart on the same questions
    questions: str  # suite, and in what it differs from other runs of the suite
    run: EvaluatedRun
    planner: Planner

    def score(self, column: str) -> Metric | None:
        """Accuracy in a question type, else a metric of the whole run."""
        if column in self.planner.types:
            return self.planner.at("question_type", column, "accuracy")
        return self.run.metrics.get(column)

    def behind(self, column: str | None = None) -> Behind | None:
        """The records of a column's number, or of the whole run; None of a shortcut."""
        if column in self.planner.types:
            return behind_metric(self.run, "accuracy", "question_type", column)
        return behind_run(self.run) if column is None else behind_metric(self.run, column)

    @property
    def names(self) -> tuple[str, str]:
        """What the row is called."""
        return self.policy, self.questions

    @property
    def size(self) -> Metric:
        """A metric of all its questions: how many they are, and of how many episodes."""
        return self.run.metrics["accuracy"]


def planner_rows(runs: Sequence[EvaluatedRun]) -> list[PlannerRow]:
    """A row a run; runs of other tasks are left out."""
    own = [(run, run.planner) for run in runs if run.planner]
    labels = _questions([run for run, _ in own], [planner for _, planner in own])
    rows = []
    for label in dict.fromkeys(labels):
        same = [pair for pair, its in zip(own, labels, strict=True) if its == label]
        there = [run for run, _ in same]
        rows += [PlannerRow(_policy(r, p, there), label, r, p) for r, p in same]
    return rows


def parted(rows: Sequence[PlannerRow]) -> frozenset[int]:
    """Rows that begin other questions."""
    return frozenset(
        place for place in range(1, len(rows)) if rows[place].questions != rows[place - 1].questions
    )


def _policy(run: EvaluatedRun, planner: Planner, same: Sequence[EvaluatedRun]) -> str:
    """ "observer"; of a model that is asked, "lm: tiny", and what differs from other such runs."""
    name = planner.policy.replace("_", " ")
    name = name if run.model == planner.policy else f"{name}: {run.model}"
    alike = [other for other in same if other.planner and other.planner.policy == planner.policy]
    words = [word.removeprefix("policy.") for word in differing(run, alike)]
    return f"{name} ({', '.join(words)})" if words else name


def _questions(runs: Sequence[EvaluatedRun], planners: Sequence[Planner]) -> list[str]:
    """Of each run its suite, or its file, and what sets its questions apart from others."""
    heads = [
        _word(run, "data") if planner.suite == PUBLISHED else planner.suite.replace("_", " ")
        for run, planner in zip(runs, planners, strict=True)
    ]
    labels = []
    for run, planner, head in zip(runs, planners, heads, strict=True):
        same = [other for other, its in zip(runs, heads, strict=True) if its == head]
        words = [*_worlds(planner), *_differing_put(run, same)]
        words += ["with closeness"] if planner.closeness else []
        words += [] if run.limit is None else [f"first {run.limit} items"]
        labels.append(f"{head} ({', '.join(words)})" if words else head)
    digests = [_word(run, "data_sha256") for run in runs]
    pairs = set(zip(labels, digests, strict=True))
    several = {label for label in labels if sum(one == label for one, _ in pairs) > 1}
    return [
        f"{label}, data_sha256={digest}" if label in several else label
        for label, digest in zip(labels, digests, strict=True)
    ]


def _worlds(planner: Planner) -> list[str]:
    """ "outer space", "seven worlds"; home alone is not told."""
    names = planner.themes
    if names in ((), (HOME,)):
        return []
    return [names[0].replace("_", " ") if len(names) == 1 else f"{len(names)} worlds"]


def _differing_put(run: EvaluatedRun, same: Sequence[EvaluatedRun]) -> list[str]:
    """The words of how a run puts its items that not all others share, but for its worlds."""
    puts = [other.put.split(" ") for other in same]
    own = [word for word in run.put.split(" ") if not all(word in put for put in puts)]
    return [word for word in own if not word.startswith("theme=")]


def _word(run: EvaluatedRun, key: str) -> str:
    """What a run's variant says of `key`."""
    words = (word.partition("=") for word in run.variant.split(" "))
    return next((value for name, _, value in words if name == key), "")
