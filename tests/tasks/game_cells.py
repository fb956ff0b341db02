"""Records of task=games by hand, exact and drawn."""

import math
from collections.abc import Sequence

from tombench.schema import Item, Record, Score
from tombench.scorers.yes_no import UNPARSED
from tombench.tasks.games import Games
from tombench.tasks.games_scoring import LEAST


def items(**changes: object) -> dict[str, Item]:
    """By id, of the task with these fields."""
    return {item.id: item for item in Games(**changes).items()}


def exact(item: Item, cooperate: float, defect: float) -> Record:
    """A cell's probabilities; what is left to 1 is invalid."""
    chances = {"C": cooperate, "D": defect, "invalid": 1 - cooperate - defect}
    logs = {name: math.log(max(LEAST, chance)) for name, chance in chances.items()}
    score = Score(cooperate / (cooperate + defect), "C" if cooperate > defect else "D", "")
    return _record(item, 0, score, logs)


def drawn(item: Item, answers: Sequence[str]) -> list[Record]:
    """A record an answer: C, D or another, which says nothing."""
    return [
        _record(
            item,
            number,
            Score(float(answer == "C"), answer if answer in ("C", "D") else UNPARSED, ""),
            {},
        )
        for number, answer in enumerate(answers, start=1)
    ]


def _record(item: Item, repetition: int, score: Score, logs: dict[str, float]) -> Record:
    return Record(
        id=f"{item.id}/{repetition:02d}",
        item=item.id,
        repetition=repetition,
        cluster=item.cluster,
        condition=item.condition,
        prompt="",
        response="",
        target=None,
        score=score,
        log_probs=logs,
    )
