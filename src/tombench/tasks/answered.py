"""Records of answers to vignettes: of drawn text, and of the forced choice among options."""

from collections.abc import Callable, Mapping

from tombench.schema import (
    GenerateResponse,
    Item,
    LikelihoodResponse,
    Record,
    Sample,
    Score,
)
from tombench.scorers.choice import forced_choice
from tombench.scorers.yes_no import UNPARSED

Read = Callable[[Sample], Score]
"""How a drawn text is scored."""

TIE = "tie"
"""The answer of a forced choice in which several options are the most probable."""
NOT_ASKED = Score(0.0, UNPARSED, "the model was not asked: see error", "error")


def drawn_records(
    item: Item,
    response: GenerateResponse,
    numbers: range,
    read: Read,
    log_probs: Mapping[str, float],
) -> list[Record]:
    """A record for each sample of a response, or for each that should have been drawn.

    Args:
        numbers: the samples' repetitions.
    """
    nothing = Sample("", tokens=0, truncated=False)
    samples = response.samples or (nothing,) * len(numbers)
    scores = [read(sample) if response.samples else NOT_ASKED for sample in samples]
    return [
        drawn_record(item, number, response, sample, score, log_probs)
        for number, sample, score in zip(numbers, samples, scores, strict=False)
    ]


def drawn_record(
    item: Item,
    repetition: int,
    response: GenerateResponse,
    sample: Sample,
    score: Score,
    log_probs: Mapping[str, float],
) -> Record:
    """One answer in free text and its score."""
    return Record(
        id=f"{item.id}/{repetition:02d}",
        item=item.id,
        repetition=repetition,
        cluster=item.cluster,
        condition=item.condition,
        prompt=response.prompt,
        response=sample.text,
        target=item.target,
        score=score,
        log_probs=log_probs,
        tokens=sample.tokens,
        truncated=sample.truncated,
        thinking=sample.thinking,
        thinking_tokens=sample.thinking_tokens,
        error=response.error,
    )


def forced_record(item: Item, choice: LikelihoodResponse, log_probs: Mapping[str, float]) -> Record:
    """The forced choice as the answer: repetition 0."""
    score = NOT_ASKED
    if not choice.error:
        value = forced_choice(log_probs, str(item.target))
        best = [name for name in log_probs if log_probs[name] == max(log_probs.values())]
        answer = best[0] if len(best) == 1 else TIE
        score = Score(value, answer, f"{answer} is the more probable; {item.target} is right")
    return Record(
        f"{item.id}/00",
        item.id,
        0,
        item.cluster,
        item.condition,
        choice.prompt,
        "",
        item.target,
        score,
        log_probs,
        error=choice.error,
    )
