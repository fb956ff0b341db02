"""dry_run=true of a fine-tuning: how long, how fast, what is learnt of which tokens."""

from collections.abc import Sequence

from tombench.models.encoding import Encoding, chat_template
from tombench.models.hub import folder_of
from tombench.models.locate import locate
from tombench.models.tokenizer import load_tokenizer
from tombench.processes import place
from tombench.recipes.base import TrainingJob
from tombench.recipes.data.rows import Kind
from tombench.recipes.trainers.arguments import Course, warmup
from tombench.recipes.trainers.material import material
from tombench.recipes.trainers.network import learning_rate
from tombench.recipes.trainers.questions import questions
from tombench.recipes.trainers.sizes import computing, parameters_of, training_memory
from tombench.recipes.trainers.tokens import Tokens
from tombench.recipes.tuning import TuningSettings

SHOWN = 3  # examples
LEARNT = "⟦", "⟧"
"""Between these stands what carries loss."""


def plan_tuning(settings: TuningSettings, job: TrainingJob, kind: Kind) -> list[str]:
    """Numbers first; after a blank line come examples."""
    encoding = encoding_of(job)
    found = material(settings, job, encoding, kind)
    first = found.stream.block(0)
    read = sum(one.length * (1 if one.rejected is None else 2) for one in first) / len(first)
    lines = [*settings_lines(settings, job, found.course), *found.told]
    lines += computing(settings, job.model, round(read * found.course.rows))
    return [*lines, "", *_examples(encoding, first)]


def settings_lines(settings: TuningSettings, job: TrainingJob, course: Course) -> list[str]:
    """Updates, effective batch, learning rate, what learns, and the memory that it takes."""
    world = place().world
    times = f" x {world} processes" if world > 1 else ""
    parameters = parameters_of(job.model)
    lora = settings.lora
    learns = (
        "all weights" if lora is None else f"an adapter of rank {lora.rank}, alpha {lora.alpha:g}"
    )
    rate = learning_rate(settings, parameters or 0)
    return [
        f"steps  {course.updates:,} of {course.effective_batch} examples ({settings.batch_size} x "
        f"{settings.accumulation} accumulated{times})",
        f"rate   {rate:g}, {settings.schedule} after {warmup(settings, course.updates)} steps of "
        "warm-up",
        f"learns {learns}",
        *training_memory(settings, job.model, parameters),
    ]


def encoding_of(job: TrainingJob) -> Encoding:
    """Tokenizer and chat template of a model whose weights are not needed."""
    model = job.model
    base = locate(model).weights
    folder = folder_of(base, code=model.trust_remote_code)
    tokenizer = load_tokenizer(folder, base.name, model.trust_remote_code)
    return Encoding(tokenizer, chat_template(model.template, tokenizer, base.name))


def _examples(encoding: Encoding, first: Sequence[Tokens]) -> list[str]:
    """The first examples as the model reads them, token ids' text decoded."""
    open_, close = LEARNT
    lines = [f"examples, tokenised; what stands between {open_} and {close} carries loss"]
    for number, one in enumerate(first[:SHOWN], start=1):
        lines += [f"--- {number}: {_counts(one)}", _marked(encoding, one)]
    return lines


def _counts(one: Tokens) -> str:
    if one.rejected is None:
        return f"{len(one.prompt)} tokens of prompt, {len(one.chosen)} learnt"
    return (
        f"{len(one.prompt)} tokens of prompt, {len(one.chosen)} of the better answer, "
        f"{len(one.rejected)} of the worse"
    )


def _marked(encoding: Encoding, one: Tokens) -> str:
    open_, close = LEARNT
    prompt, chosen = _text(encoding, one.prompt), _text(encoding, one.chosen)
    if one.rejected is None:
        return f"{prompt}{open_}{chosen}{close}"
    rejected = _text(encoding, one.rejected)
    return f"{prompt}\n  better {open_}{chosen}{close}\n  worse  {open_}{rejected}{close}"


def _text(encoding: Encoding, ids: Sequence[int]) -> str:
    return encoding.tokenizer.decode(ids, clean_up_tokenization_spaces=False)


def plan_questions(
    settings: TuningSettings,
    job: TrainingJob,
    generations: int = 1,
    size: int | None = None,
    reuse: int = 1,
) -> list[str]:
    """As `plan_tuning`, for recipes that learn from rewards."""
    encoding = encoding_of(job)
    found = questions(settings, job, encoding, generations, size, reuse)
    lines = [*settings_lines(settings, job, found.course), *found.told]
    if size is not None:
        update = settings.batch_size * settings.accumulation
        lines[0] = (
            f"steps  {found.course.updates:,} of {size} answers, learnt from {update} at a time"
        )
    lines += ["", "prompts, between the bars exactly as the policy reads them"]
    for number, one in enumerate(list(found.stream.block(0))[:SHOWN], start=1):
        known = "" if one.answer is None else f"; right is {one.answer.strip()!r}"
        lines += [f"--- {number}: {len(one.ids)} tokens{known}", f"|{one.text}|"]
    return lines
