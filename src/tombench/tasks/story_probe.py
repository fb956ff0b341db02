"""What a training on stories has come to, measured while it goes on: contrast sets that differ in
what is new in them: nothing but the story, its words, its wordings."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from tombench.prompts import Prompting
from tombench.schema import Record, Sampling
from tombench.stories.suite import Suite
from tombench.tasks.base import Setting
from tombench.tasks.story_metrics import measure
from tombench.tasks.story_suite import StorySuite

SETS = 24
"""Contrast sets a split, half of each paradigm."""
SPLITS: Mapping[str, dict[str, str]] = {
    "training words": {"words": "training", "wordings": "training"},
    "held-out words": {"words": "held_out", "wordings": "training"},
    "held-out wordings": {"words": "training", "wordings": "held_out"},
}
QUESTIONS = ("reality", "memory", "belief", "action")
SHOWN = {
    "pairs": "pair_accuracy",
    "whole sets": "contrast_set_accuracy",
    "false belief": "false_belief_accuracy",
    "true belief": "true_belief_accuracy",
}
BATCH_TOKENS = 16_384
SETTING = Setting(Prompting("base", False, False), Sampling(0.0, 0, 1.0, 1), 0, "probe")


def probe(model: Any, tokenizer: Any) -> dict[str, float]:
    """Shares right by forced choice, as "split/measure" and "split/cell"; a few seconds.

    Their seeds are not those of any suite that is evaluated by default.
    """
    from tombench.backends.hf.server import HfServer
    from tombench.models.encoding import Encoding
    from tombench.models.load import Loaded

    server = HfServer(Loaded(model, Encoding(tokenizer, None)), BATCH_TOKENS)
    found = {}
    for split in SPLITS:
        found |= {f"{split}/{name}": value for name, value in _measured(server, split).items()}
    return found


@cache
def _suite(split: str) -> StorySuite:
    suite = Suite("probe", SETS, questions=QUESTIONS, alterations=False, **SPLITS[split])
    return StorySuite(suite.items, SETTING.sampling, 0)


def _measured(server: Any, split: str) -> dict[str, float]:
    suite = _suite(split)
    items = suite.items()
    requests = [suite.requests(item, SETTING) for item in items]
    answers = server.loglikelihood([request for own in requests for request in own])
    records = [
        record
        for item, own, answer in zip(items, requests, answers, strict=True)
        for record in suite.score(item, own, [answer])
    ]
    by_id = {item.id: item for item in items}
    whole = measure(records, by_id)
    found = {name: whole[metric].value for name, metric in SHOWN.items()}
    return found | _shares(records)


def _shares(records: list[Record]) -> dict[str, float]:
    """Right answers about reality and memory, and about belief by cell."""
    values: dict[str, list[float]] = {}
    for record in records:
        asked = record.condition["question_type"]
        belief = asked == ("action" if record.condition["paradigm"] == "transfer" else "belief")
        name = record.condition["cell"].replace("_", " ") if belief else asked
        if belief or asked in ("reality", "memory"):
            values.setdefault(f"cell {name}" if belief else name, []).append(record.score.value)
    return {name: sum(own) / len(own) for name, own in values.items()}
