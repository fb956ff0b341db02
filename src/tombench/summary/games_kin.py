"""Whom a run of task=games names: its teacher, and the model as it was before its training."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench.runs import RUN, read_run


@dataclass(frozen=True)
class Kin:
    """By which other runs a student is judged, as far as its run and its training name them."""

    base: tuple[str, str] | None = None  # path and adapter of the model that answered, if one did
    trained_from: tuple[str, str] | None = None  # those of the model before its training
    teacher: Path | None = None
    untuned: Path | None = None

    @property
    def student(self) -> bool:
        """Does anything say that it learnt from somebody?"""
        return self.teacher is not None or self.trained_from is not None


def kin_of(run: Mapping[str, Any]) -> Kin:
    """Who the options of a run, its run.json, and the training of its model name."""
    configuration = run["configuration"]
    task = configuration.get("task") or {}
    model = (configuration.get("model") or {}) if run["identity"].get("model") else {}
    training = _training(model)
    learnt = (training.get("task") or {}) if training else {}
    teacher = task.get("teacher") or learnt.get("teacher")
    return Kin(
        base=_weights(model) if model else None,
        trained_from=_weights(training["model"]) if training else None,
        teacher=_resolved(teacher),
        untuned=_resolved(task.get("untuned")),
    )


def _training(model: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The configuration of the run of task=games that trained a model; None where none did."""
    for named in (model.get("adapter"), model.get("path")):
        place = _resolved(named)
        for folder in (place, place.parent) if place else ():
            if (folder / RUN).is_file():
                run = read_run(folder)
                of_games = run["identity"].get("task", {}).get("name") == "games"
                if run["identity"].get("stage") == "finetune" and of_games:
                    return run["configuration"]
    return None


def _weights(model: Mapping[str, Any]) -> tuple[str, str]:
    """What tells a model's weights from others': its path and adapter, folders in full."""
    path, adapter = (
        str(place if (place := _resolved(named)) and place.exists() else named or "")
        for named in (model.get("path"), model.get("adapter"))
    )
    return path, adapter


def _resolved(named: str | None) -> Path | None:
    return Path(named).expanduser().resolve() if named else None
