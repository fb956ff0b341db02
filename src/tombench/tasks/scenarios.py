"""The scenes of the vignettes study, ours or a user's file in the published form, as items."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from tombench.datafile import EMBEDDED, Entry, has_list, read_entries, unique
from tombench.prompts import Wording, WorkedExample
from tombench.schema import Item
from tombench.tasks.yes_no import OPTIONS

OWN = EMBEDDED / "vignettes" / "scenarios.json"

STUDY_WORDING = Wording()

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Vignette:
    """A scene and its question; the right answer is the item's target."""

    context: str
    question: str
    wording: Wording = STUDY_WORDING


def read_scenarios(path: Path, how: Sequence[Wording] = (STUDY_WORDING,)) -> list[Item]:
    """Each scenario in each wording, those of one scenario together.

    Raises:
        UserError: the file is malformed; names file, line and field.
    """
    entries = read_entries(path, "scenarios")
    items = [_item(entry) for entry in entries]
    unique(zip((item.id for item in items), entries, strict=True))
    return [_worded(item, wording) for item in items for wording in how]


@cache
def worked_examples(path: Path) -> tuple[WorkedExample, ...]:
    """Worked examples under a file's `examples` or `cot_examples`; () unless two are whole."""
    examples = [
        WorkedExample(entry.text("context"), entry.text("question"), entry.text("worked", "answer"))
        for entry in _example_entries(path)
        if "worked" in entry.values or "answer" in entry.values
    ]
    if len(examples) < 2:
        logger.info(
            "%s has no two worked examples with their answers; ours are shown instead", path
        )
        return ()
    return tuple(examples)


@cache
def example_scenes(path: Path) -> tuple[str, ...]:
    """Scenes of all worked examples that a file names, whole or not."""
    return tuple(entry.text("context") for entry in _example_entries(path))


def _example_entries(path: Path) -> list[Entry]:
    keys = [key for key in ("examples", "cot_examples") if has_list(path, key)]
    return [entry for key in keys for entry in read_entries(path, key)]


def _item(entry: Entry) -> Item:
    name = entry.values.get("id")
    name = str(name) if isinstance(name, int) and not isinstance(name, bool) else entry.text("id")
    kind = entry.text("kind") if "kind" in entry.values else "unlabelled"
    return Item(
        id=name,
        cluster=name,
        content=Vignette(entry.text("context"), entry.text("question")),
        condition={"kind": kind},
        target=entry.choice("answer", tuple(OPTIONS)),
        reality=entry.choice("reality", tuple(OPTIONS), required=False),
    )


def _worded(item: Item, wording: Wording) -> Item:
    """The item put in a wording; in the study's own it keeps its id, and so its draws.

    Every wording of a scenario is in the scenario's cluster.
    """
    condition = {"paraphrase": str(wording.paraphrase), "template": wording.template}
    return replace(
        item,
        id=item.id if wording.is_study else f"{item.id}~{wording.name}",
        content=replace(item.content, wording=wording),
        condition=item.condition | condition,
    )
