"""From a run's records back to episodes and to what was inferred from them."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from tombench.planning.episode import Episode
from tombench.planning.inference import Inference, StepEvidence, paths, sigmoid
from tombench.schema import Record

LEAST_STEPS, MOST_STEPS = 3, 9
"""How many decisions a picture needs to tell something, and has room for."""
TOLERANCE = 0.01
"""Nats a step: how far a record's evidence, told in three digits, may be from its log odds."""

_NUMBER = r"(-?\d+(?:\.\d+)?|-inf)"
_STEP = re.compile(
    rf"^(?P<action>.+): log p {_NUMBER} if \(a\), {_NUMBER} if \(b\); P\(a\) [\d.]+$"
)


def evidence_in(record: Record) -> list[StepEvidence]:
    """What a record tells step by step, the events not known (-1); [] where it tells none."""
    found = [_STEP.match(line) for line in record.response.split("\n")]
    steps = [match for match in found if match]
    if len(steps) != len(found):
        return []
    return [StepEvidence(-1, one["action"], (float(one[2]), float(one[3]))) for one in steps]


def inference_in(record: Record, episode: Episode, policy: Mapping[str, Any]) -> Inference | None:
    """The inference that a record tells of an episode.

    Args:
        policy: of the run's identity.

    None: it tells no steps, or others than the episode has, or they do not add up to its odds.
    """
    told, known = evidence_in(record), paths(episode)
    kept = known.a[-1:] if policy.get("decision") == "last_step" else known.a
    if not told or [one.action for one in told] != [one.action.text for one in kept]:
        return None
    steps = [
        StepEvidence(decision.event, one.action, one.log_likelihoods)
        for decision, one in zip(kept, told, strict=True)
    ]
    found = Inference(policy.get("prior_a", 0.5), tuple(steps))
    odds = record.log_probs.get(f"log_odds/{policy.get('name')}")
    adds_up = odds is not None and abs(found.log_odds - odds) <= TOLERANCE * len(steps)
    return found if adds_up else None


def telling(records: Sequence[Record], prior_a: float) -> list[Record]:
    """Records that can be drawn, those whose P(a) moves most over their steps first.

    Right answers before wrong ones; ties by the item's id.
    """
    steps = {record.id: evidence_in(record) for record in records}
    drawn = [r for r in records if LEAST_STEPS <= len(steps[r.id]) <= MOST_STEPS]
    return sorted(
        drawn,
        key=lambda r: (r.score.value < 1, -round(_moved(steps[r.id], prior_a), 3), r.item),
    )


def episode_of(task: Mapping[str, Any], record: Record) -> Episode:
    """The episode of a record, from the configuration of its run's task. Raises as `episodes_of`.

    Raises:
        KeyError: there is no such item.
    """
    world = record.condition.get("theme")
    found = {episode.id: episode for episode in episodes_of(task, world)}
    return found[record.item]


def episodes_of(task: Mapping[str, Any], world: str | None = None) -> Sequence[Episode]:
    """All episodes of a task, read or generated again; of generated ones those of one world.

    Raises:
        UserError: the file of its questions is gone, or is no such file any more.
    """
    if task.get("data"):  # what reads and what generates is loaded where it is needed alone
        from tombench.planning.reading.files import read_episodes

        near = task.get("closeness")
        return read_episodes(Path(task["data"]).expanduser(), near and Path(near).expanduser())
    from tombench.household.suite import HouseholdSuite

    controls = task["suite"] == "graded_controls"
    themes = [task["theme"]] if isinstance(task["theme"], str) else task["theme"]
    return [
        episode
        for theme in dict.fromkeys(themes)
        if world in (None, theme)
        for episode in HouseholdSuite(
            task["suite_seed"], task["per_type"], theme, controls
        ).episodes()
    ]


def _moved(steps: Sequence[StepEvidence], prior_a: float) -> float:
    """How far P(a) goes up and down, in all."""
    over_time = Inference(prior_a, tuple(steps)).over_time
    found = [sigmoid(odds) for odds in over_time]
    return sum(abs(after - before) for before, after in pairwise(found))
