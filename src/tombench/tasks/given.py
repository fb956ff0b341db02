"""Answers that files hold, as records: each read by the rules of today."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from tombench.errors import UserError, nearest, told
from tombench.schema import GenerateResponse, Item, Record, Sample
from tombench.scorers.thinking import split_thinking
from tombench.scorers.yes_no import Asked, score_yes_no
from tombench.tasks.answer_files import Given, read_given
from tombench.tasks.answered import drawn_record


def given_records(
    named: Sequence[str],
    items: Mapping[str, Item],
    known: Collection[str],
    example_scenes: Sequence[str],
) -> list[Record]:
    """The answers to `items`, scored; those to other `known` scenarios are left out.

    Raises:
        UserError: an answer is to a scenario that is not known.
    """
    records = []
    for answer in read_given(named):
        if answer.item not in known:
            hint = nearest(answer.item, known)
            raise UserError(
                told(
                    f"{answer.source}: it answers scenario {answer.item}, which the data lacks",
                    hint,
                    "give the scenarios that were asked, task.data=FILE",
                )
            )
        if answer.item in items:
            records.append(_scored(answer, items[answer.item], example_scenes))
    return sorted(records, key=lambda record: record.id)


def _scored(answer: Given, item: Item, example_scenes: Sequence[str]) -> Record:
    shown = " ".join(example_scenes) if answer.worked_examples else ""
    asked = Asked(item.content.question, item.content.context, shown, answer.step_by_step)
    parts = split_thinking(answer.text)
    sample = Sample(parts.answer, 0, answer.truncated, thinking=parts.thinking)
    score = score_yes_no(sample.text, str(item.target), asked, sample.truncated)
    record = drawn_record(item, answer.repetition, GenerateResponse(""), sample, score, {})
    cell = {"model": answer.model, "prompting": answer.prompting}
    name = f"{answer.model}/{answer.prompting}/{record.id}"
    return replace(record, id=name, condition={**item.condition, **cell})
