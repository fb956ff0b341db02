"""What a judge said of one text, and the records that this comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tombench.schema import (
    GenerateResponse,
    Item,
    LikelihoodResponse,
    Record,
    Response,
    Score,
)
from tombench.scorers.yes_no import UNPARSED
from tombench.tasks.judge_prompt import OPTIONS, read_reply
from tombench.tasks.yes_no import log_probs_by_answer


@dataclass(frozen=True)
class Reply:
    """What the judge said of one text."""

    prompt: str
    verdict: str | None  # one of OPTIONS; None: it cannot be read
    text: str = ""
    log_probs: Mapping[str, float] = field(default_factory=dict)
    tokens: int = 0
    error: str | None = None


def read_responses(responses: Sequence[Response]) -> Reply:
    """By log-probabilities where there are any, else by the reply's first word."""
    choice = next((r for r in responses if isinstance(r, LikelihoodResponse)), None)
    drawn = next((r for r in responses if isinstance(r, GenerateResponse)), None)
    sample = drawn.samples[0] if drawn and drawn.samples else None
    text, tokens = (sample.text, sample.tokens) if sample else ("", 0)
    if choice and not choice.error:
        log_probs = log_probs_by_answer(choice, OPTIONS)
        best = [name for name in OPTIONS if log_probs[name] == max(log_probs.values())]
        verdict = best[0] if len(best) == 1 else None
        return Reply(choice.prompt, verdict, text, log_probs, tokens)
    if sample:
        return Reply(drawn.prompt, read_reply(text), text, tokens=tokens)
    failed = drawn or choice
    return Reply(failed.prompt, None, error=failed.error or "no reply")


def judged_record(item: Item, judged: Record, reply: Reply) -> Record:
    """The judged answer's record with the judge's verdict in the rules' place."""
    first = judged.id == item.id
    return Record(
        id=judged.id,
        item=item.id,
        repetition=judged.repetition,
        cluster=judged.cluster,
        condition=judged.condition,
        prompt=reply.prompt,
        response=reply.text,
        target=judged.target,
        score=_score(judged, reply),
        log_probs=reply.log_probs,
        tokens=reply.tokens if first else 0,  # like answers were judged once
        error=reply.error,
    )


def _score(judged: Record, reply: Reply) -> Score:
    if reply.error:
        return Score(0.0, UNPARSED, "the judge was not asked: see error", "error")
    beside = f"the rules read {judged.score.answer} ({judged.score.reason})"
    if reply.verdict is None:
        reason = f"the judge says none of {', '.join(OPTIONS)}; {beside}"
        return Score(0.0, UNPARSED, reason, UNPARSED, needs_review=True)
    answer = UNPARSED if reply.verdict == "neither" else reply.verdict
    category = UNPARSED if answer == UNPARSED else "answered"
    reason = f"judged {reply.verdict}; {beside}"
    return Score(float(answer == judged.target), answer, reason, category)
