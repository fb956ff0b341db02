"""Which fields each suite of `task=vignettes` reads, and what its study does where none is set."""

from collections.abc import Mapping
from typing import Any

from tombench.schema import Sampling
from tombench.tasks.scenario_suite import ScenarioSuite

PROMPTED = "generated.prompted"
"""What suite=generated reads where its switch `prompted` is on."""
_STORIES = (
    *("sets", "story_seed", "commitment", "words", "wordings", "form", "questions", "alterations"),
    *("repetitions", "prompted"),
)
READS: Mapping[str, tuple[str, ...]] = {
    "scenarios": (
        *("data", "family", "repetitions", "paraphrases", "templates", "answers", "hand_counts"),
    ),
    "generated": (*_STORIES, "header"),
    PROMPTED: (*_STORIES, "family"),
    "false_belief": ("data", "as_published", "form", "repetitions"),
}
"""The fields that each suite reads, of those that not all do."""
READ_WITH: Mapping[str, frozenset[str]] = {
    suite: frozenset(f"task.{name}" for name in names)
    | ({"prompting"} if suite in ("scenarios", PROMPTED) else set())
    for suite, names in READS.items()
}
"""The same as words of the command, with the group that not all suites read."""
REPETITIONS = {"scenarios": 20, "generated": 0, PROMPTED: 0, "false_belief": 5}
SAMPLING = {
    "scenarios": ScenarioSuite.sampling,
    "generated": Sampling(0.0, 0, 1.0, 5),
    PROMPTED: ScenarioSuite.sampling,
    "false_belief": Sampling(0.6, 0, 0.9, 5),  # the study's
}


def not_read(suite: str) -> frozenset[str]:
    """Fields that cannot change what a run of the suite comes to.

    A commitment stands for the seed; digests of files for `answers` and `hand_counts`. What is
    as ever where `suite` and `prompted` have their first value is not told.
    """
    own = {*READS[suite]} - {"answers", "hand_counts", "story_seed"}
    first = {"scenarios": {"suite"}, "generated": {"prompted"}}.get(suite, set())
    return frozenset({name for names in READS.values() for name in names} - own | first)


def several(value: Any) -> Any:
    """One name stands for a list of one; a name twice is a name once."""
    names = [value] if isinstance(value, str) else value
    if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
        return tuple(dict.fromkeys(names))
    return value
