"""Which runs a published cell is held against: those of its model, settings, data and size.

A run of another model, of our own data or of a few items is the same machinery and another number:
it is told apart, with what sets it apart, and never stands in the published model's place.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from tombench.models.convert import ORIGIN
from tombench.runs import read_run
from tombench.summary.collect import EvaluatedRun
from tombench.summary.expected import ANY, Cell

GROUPS = {"model@large": "large", "model@untuned": "untuned"}
"""Words of the command whose configuration stands under another key."""
NAMED = frozenset({"task", "model", "backend", "prompting", "policy", "large", "untuned"})
"""Components that a word of the command names by their file."""
MINDS = ("model", "large", "untuned")
"""Keys that say whose number it is: a run of another mind is a trial."""
COMPARED = ("task", "policy", "generation")
"""Components whose settings must be those of the experiment."""

READ_AS = {"quantization": "none", "template": "auto"}
"""Fields of a model that its file leaves to their defaults."""
USUAL = {"path": None, "revision": None, "adapter": None, "thinking": "off"}
"""Fields of a model that say whose weights they are and how they are asked; their defaults."""
NO_MODEL = frozenset({"MockBackend", "BehaviourBackend"})
"""Classes of backends that answer without weights."""
BY_CONTENT = ("name", "data", "answers", "hand_counts")
"""Fields that an identity has as digests, and the task's own name."""


@dataclass(frozen=True)
class Candidate:
    """A run that could stand in a cell, and why it is not like the published one."""

    run: EvaluatedRun
    reasons: tuple[str, ...]  # () it is like it

    @property
    def comparable(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, eq=False)
class Past:
    """A finished run with the words that it was made of."""

    run: EvaluatedRun
    file: Mapping[str, Any]  # its run.json

    @classmethod
    def of(cls, run: EvaluatedRun) -> "Past":
        return cls(run, read_run(run.folder))

    @property
    def experiment(self) -> str | None:
        """Which experiment's command it was."""
        return (self.file["configuration"].get("expected") or {}).get("name")

    def word(self, key: str) -> Any:
        """What a word of the command comes to: the name of a component's file, or a field."""
        config = self.file["configuration"]
        if key in ("model", "prompting") and self.run.one_of_several:
            return getattr(self.run, key)  # of answers in files
        if key == "task.theme" and self.run.planner:
            return list(self.run.planner.themes)
        name = GROUPS.get(key, key)
        if name == "policy":
            return _select(self.file["identity"], "policy.name")
        return _select(config, f"{name}.name" if name in NAMED else key)

    def agrees(self, key: str, wanted: Any) -> bool:
        found = self.word(key)
        if wanted == ANY or wanted is None or found is None:
            return (found is None) == (wanted is None)
        if key == "model" and self.run.one_of_several:
            return _said(str(wanted), str(found))
        return _texts(found) == _texts(wanted)


def candidates(cell: Cell, name: str, config: DictConfig, past: Sequence[Past]) -> list[Candidate]:
    """The runs that a cell's number may be read from, like ones first, the newest first.

    Of unlike ones only those of the experiment `name` itself, and those of the same mind.

    Args:
        config: of the command `stage=summarize experiment=NAME`: the experiment's settings.
    """
    found = []
    where = {"task.answers": None, **cell.where}
    for one in past:
        apart = [key for key, wanted in where.items() if not one.agrees(key, wanted)]
        if one.run.task != config.task.name or any(_places(key, one, config) for key in apart):
            continue
        reasons = _reasons(cell, apart, config, one)
        if not apart or one.experiment == name:
            found.append(Candidate(one.run, reasons))
    found.sort(key=lambda each: each.run.ended, reverse=True)
    return sorted(found, key=lambda each: bool(each.reasons))


def _places(key: str, one: Past, config: DictConfig) -> bool:
    """Does a word say which cell a run is of, and not only how like the published one it is?"""
    component = GROUPS.get(key, key).partition(".")[0]
    if component in MINDS:
        return one.run.one_of_several
    field = key.partition(".")[2]
    return not (field and OmegaConf.is_interpolation(config[component], field))


