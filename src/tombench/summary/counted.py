"""Answers that were labelled by hand too: how far our reading of them is from such labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CountedScenario:
    """Right answers to one scenario in one cell."""

    scenario: str
    answers: int
    ours: float
    by_hand: float


@dataclass(frozen=True)
class HandCounts:
    """A cell whose answers were labelled by hand too, and how far its run is from such labels."""

    ours: float  # share right as read by rule
    by_hand: float
    cells: float  # mean absolute difference of the two over the run's cells
    cells_n: int
    scenarios: float  # of the number of right answers, over scenarios of cells
    scenarios_n: int
    by_scenario: tuple[CountedScenario, ...] = ()  # of this cell


def hand_counts_of(
    found: Mapping[str, Any] | None, model: str, prompting: str
) -> HandCounts | None:
    """Of one cell of a run of files of answers, as its metrics.json has them; None without."""
    cell = found and found["by_cell"].get(model, {}).get(prompting)
    if not cell:
        return None
    cells, scenarios = found["cells"], found["scenarios"]
    return HandCounts(
        cell["ours"],
        cell["by_hand"],
        cells["mean_absolute_difference"],
        cells["n"],
        scenarios["mean_absolute_difference"],
        scenarios["n"],
        tuple(
            CountedScenario(**row)
            for row in found.get("by_scenario", {}).get(model, {}).get(prompting, ())
        ),
    )
