"""Any other task under masks: its items by forced choice, under the masks that are studied."""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from tombench.config import CONFIG_DIR, build, fields
from tombench.errors import UserError, listed, nearest, told
from tombench.planning.policies.language_model import Lm
from tombench.schema import Item, Record, Request, Response
from tombench.tasks.base import Setting, Task

OWN = "sparsity"


class FurtherTask:
    """A task by the name of its file, its fields as they stand there, nothing drawn."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.task: Task = _built(name)
        self.policy = Lm() if "policy" in getattr(self.task, "reads", ()) else None

    def data_digest(self) -> str:
        return self.task.data_digest()

    def items(self) -> list[Item]:
        return self.task.items()

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        own = replace(setting, sampling=self.task.sampling, policy=self.policy)
        self._asked[item.id] = self.task.requests(item, own)
        return self._asked[item.id]

    def score(self, item: Item, responses: Sequence[Response]) -> list[Record]:
        """The task's own records of an item that `requests` was called of."""
        asked = self._asked[item.id]
        if self.policy is None:
            return self.task.score(item, asked, responses)
        return self.task.score_by(self.policy, item, asked, responses)

    @cached_property
    def _asked(self) -> dict[str, list[Request]]:
        """By item: the same under every mask."""
        return {}


def _built(name: str) -> Any:
    places = [Path(folder) for folder in [os.environ.get(CONFIG_DIR), _own()] if folder]
    found = {path.stem: path for place in places[::-1] for path in (place / "task").glob("*.yaml")}
    found.pop(OWN, None)
    if name not in found:
        line = told(f"task.further={name}: no such task", nearest(name, found), listed(found))
        raise UserError(line)
    config = OmegaConf.create({"task": OmegaConf.load(found[name])})
    if "repetitions" in fields(config.task, "task"):
        config.task.repetitions = 0
    return build(config, "task")


def _own() -> str:
    return str(files("tombench.configs"))
