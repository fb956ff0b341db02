"""The false-belief suite: our own tasks, prompts to the letter, and slips kept or mended."""

import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from false_belief_samples import CONTENTS, IRONY, TRANSFER, tasks_file

from tombench.schema import Item
from tombench.stories.words import MEN, WOMEN
from tombench.tasks.false_belief import OWN, read_tasks

CELLS = {
    "contents": ("false_belief", "correct_label", "informed", "open_container"),
    "transfer": ("false_belief", "no_transfer", "informed", "present"),
}


def prompts(items: list[Item]) -> dict[str, str]:
    return {item.id: item.content.prompt for item in items}


def words(text: str) -> list[str]:
    return re.findall(r"[\w'’-]+", text.lower())


def texts(path: Path) -> Iterator[str]:
    """Every text that stands in a file's tasks."""
    found = json.loads(path.read_text())
    for task in (task for key in ("s1", "s2", "s3") for task in found[key]):
        yield from (value for value in task.values() if isinstance(value, str))


OURS = read_tasks(OWN)


def test_our_own_tasks_are_whole() -> None:
    assert len(OURS) == len({item.id for item in OURS}) == 40 * 16 + 24
    sizes = Counter(item.cluster for item in OURS)
    kinds = Counter(name.split("-")[0] for name in sizes)
    assert kinds == {"contents": 20, "transfer": 20, "irony": 12}
    assert {(name[:5], size) for name, size in sizes.items()} == {
        ("conte", 16), ("trans", 16), ("irony", 2)
    }  # fmt: skip
    for item in OURS:
        assert len({option.split()[0].lower() for option in item.content.options}) == 2
        assert not re.search("S1|S2|CX|XNAM|_PRO|XPRO|####|  ", item.content.prompt), item.id
        assert item.target in item.content.options


@pytest.mark.parametrize("paradigm", CELLS)
def test_each_cell_expects_what_the_rule_says(paradigm: str) -> None:
    known = json.loads(OWN.read_text())["s1" if paradigm == "contents" else "s2"]
    for item in (item for item in OURS if item.condition["paradigm"] == paradigm):
        task = known[int(item.cluster[-2:])]
        real, old = task["o1"], task["o2"]
        if item.condition["variant"] == "reversed":
            real, old = old, real
        cell, about = item.condition["cell"], item.condition["question_type"]
        assert cell in CELLS[paradigm]
        assert item.reality == (old if cell == "no_transfer" else real)
        assert (item.target != item.reality) == (cell == "false_belief" and about != "reality")


def test_irony_is_denied_and_sincerity_affirmed() -> None:
    answers = {(i.condition["cell"], i.target) for i in OURS if i.cluster.startswith("irony")}
    assert answers == {("irony", "No"), ("irony_reversed", "Yes")}


def test_options_are_exchanged_everywhere() -> None:
    stories = {item.id: item.content for item in OURS}
    for name, told in stories.items():
        if ".original/" in name:
            other = stories[name.replace(".original/", ".reversed/")]
            first, second = told.options
            marks = {first: second, second: first}
            assert other.ask == told.ask
            assert [marks.get(word, word) for word in re.findall(r"\w+|\W", told.story)] == (
                re.findall(r"\w+|\W", other.story)
            )
            assert not {first, second} & {*words(told.ask)}


def test_controls_are_as_long_as_the_false_belief_story() -> None:
    stories = {item.id.rsplit("/", 1)[0]: words(item.content.story) for item in OURS}
    for name, told in stories.items():
        task, cell = name.split("/") if "/" in name else (name, "irony_reversed")
        base = stories.get(f"{task}/false_belief.original")
        if base and "informed" not in cell:
            assert abs(len(told) / len(base) - 1) < 0.15, name
            assert len({*told} - {*base}) <= 0.25 * len({*base}), name
    for irony, sincere in zip(OURS[640::2], OURS[641::2], strict=True):
        lengths = [len(words(item.content.story)) for item in (irony, sincere)]
        assert abs(lengths[1] / lengths[0] - 1) < 0.15, irony.id


def test_no_name_of_the_training_stories_or_the_sixteen_scenes() -> None:
    capitalised = {word for text in texts(OWN) for word in re.findall(r"\b[A-Z][a-z]+\b", text)}
    assert not capitalised & {*WOMEN, *MEN}
    sixteen = (OWN.parent.parent / "vignettes" / "scenarios.json").read_text()
    names = {*re.findall(r"(?<=[a-z,] )[A-Z][a-z]+", sixteen)}
    assert len(names) > 18
    assert not {name for name in capitalised & names if not name.endswith("day")}


def test_our_own_tasks_have_no_slip_to_mend_but_the_cousin() -> None:
    published = prompts(read_tasks(OWN, as_published=True))
    for name, prompt in prompts(OURS).items():
        assert published[name].replace("believes him cousin", "believes his cousin") == prompt


def test_prompts_to_the_letter(tmp_path: Path) -> None:
    path = tasks_file(tmp_path / "t.json", s1=[CONTENTS], s2=[TRANSFER], s3=[IRONY])
    kept, mended = prompts(read_tasks(path, as_published=True)), prompts(read_tasks(path))
    assert kept["contents-03/open_container.reversed/reality"] == (
        'Complete the following story: A urn full of pencils has the label "pens".  '
        "The baker lifts the urn. The baker opencils the urn and looks inside. "
        "The baker reads the label. He opens the urn and looks inside. "
        "He can clearly see that it is full of"
    )
    assert mended["contents-03/open_container.reversed/reality"] == (
        'Complete the following story: An urn full of pencils has the label "pens". '
        "The baker lifts the urn. The baker opens the urn and looks inside. "
        "The baker reads the label. He opens the urn and looks inside. "
        "He can clearly see that it is full of"
    )
    assert mended["contents-03/informed.original/belief"].endswith(
        "The baker does not open the urn and does not look inside. The baker reads the label. "
        "A cousin calls the baker and tells him that the urn has pens in it, and that he should "
        'ignore the label that says "pencils". The baker believes his cousin. '
        "The baker calls a friend to tell them that he has just found an urn full of"
    )
    assert mended["transfer-00/informed.reversed/action"] == (
        "Complete the following story: B put it in the box, then left. A moved it to the bag. "
        "A tells B of the bag. B will look in the"
    )
    assert (
        kept["irony-00/irony"] == "Read the following story: Rain. Question: Dry? Correct Answer:"
    )


def test_the_log_says_what_was_mended(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tasks_file(tmp_path / "t.json", s1=[CONTENTS], s2=[TRANSFER])
    caplog.set_level(logging.INFO, "tombench")
    read_tasks(path)
    assert f"{path} has no s3 (irony); the suite goes without" in caplog.messages
    assert "task contents-03: 'opencils' (now 'opens') mended in 2 prompts" in caplog.messages
    assert "task contents-03: double blanks mended in 12 prompts" in caplog.messages
    caplog.clear()
    read_tasks(path, as_published=True)
    read_tasks(OWN)
    assert "mended" not in caplog.text
