"""A finished run's components, built again from its stored configuration: what its identity is now.

What cannot be computed here (a model that is gone, data that are not found) is left out and told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from omegaconf import DictConfig, OmegaConf

from tombench.config import build
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.schema import Record
from tombench.stages import given
from tombench.stages.evaluate import metrics_file
from tombench.stages.job import Job
from tombench.tasks.base import Task

OF_TRAINING = frozenset({"unseen_themes"})
"""Top-level keys of metrics.json that tell of what the model was trained on."""

NOT_FOUND = ("no such", "no run folder")
"""As error lines have it of a path where nothing stands."""

WEIGHTS = ("model", "large", "untuned")
"""Components that name weights."""

Compute = Callable[[Sequence[Record]], Mapping[str, Any]]


@dataclass(frozen=True)
class Rebuilt:
    """A run as its configuration makes it now."""

    identity: Mapping[str, Any] | None = None  # None: it cannot be built here
    left_out: tuple[str, ...] = ()  # keys of it that could not be computed
    unchecked: Mapping[str, str] = field(default_factory=dict)  # aspect -> why
    broken: tuple[tuple[str, str], ...] = ()  # aspect, and what is wrong with what is found
    metrics: Compute | None = None  # what records come to, as metrics.json has it
    records: Callable[[], list[Record]] | None = None  # of answers that files hold: read again


def rebuilt(run: Mapping[str, Any]) -> Rebuilt:
    """Build a run.json's components again; no weights are loaded, nothing is fetched."""
    config = OmegaConf.create(run["configuration"])
    if "device" in config.backend:  # of then; it is no part of the identity
        config.backend.device = "auto"
    try:
        task = build(config, "task")
        if given.has_given_answers(task):
            return _of_files(config, task)
        absent = _absent(config, run["identity"])
        if absent and hasattr(task, "fitted"):  # its conditions follow from the model's shapes
            raise UserError(absent)
        return _of_model(config, run, absent)
    except UserError as error:
        why = _why(error)
        return Rebuilt(unchecked=dict.fromkeys(("data", "weights", "settings", "metrics"), why))


def _of_files(config: DictConfig, task: Any) -> Rebuilt:
    """A run of answers that files hold."""
    try:
        identity = given.identity_of_given(config, task)
    except UserError as error:
        return Rebuilt(
            unchecked={"data": _why(error), "settings": _why(error)} if _not_found(error) else {},
            broken=() if _not_found(error) else (("data", str(error)),),
        )
    return Rebuilt(
        identity,
        metrics=lambda records: metrics_file(task.given_metrics(records)),
        records=lambda: task.given_records(config.limit),
    )


def _of_model(config: DictConfig, run: Mapping[str, Any], absent: str | None) -> Rebuilt:
    """A run of a model, or of a policy or known mind in its place."""
    job = Job.of(config)
    unchecked, broken, left_out = {}, [], []
    if absent:
        unchecked["weights"] = absent
        left_out += ["model", "others"]
        _replace(job.backend, "model_identity")
    elif "served" in (run["identity"].get("model") or {}):
        unchecked["weights"] = "a server does not say which weights answer"
    try:
        digest = job.task.data_digest()
    except UserError as error:
        digest = None
        left_out.append("task.data")
        if _not_found(error):
            unchecked["data"] = _why(error)
        else:
            broken.append(("data", f"cannot be read as they were: {error}"))
    _replace(job.task, "data_digest", digest)
    setting = replace(job.setting, model=run.get("label", job.setting.model))
    compute = None if digest is None else _metrics_of(job.task, setting)
    return Rebuilt(job.identity(config), tuple(left_out), unchecked, tuple(broken), compute)


def _metrics_of(task: Task, setting: Any) -> Compute:
    return lambda records: metrics_file(task.metrics(records, setting))


def _replace(component: Any, method: str, value: Any = None) -> None:
    """Let a component's method give a value that is known, or that cannot be had, from now on."""
    object.__setattr__(component, method, lambda *_: value)


def _absent(config: DictConfig, identity: Mapping[str, Any]) -> str | None:
    """Why the weights of some model of the run cannot be hashed here; None where all can."""
    digested = [identity.get("model"), *(identity.get("others") or {}).values()]
    if not any("digest" in (one or {}) for one in digested):
        return None
    models = (build(config, key) for key in WEIGHTS if isinstance(config.get(key), DictConfig))
    return next(filter(None, map(_not_at_hand, models)), None)


def _not_at_hand(model: Model) -> str | None:
    from tombench.models.hub import cached_snapshot
    from tombench.models.locate import locate

    try:
        source = locate(model)
    except UserError as error:
        return _why(error)
    for place in (source.weights, *source.adapters):
        if place.folder is None and cached_snapshot(place) is None:
            return f"{place.name} is no folder here, and not in the local cache of the Hub"
    return None


def _not_found(error: UserError) -> bool:
    return any(word in str(error) for word in NOT_FOUND)


def _why(error: UserError) -> str:
    line = "; ".join(error.mistakes)
    return f"not found from here: {line}" if _not_found(error) else line
