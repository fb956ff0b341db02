"""What a training learns from: examples of the task or of the user's files, as token ids."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from tombench.errors import UserError
from tombench.models.encoding import Encoding
from tombench.recipes.base import TrainingJob
from tombench.recipes.data.rows import Completion, Preference
from tombench.recipes.data.sources import read_data
from tombench.recipes.trainers.arguments import Course
from tombench.recipes.trainers.streams import Drawn, Listed, Stream
from tombench.recipes.trainers.tokens import Tokens, tokens_of
from tombench.recipes.tuning import TuningSettings

Kind = Literal["completions", "preferences"]
Row = Completion | Preference
TRIED = 200
"""Groups of a task's examples that are looked at before training: how many are too long?"""
MOST_HELD_OUT = 512  # of examples that a task writes: enough for a loss


@dataclass(frozen=True)
class Material:
    """Examples, and how long is trained on them."""

    stream: Stream[Tokens]
    validation: Sequence[Tokens]
    course: Course
    told: Sequence[str]  # lines for dry_run=true and the log


def material(
    settings: TuningSettings, job: TrainingJob, encoding: Encoding, kind: Kind
) -> Material:
    """The user's data where `recipe.data` names some, else the task's own examples.

    Raises UserError where no example is left, or data is malformed.
    """
    if settings.data is None:
        return _of_task(settings, job, encoding, kind)
    data = read_data(settings, kind, job.seed)
    examples, too_long = _fitting(settings, (tokens_of(encoding, row) for row in data.rows))
    held_out, _ = _fitting(settings, (tokens_of(encoding, row) for row in data.validation))
    if not examples:
        raise UserError(
            f"recipe.max_length={settings.max_length}: all {too_long} examples are longer; give a "
            "larger one"
        )
    course = Course.of(settings, len(examples))
    told = [*data.told, f"data   {len(examples):,} examples, {len(held_out):,} held out"]
    if too_long:
        told.append(
            f"note   {too_long:,} of {too_long + len(examples):,} examples are left out: longer "
            f"than recipe.max_length={settings.max_length} tokens"
        )
    return Material(Listed(examples, course.effective_batch, job.seed), held_out, course, told)


def _of_task(
    settings: TuningSettings, job: TrainingJob, encoding: Encoding, kind: Kind
) -> Material:
    """Examples that the task writes as they are asked for."""
    rows = rows_of_task(job, kind)

    def draw(rng: Random, progress: float) -> list[Tokens]:
        encoded = (tokens_of(encoding, row) for row in rows(rng, progress))
        return [one for one in encoded if one.length <= settings.max_length]

    course = Course.of(settings, None)
    told = _lengths(settings, encoding, rows)
    stream = Drawn(draw, course.effective_batch, course.updates, job.seed, kind)
    held_out: list[Tokens] = []
    rng, wanted = Random(f"validation/{job.seed}"), settings.validation * course.rows
    while len(held_out) < min(wanted, MOST_HELD_OUT):
        held_out += draw(rng, 0.0)
    told.append(f"data   {kind} that the task writes, none of them twice")
    return Material(stream, held_out, course, told)


def rows_of_task(job: TrainingJob, kind: Kind) -> Callable[[Random, float], Sequence[Row]]:
    """Draws a group of the task's rows; `check` has seen to it that there are some."""
    if kind == "completions":
        return lambda rng, progress: [
            Completion(text.prompt, text.answer, text.distribution)
            for text in job.examples(rng, progress)
        ]
    return lambda rng, progress: [
        Preference(one.prompt, one.chosen, one.rejected) for one in job.preferences(rng)
    ]


def _lengths(
    settings: TuningSettings,
    encoding: Encoding,
    rows: Callable[[Random, float], Sequence[Row]],
) -> list[str]:
    """What is told of too long ones; raises UserError where more than half are."""
    tried = [row for n in range(TRIED) for row in rows(Random(f"length/{n}"), n / TRIED)]
    lengths = [tokens_of(encoding, row).length for row in tried]
    too_long = sum(length > settings.max_length for length in lengths)
    if 2 * too_long > len(lengths):
        raise UserError(
            f"recipe.max_length={settings.max_length}: {too_long} of {len(lengths)} examples are "
            f"longer, up to {max(lengths)} tokens; give a larger one"
        )
    if not too_long:
        return []
    share = f"{too_long / len(lengths):.1%}"
    return [f"note   about {share} of examples are left out: longer than {settings.max_length}"]


def _fitting(settings: TuningSettings, encoded: Iterable[Tokens]) -> tuple[list[Tokens], int]:
    """Those that are not too long, and how many are."""
    everything = list(encoded)
    kept = [one for one in everything if one.length <= settings.max_length]
    return kept, len(everything) - len(kept)
