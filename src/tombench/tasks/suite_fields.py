"""Which fields each suite of `task=vignettes` reads, and what its study does where none is set."""

from collections.abc import Mapping

from tombench.schema import Sampling
from tombench.tasks.scenario_suite import ScenarioSuite

READS: Mapping[str, tuple[str, ...]] = {
    "scenarios": (
        *("data", "family", "repetitions", "paraphrases", "templates", "answers", "hand_counts"),
    ),
    "generated": (
        *("sets", "story_seed", "commitment", "words", "wordings", "form", "questions"),
        *("alterations", "header", "repetitions"),
    ),
    "false_belief": ("data", "as_published", "form", "repetitions"),
}
"""The fields that each suite reads, of those that not all do."""
REPETITIONS = {"scenarios": 20, "generated": 0, "false_belief": 5}
SAMPLING = {
    "scenarios": ScenarioSuite.sampling,
    "generated": Sampling(0.0, 0, 1.0, 5),
    "false_belief": Sampling(0.6, 0, 0.9, 5),  # the study's
}
