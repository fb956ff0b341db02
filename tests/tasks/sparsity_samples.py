"""Records of runs under masks, as task=sparsity writes them."""

from collections.abc import Mapping

from tombench.schema import Record, Score
from tombench.tasks.sparsity_conditions import Condition

BASE = Condition("none")


def tom(m: float) -> Condition:
    return Condition("tom", m)


def record(
    condition: Condition, item: str, about: Mapping[str, str], value: float, repetition: int = 0
) -> Record:
    """Right by `value`: of a forced choice its margin in nats, of a drawn answer 1 or 0."""
    right = value if repetition else float(value > 0) if value else 0.5
    log_probs = {} if repetition else {"box": -2.0, "bag": -2.0 - value}
    return Record(
        id=f"{condition.prefix}/{item}/{repetition:02d}",
        item=f"{condition.prefix}/{item}",
        repetition=repetition,
        cluster=item.split("/")[0],
        condition={**condition.factors, **about},
        prompt="",
        response="",
        target="box",
        score=Score(right, "box" if right == 1 else "bag", ""),
        log_probs=log_probs,
    )


def question(
    condition: Condition,
    task: int,
    kind: str,
    value: float,
    *,
    cell: str = "false_belief",
    repetition: int = 0,
    paradigm: str = "contents",
) -> Record:
    """A question of a task, in its original variant."""
    about = {"part": "tasks", "suite": "false_belief", "paradigm": paradigm, "cell": cell}
    about |= {"variant": "original", "question_type": kind}
    item = f"{paradigm}-{task:02d}/{cell}.original/{kind}"
    return record(condition, item, about, value, repetition)


def memory(condition: Condition, story: int, value: float) -> Record:
    about = {"part": "specificity", "suite": "generated", "paradigm": "transfer"}
    about |= {"cell": "present", "variant": "original", "question_type": "memory"}
    return record(condition, f"story-{story}/present.original/memory", about, value)


def text(condition: Condition, *nats: float, window: int = 11, tail: int = 0) -> Record:
    """Windows of ten predictions each, by their negative log-likelihood."""
    told = {"part": "perplexity", **condition.factors, "window": str(window), "tail": str(tail)}
    return Record(
        id=f"{condition.prefix}/text/00",
        item=f"{condition.prefix}/text",
        repetition=0,
        cluster="text",
        condition=told,
        prompt="",
        response="",
        target=None,
        score=Score(0.0, "", "", "perplexity"),
        log_probs={str(number): -value for number, value in enumerate(nats)},
    )
