"""The files of an exported suite: items with what both oracles say, and a sheet for people."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from random import Random
from typing import Any

from tombench.schema import Item
from tombench.spreadsheet import csv_text
from tombench.stories.events import Plot
from tombench.stories.oracles import Oracles
from tombench.stories.suite import GENERATOR_VERSION, ContrastSet, Suite

SUITE, ANSWER_KEY, HUMAN_CHECK = "suite.jsonl", "answer_key.csv", "human_check.csv"
CHECKED = 120
"""Items on the sheet for people, about two hours' work."""


def canary(suite: Suite) -> str:
    """A GUID that no text holds but this suite's files: the first half of sha256 of what it is
    made from."""
    made = json.dumps({"generator": GENERATOR_VERSION, **asdict(suite)}, sort_keys=True)
    return str(uuid.UUID(bytes=hashlib.sha256(made.encode()).digest()[:16]))


def suite_lines(suite: Suite, items: Sequence[Item]) -> Iterator[str]:
    """A JSON object for each of the suite's items, a line each.

    Raises OracleDisagreement where the oracles differ about anybody's beliefs.
    """
    guid = canary(suite)
    stories = {story.id: story for story in map(suite.contrast_set, range(suite.sets))}
    told: dict[tuple[str, str, str], dict[str, Any]] = {}
    for item in items:
        where = item.cluster, item.condition["cell"], item.condition["variant"]
        if where not in told:
            told = {where: _told(stories[item.cluster], *where[1:])}  # a story's items are together
        yield json.dumps(_row(item) | told[where] | {"canary": guid}, ensure_ascii=False) + "\n"


def _row(item: Item) -> dict[str, Any]:
    asked, condition = item.content, item.condition
    factors = ("paradigm", "cell", "variant", "question_type")
    return {
        "id": item.id,
        "set": item.cluster,
        **{factor: condition[factor] for factor in factors},
        "story": asked.story,
        "ask": asked.ask,
        "prompt": asked.prompt,
        "options": list(asked.options),
        "answer": item.target,
        "reality": item.reality,
    }


def _told(story: ContrastSet, cell: str, variant: str) -> dict[str, Any]:
    """What happens in a story, and what everybody then believes."""
    plot = story.plot(cell, variant)
    return {
        "setting": asdict(plot.setting),
        "events": [{"event": type(event).__name__, **asdict(event)} for event in plot.events],
        "beliefs": beliefs(plot),
    }


def beliefs(plot: Plot) -> dict[str, dict[str, list[str]]]:
    """Agent -> subject -> the values that the agent holds possible at the end, by both oracles."""
    oracles = Oracles(plot)
    subjects = [variable.subject for variable in plot.setting.variables]
    return {
        agent.name: {s: sorted(oracles.believed((agent.name,), s)) for s in subjects}
        for agent in plot.setting.agents
    }


def drawn_for_people(items: Sequence[Item], seed: str) -> list[Item]:
    """Up to `CHECKED` items, as many of each cell and question as can be, in a random order."""
    rng = Random(f"{seed}/people")
    sorts: dict[tuple[str, ...], list[Item]] = {}
    for item in rng.sample(items, len(items)):
        condition = item.condition
        sort = (condition["paradigm"], condition["cell"], condition["question_type"])
        sorts.setdefault(sort, []).append(item)
    queues = [sorts[sort] for sort in sorted(sorts)]
    turns = max((len(queue) for queue in queues), default=0)
    in_turn = [queue[turn] for turn in range(turns) for queue in queues if turn < len(queue)]
    chosen = in_turn[:CHECKED]
    return rng.sample(chosen, len(chosen))


def human_check(items: Sequence[Item]) -> str:
    """The sheet: a row an item, with empty columns for an answer and a note, and no id of ours."""
    return csv_text(
        [
            {
                "number": number,
                "story": item.content.story,
                "question or beginning": item.content.ask,
                "options": " / ".join(item.content.options),
                "your answer": "",
                "note": "",
            }
            for number, item in enumerate(items, start=1)
        ]
    )


def answer_key(items: Sequence[Item]) -> str:
    """Which item each number of the sheet is, and its right answer."""
    return csv_text(
        [
            {"number": number, "id": item.id, "answer": item.target}
            for number, item in enumerate(items, start=1)
        ]
    )
