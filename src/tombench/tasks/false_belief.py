"""The false-belief suite: unexpected contents, unexpected transfer and irony, as items.

A task of the first two is told in four cells, each as it is and with its two options exchanged,
and asked about twice: what is so (reality), and what the protagonist says or does (belief, action).
Source: joel-wu/how-large-language-models-encode-theory-of-mind, `ToM_and_perplexity_evaluation.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tombench.datafile import EMBEDDED, Entry, unique
from tombench.errors import gathered
from tombench.schema import Item
from tombench.stories.asked import StoryQuestion
from tombench.tasks.false_belief_files import published_text, read_task_lists
from tombench.tasks.false_belief_mended import tell_mended
from tombench.tasks.false_belief_wording import FIELDS, MENDED, PUBLISHED, Wording, whole_words

OWN = EMBEDDED / "false_belief" / "tasks.json"

IRONY_HEADER = "Read the following story: "
_QUESTION = " Question: "  # between an irony story and what is asked about it


def read_tasks(path: Path, as_published: bool = False) -> list[Item]:
    """The tasks of a file in the published form, `.json` or `.py`: sixteen items each, irony two.

    `as_published` keeps every slip of the published prompts. Else they are mended: options are
    exchanged as whole words, blanks are single, a name or pronoun fits its place; the log says
    what that changed in a user's file.

    Raises:
        UserError: the file is malformed; names file, line and field.
    """
    lists = read_task_lists(path)
    published = _items(lists, PUBLISHED)
    if as_published:
        return published
    items = _items(lists, MENDED)
    if path != OWN:
        tell_mended(published, items)
    return items


@dataclass(frozen=True)
class _Task:
    """A contents or transfer task: what is told in each cell and asked in all."""

    name: str  # contents-03
    stories: Mapping[str, str]  # cell -> story, options not exchanged
    asks: Mapping[str, str]  # question type -> the beginning to complete


def _items(lists: Mapping[str, list[Entry]], wording: Wording) -> list[Item]:
    entries = [
        (entry, partial(_MAKERS[paradigm], entry, place, wording))
        for paradigm, given in lists.items()
        for place, entry in enumerate(given)
    ]
    made = gathered(*(make for _, make in entries))
    clusters = (items[0].cluster for items in made)
    unique(zip(clusters, (entry for entry, _ in entries), strict=True))
    return [item for items in made for item in items]


def _number(entry: Entry, place: int) -> int:
    """The task's number in the published count; its place in the list where it has none."""
    number = entry.values.get("NUMBER", place)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise entry.mistake(f"field 'NUMBER' is {number!r}; it must be a whole number from 0 on")
    return number


def _contents(entry: Entry, place: int, wording: Wording) -> list[Item]:
    number = _number(entry, place)
    values = {name: published_text(entry, field) for name, field in FIELDS.items()}
    frame = wording.frame(number, values["CX"])
    story, correct = (published_text(entry, field) for field in ("txt", "txt_correctlabel"))
    stories = {
        "false_belief": f"{story} {frame.closed}",
        "correct_label": f"{correct} {frame.closed}",
        "informed": f"{story} {frame.closed} {frame.informed}",
        "open_container": f"{story} {frame.opened}",
    }
    asks = {
        kind: wording.fill(ask, values)
        for kind, ask in (("reality", frame.reality), ("belief", frame.belief))
    }
    return _told(
        entry,
        _Task(
            f"contents-{number:02d}",
            {cell: wording.fill(text, values) for cell, text in stories.items()},
            {kind: ask[0].upper() + ask[1:] for kind, ask in asks.items()},
        ),
        wording,
    )


def _transfer(entry: Entry, place: int, wording: Wording) -> list[Item]:
    name = f"transfer-{_number(entry, place):02d}"
    story = published_text(entry, "txt")
    stories = {
        "false_belief": story,
        "no_transfer": published_text(entry, "txt_notransfer"),
        "informed": f"{story} {published_text(entry, 'txt_informed')}",
        "present": published_text(entry, "txt_present"),
    }
    asks = {"reality": published_text(entry, "q1"), "action": published_text(entry, "q2")}
    return _told(entry, _Task(name, stories, asks), wording)


def _told(entry: Entry, task: _Task, wording: Wording) -> list[Item]:
    """A contents or transfer task in all its cells, variants and questions."""
    options = _options(entry, task.stories["false_belief"])
    items = []
    for cell, original in task.stories.items():
        reversed_story = wording.swap(original, options)
        for variant, story, (real, believed) in (
            ("original", original, options),
            ("reversed", reversed_story, options[::-1]),
        ):
            reality = believed if cell == "no_transfer" else real
            for question, ask in task.asks.items():
                mistaken = cell == "false_belief" and question != "reality"
                items.append(
                    Item(
                        id=f"{task.name}/{cell}.{variant}/{question}",
                        cluster=task.name,
                        content=StoryQuestion(
                            wording.tidy(story), wording.tidy(ask), options, "next_word"
                        ),
                        condition=_condition(task.name, cell, variant, question),
                        target=believed if mistaken else reality,
                        reality=reality,
                    )
                )
    return items


def _irony(entry: Entry, place: int, wording: Wording) -> list[Item]:
    name = f"irony-{_number(entry, place):02d}"
    items = []
    for cell, variant, field, answer in (
        ("irony", "original", "txt", "No"),
        ("irony_reversed", "reversed", "txt_reverse", "Yes"),
    ):
        story, there, ask = published_text(entry, field).rpartition(_QUESTION)
        if not there or not ask.strip():
            raise entry.mistake(f"field '{field}' has no question; end it with 'Question: ...?'")
        texts = (wording.tidy(story), wording.tidy(f"Question: {ask} Correct Answer:"))
        items.append(
            Item(
                id=f"{name}/{cell}",
                cluster=name,
                content=StoryQuestion(*texts, ("Yes", "No"), "yes_no", IRONY_HEADER),
                condition=_condition(name, cell, variant, "irony"),
                target=answer,
                reality=answer,  # who goes by the facts disbelieves an ironic remark
            )
        )
    return items


def _condition(name: str, cell: str, variant: str, question: str) -> dict[str, str]:
    return {
        "suite": "false_belief",
        "paradigm": name.split("-")[0],
        "cell": cell,
        "variant": variant,
        "question_type": question,
    }


def _options(entry: Entry, story: str) -> tuple[str, str]:
    """What is so, and what one believes who was not there; both are words of the story."""
    first, second = entry.text("o1"), entry.text("o2")
    if _first_word(first) == _first_word(second):
        raise entry.mistake(
            f"fields 'o1' and 'o2' both begin with '{_first_word(first)}'; answers are told apart "
            "by their first word, so give options that differ in it"
        )
    for field, option in (("o1", first), ("o2", second)):
        if not whole_words(option).search(story):
            raise entry.mistake(f"field 'txt' does not name '{option}' (field '{field}')")
    return first, second


def _first_word(option: str) -> str:
    return option.split()[0].strip(".,;:'\"").lower()


_MAKERS: Mapping[str, Callable[[Entry, int, Wording], list[Item]]] = {
    "contents": _contents,
    "transfer": _transfer,
    "irony": _irony,
}