def _reasons(cell: Cell, apart: Sequence[str], config: DictConfig, one: Past) -> tuple[str, ...]:
    """What sets a run apart from the published one, in words of the command."""
    identity = one.file["identity"]
    found = [_unlike(key, one.word(key), cell.where[key]) for key in apart]
    if identity.get("limit") is not None:
        found.append(f"limit={identity['limit']}")
    for key, file in cell.row.data.items():
        if _select(one.file["configuration"], key) is None:
            found.append(f"{key} is not the study's ({file})")
    metric = one.run.metrics.get("accuracy")
    if cell.row.n is not None and metric is not None and metric.n != cell.row.n:
        found.append(f"{metric.n} answers, published {cell.row.n}")
    if not one.run.one_of_several:
        told = {*cell.where, *cell.row.data}
        found += _settings(config, identity, told)
        model = one.file["configuration"].get("model") or {}
        found += _weights(config, model, told)
        found += [] if "model" in apart else _mind(cell.where, model)
        answered = (identity.get("backend") or {}).get("class")
        if answered in NO_MODEL and "backend" not in told:
            found.append(f"no model answered ({answered})")
    return tuple(found)


def _settings(config: DictConfig, identity: Mapping[str, Any], told: set[str]) -> list[str]:
    """Fields that decide a result and are not as the experiment has them."""
    found = []
    for component in COMPARED:
        ours = identity.get(component) or {}
        wanted = OmegaConf.to_container(config[component], resolve=True, throw_on_missing=False)
        for field, value in wanted.items():
            key = f"{component}.{field}"
            if field not in ours or key in told or field in BY_CONTENT or value in (None, "???"):
                continue
            if _texts(ours[field]) != _texts(value):
                found.append(_unlike(key, ours[field], value))
    return found


def _weights(config: DictConfig, model: Mapping[str, Any], told: set[str]) -> list[str]:
    """How the model was read, where that is not as the experiment has it."""
    found = []
    for field, usual in READ_AS.items():
        ours, wanted = model.get(field, usual), config.model.get(field, usual)
        if f"model.{field}" not in told and ours != wanted:
            found.append(_unlike(f"model.{field}", ours, wanted))
    return found


def _mind(where: Mapping[str, Any], model: Mapping[str, Any]) -> list[str]:
    """In what the weights are others than those that the named model's file names."""
    file = files("tombench.configs") / "model" / f"{where.get('model')}.yaml"
    if where.get("model") in (None, "local") or not file.is_file():
        return []
    named = USUAL | OmegaConf.to_container(OmegaConf.create(file.read_text(encoding="utf-8")))
    ours = {key: model.get(key, usual) for key, usual in USUAL.items()}
    origin = Path(str(ours["path"])).expanduser() / ORIGIN
    if origin.is_file():
        ours |= json.loads(origin.read_text(encoding="utf-8"))
    return [
        _unlike(f"model.{key}", ours[key], named[key])
        for key in USUAL
        if f"model.{key}" not in where and ours[key] != named[key]
    ]


def _unlike(key: str, found: Any, wanted: Any) -> str:
    if wanted == ANY:
        return f"no {key}"
    if wanted is None:
        return f"{key}={_plain(found)}"
    return f"{key}={_plain(found)}, not {_plain(wanted)}"


def _said(name: str, label: str) -> bool:
    """Is a label of published answers that name, or does one such as /GPT4All-J_DPO_cp4000/ hold
    its several words one after the other?"""
    words, said = (re.findall(r"[a-z0-9.]+", text.lower()) for text in (name, label))
    inside = (said[place : place + len(words)] for place in range(len(said) - len(words) + 1))
    return name == label or (len(words) > 1 and words in inside)


def _select(node: Any, key: str) -> Any:
    for part in key.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    return node


def _texts(value: Any) -> Any:
    """Values alike but for their form: 20 and 20.0, [home] and home, true and "true"."""
    if isinstance(value, Mapping):
        return {str(key): _texts(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return sorted(str(text) for one in value for text in _texts(one))
    if isinstance(value, bool) or value is None:
        return [str(value).lower()]
    if isinstance(value, int | float):
        return [f"{float(value):g}"]
    return [str(value)]


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_plain, value))}]"
    return "null" if value is None else str(value)
