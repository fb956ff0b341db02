"""What a policy is asked while it learns from rewards: prompts, and answers if they are known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tombench.errors import UserError
from tombench.models.encoding import Encoding
from tombench.recipes.base import TrainingJob
from tombench.recipes.data.rows import Question
from tombench.recipes.data.sources import read_data
from tombench.recipes.trainers.arguments import Course
from tombench.recipes.trainers.streams import Drawn, Listed, Stream
from tombench.recipes.trainers.tokens import sent
from tombench.recipes.tuning import TuningSettings

TRIED = 50  # groups of a task's prompts


@dataclass(frozen=True)
class Asked:
    """One prompt as a policy reads it."""

    text: str  # as sent
    ids: tuple[int, ...]
    answer: str | None  # the right one, where data or task know it


@dataclass(frozen=True)
class Questions:
    """Prompts in an endless order; a block is what one update asks."""

    stream: Stream[Asked]
    course: Course
    told: Sequence[str]


def questions(
    settings: TuningSettings,
    job: TrainingJob,
    encoding: Encoding,
    generations: int = 1,
    size: int | None = None,
    reuse: int = 1,
) -> Questions:
    """The user's prompts where `recipe.data` names some, else those of the task's examples.

    Args:
        generations: answers to each prompt; a batch holds so many times fewer prompts.
        size: answers of a step, where it is not an update's effective batch.
        reuse: updates from the same answers.

    Raises UserError where no prompt leaves room for an answer.
    """
    if settings.data is None:
        course = Course.of(settings, None, size)
        prompts = course.effective_batch // generations

        def draw(rng: Random, progress: float) -> list[Asked]:
            texts = [text for text in job.examples(rng, progress) if text.prompt]
            asked = (_asked(encoding, Question(text.prompt, text.answer)) for text in texts)
            return [one for one in asked if len(one.ids) <= settings.max_length]

        _check_lengths(settings, draw)
        stream = Drawn(draw, prompts, course.updates, job.seed, "questions")
        return Questions(
            stream, course, ["data   prompts that the task writes, none of them twice"]
        )
    data = read_data(settings, "questions", job.seed)
    everything = [_asked(encoding, row) for row in data.rows]
    kept = [one for one in everything if len(one.ids) <= settings.max_length]
    if not kept:
        raise UserError(
            f"recipe.max_length={settings.max_length}: all {len(everything)} prompts are longer; "
            "give a larger one"
        )
    course = Course.of(settings, len(kept) * generations * reuse, size)
    told = [*data.told, f"data   {len(kept):,} prompts"]
    if len(kept) < len(everything):
        told.append(
            f"note   {len(everything) - len(kept):,} of {len(everything):,} prompts are left out: "
            f"longer than recipe.max_length={settings.max_length} tokens"
        )
    return Questions(Listed(kept, course.effective_batch // generations, job.seed), course, told)


def _check_lengths(
    settings: TuningSettings, draw: Callable[[Random, float], Sequence[Asked]]
) -> None:
    """Refuse (UserError) a length that hardly any of the task's prompts has."""
    drawn = [len(draw(Random(f"length/{n}"), n / TRIED)) for n in range(TRIED)]
    if 2 * sum(count > 0 for count in drawn) < TRIED:
        raise UserError(
            f"recipe.max_length={settings.max_length}: most of the task's prompts are longer; give "
            "a larger one"
        )


def _asked(encoding: Encoding, row: Question) -> Asked:
    text = sent(encoding, row.prompt)
    return Asked(text, tuple(encoding.encode(text)), row.answer)
