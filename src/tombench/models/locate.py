"""Where weights lie: a Hub repository, a model folder, a run folder, or the package itself."""

import json
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from tombench.errors import UserError
from tombench.models.base import Model

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
PACKAGED = "data:"


@dataclass(frozen=True)
class Place:
    """A folder on this machine, or (`folder` is None) a repository on the Hub."""

    name: str  # as the user wrote it: what error lines call it
    folder: Path | None
    revision: str | None = None  # of a repository


@dataclass(frozen=True)
class Source:
    """Base weights and the adapters that go on top, first to last."""

    weights: Place
    adapters: tuple[Place, ...] = ()


def locate(model: Model) -> Source:
    """Find a model's weights and adapters; nothing is downloaded but an adapter's base name.

    Raises UserError where a folder does not exist or holds no model.
    """
    source = weights_source(model.path, model.revision)
    if model.adapter is None:
        return source
    return Source(source.weights, (*source.adapters, adapter_place(model.adapter)))


def weights_source(path: str, revision: str | None = None) -> Source:
    """Resolve `model.path`; a folder that holds an adapter alone brings in its base model."""
    place = find(path, revision, key="model.path")
    if place.folder is None:
        return Source(place)
    folder = place.folder
    if (folder / "run.json").is_file():
        folder = _weights_of_run(folder, path)
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        base = weights_source(*base_of_adapter(folder))
        return Source(base.weights, (*base.adapters, Place(path, folder)))
    return Source(Place(path, folder))


def adapter_place(path: str) -> Place:
    """Resolve `model.adapter`: a PEFT folder, a run folder that holds `adapter/`, or a Hub id."""
    place = find(path, None, key="model.adapter")
    if place.folder is None:
        return place
    folder = place.folder
    if (folder / "run.json").is_file() and (folder / "adapter").is_dir():
        folder = folder / "adapter"
    if not (folder / "adapter_config.json").is_file():
        raise UserError(
            f"model.adapter={path}: {folder} holds no adapter_config.json;"
            " give a folder that PEFT saved, or a finetune run with adapter/"
        )
    return Place(path, folder)


def find(path: str, revision: str | None, key: str) -> Place:
    """The folder or Hub repository that `path` names; `key` is what error lines blame."""
    if path.startswith(PACKAGED):
        folder = Path(str(files("tombench.data"))) / path.removeprefix(PACKAGED)
        if not folder.is_dir():
            raise UserError(f"{key}={path}: this tombench has no such folder ({folder})")
        return Place(path, folder)
    folder = Path(path).expanduser()
    if folder.is_dir():
        return Place(path, folder.resolve())
    if folder.is_file():
        raise UserError(f"{key}={path}: this is a file; give the folder that it lies in")
    if HUB_ID.fullmatch(path):
        return Place(path, None, revision)
    raise UserError(f"{key}={path}: no such folder; give an existing folder or a Hub id OWNER/NAME")


def base_of_adapter(folder: Path) -> tuple[str, str | None]:
    """Path or Hub id, and revision, of what an adapter was trained on, by its own config."""
    config = folder / "adapter_config.json"
    try:
        known = json.loads(config.read_text(encoding="utf-8"))
        base, revision = known.get("base_model_name_or_path"), known.get("revision")
    except (ValueError, AttributeError) as error:
        raise UserError(f"{config}: not a JSON object; save the adapter again") from error
    if not base:
        raise UserError(
            f"{config}: base_model_name_or_path is missing;"
            f" set model.path=BASE model.adapter={folder}"
        )
    return str(base), revision


def _weights_of_run(run: Path, path: str) -> Path:
    for name, sign in (
        ("model", "config.json"),
        ("merged", "config.json"),
        ("adapter", "adapter_config.json"),
    ):
        if (run / name / sign).is_file():
            return run / name
    raise UserError(
        f"model.path={path}: this run holds no weights (model/, merged/ or adapter/);"
        " give a finished finetune run"
    )
