"""The study's 52 false-belief tasks: what simple answerers score, and that ours are other tasks."""

import hashlib
import json
import os
import re
from pathlib import Path
from pprint import pformat

import pytest

from tombench.schema import Item
from tombench.tasks.false_belief import OWN, read_tasks

FOLDER = Path(os.environ.get("TOMBENCH_UPSTREAM", "")) / "false_belief"
DIGEST = "71a48992d4517b22a5c88544e87a26f27b282269f85e12587fe8ca5db309435e"
pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif("TOMBENCH_UPSTREAM" not in os.environ, reason="no TOMBENCH_UPSTREAM"),
]


def by_q1(item: Item) -> str | None:
    return item.reality


def by_q2(item: Item) -> str | None:
    """What the question about the mind expects, whichever is asked."""
    first, second = item.content.options
    if item.condition["cell"] != "false_belief":
        return item.target
    return second if item.reality == first else first


def by_mentions(item: Item) -> str:
    """The option that is in the prompt most often, inside words too; the old one in a tie."""
    first, second = item.content.options
    return first if count(item, first) > count(item, second) else second


def by_last_mention(item: Item) -> str:
    return max(item.content.options, key=item.content.prompt.rfind)


def count(item: Item, option: str) -> int:
    return item.content.prompt.count(option)


ANSWERERS = {
    "oracle": lambda item: item.target,
    "q1": by_q1,
    "q2": by_q2,
    "most often mentioned": by_mentions,
    "last mentioned": by_last_mention,
}
THEIRS = {  # cells of 160, and of 40 with a false belief: a cell counts if both its prompts match
    "oracle": {"contents": (160, 40), "transfer": (160, 40)},
    "q1": {"contents": (120, 0), "transfer": (120, 0)},
    "q2": {"contents": (120, 0), "transfer": (120, 0)},
    "most often mentioned": {"contents": (66, 1), "transfer": (58, 0)},
    "last mentioned": {"contents": (33, 0), "transfer": (100, 0)},
}
OURS = THEIRS | {
    "most often mentioned": {"contents": (39, 0), "transfer": (41, 0)},
    "last mentioned": {"contents": (28, 0), "transfer": (74, 0)},
}


@pytest.mark.parametrize("answerer", ANSWERERS)
@pytest.mark.parametrize("whose", ["theirs", "ours"])
def test_what_simple_answerers_score(whose: str, answerer: str) -> None:
    path, expected = (FOLDER / "tasks.json", THEIRS) if whose == "theirs" else (OWN, OURS)
    cells: dict[tuple[str, str, str], bool] = {}
    for item in read_tasks(path, as_published=whose == "theirs"):
        cell = (item.cluster, item.condition["cell"], item.condition["variant"])
        right = ANSWERERS[answerer](item).split()[0] == str(item.target).split()[0]
        cells[cell] = cells.get(cell, True) and right
    for paradigm, counts in expected[answerer].items():
        told = [(cell, right) for (name, cell, _), right in cells.items() if paradigm in name]
        mistaken = sum(right for cell, right in told if cell == "false_belief")
        assert len(told) == 160
        assert (sum(right for _, right in told), mistaken) == counts


def test_all_are_read_and_slips_kept_or_mended() -> None:
    kept = read_tasks(FOLDER / "tasks.json", as_published=True)
    mended = read_tasks(FOLDER / "tasks.json")
    assert len({item.cluster for item in kept}) == 20 + 20 + 12
    assert [item.id for item in kept] == [item.id for item in mended]
    assert len(kept) == 2 * 320 + 24
    slips = [item.id for item in kept if "opencils" in item.content.prompt]
    assert slips == [f"contents-04/open_container.reversed/{q}" for q in ("reality", "belief")]
    for slip in ("opencils", "  ", '",says', "him cousin", "The The", "found a envelope"):
        assert any(slip in item.content.prompt for item in kept), slip
        assert not any(slip in item.content.prompt for item in mended), slip


def test_prompts_are_those_of_the_published_script() -> None:
    """The digest is of the 664 prompts that the study's own script makes of its tasks, in order."""
    items = read_tasks(FOLDER / "tasks.json", as_published=True)
    text = "\n".join(item.content.prompt for item in items)
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST


def test_python_literals_give_the_same(tmp_path: Path) -> None:
    lists = json.loads((FOLDER / "tasks.json").read_text())
    path = tmp_path / "ToM_tasks.py"
    path.write_text("".join(f"tsks{key[1]} = {pformat(tasks)}\n" for key, tasks in lists.items()))
    assert read_tasks(path, as_published=True) == read_tasks(FOLDER / "tasks.json", True)


def test_ours_share_no_six_words_with_theirs() -> None:
    theirs = runs((FOLDER / "tasks.json").read_text()) | runs(
        (FOLDER / "tom_training_data.json").read_text()
    )
    assert not runs(OWN.read_text()) & theirs


def runs(file: str) -> set[tuple[str, ...]]:
    """All runs of six words in the texts of a JSON file."""
    found: set[tuple[str, ...]] = set()
    for text in strings(json.loads(file)):
        words = re.findall(r"[\w'’-]+", text.lower())
        found |= {tuple(words[start : start + 6]) for start in range(len(words) - 5)}
    return found


def strings(value: object) -> list[str]:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [text for one in inner for text in strings(one)]
    return [value] if isinstance(value, str) else []
