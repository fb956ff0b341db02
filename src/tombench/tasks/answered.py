"""Records of answers to vignettes: of drawn text, and of the forced choice where none was drawn."""

from collections.abc import Mapping

from tombench.schema import (
    GenerateResponse,
    Item,
    LikelihoodResponse,
    Record,
    Sample,
    Score,
)
from tombench.scorers.choice import forced_choice
from tombench.scorers.yes_no import UNPARSED, Asked, score_yes_no

NOT_ASKED = Score(0.0, UNPARSED, "the model was not asked: see error", "error")


def drawn_records(
    item: Item,
    response: GenerateResponse,
    repetitions: int,
    asked: Asked,
    log_probs: Mapping[str, float],
) -> list[Record]:
    """A record for each sample of a response, or for each that should have been drawn."""
    samples = response.samples or (None,) * repetitions
    return [
        drawn_record(item, number, response, sample, asked, log_probs)
        for number, sample in enumerate(samples)
    ]


def drawn_record(
    item: Item,
    repetition: int,
    response: GenerateResponse,
    sample: Sample | None,
    asked: Asked,
    log_probs: Mapping[str, float],
) -> Record:
    """One answer in free text and its score."""
    score = NOT_ASKED
    if sample is not None:
        score = score_yes_no(sample.text, str(item.target), asked, sample.truncated)
    sample = sample or Sample("", tokens=0, truncated=False)
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
    """task.repetitions=0: the forced choice is the answer."""
    score = NOT_ASKED
    if not choice.error:
        value = forced_choice(log_probs, str(item.target))
        answer = "tie" if value == 0.5 else max(log_probs, key=lambda name: log_probs[name])
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
