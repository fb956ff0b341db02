"""What a run's run.json says of it, as a reader looks it up: command, digests, code, machine."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tombench.errors import UserError
from tombench.runs import RUN, read_run
from tombench.summary.report.contents import Card

SHORT = 12  # characters of a digest that tell it from any other of a report


@dataclass(frozen=True)
class Fact:
    """A fact of a run; a digest is shown short, with the whole of it at hand."""

    name: str
    text: str
    whole: str = ""  # of what is shown short
    code: bool = False  # a command, or a setting: in the type of a terminal


def facts(card: Card, how: str) -> tuple[Fact, ...]:
    """Every fact that the run's folder knows, in the order in which a reader asks for them."""
    return tuple(fact for fact in _facts(card, how) if fact.text)


def _facts(card: Card, how: str) -> Iterator[Fact]:
    about, identity = card.about, card.about.get("identity", {})
    task, model = identity.get("task") or {}, identity.get("model") or {}
    yield Fact("Model", card.run.model)
    yield Fact("Put as", how)
    yield Fact("Command", about.get("command", ""), code=True)
    yield Fact("Run folder", str(card.run.folder), code=True)
    yield _digest("Identity", card.run.identity_hash)
    yield _digest("Data", task.get("data"))
    yield from _model(model)
    yield from _training(about.get("configuration") or {}, about.get("started", ""))
    yield Fact("Task", _settings(task, leave=("name", "class", "data")), code=True)
    yield Fact("Prompting", _settings(identity.get("prompting") or {}), code=True)
    yield Fact("Policy", _settings(identity.get("policy") or {}), code=True)
    yield Fact("Sampling", _settings(identity.get("generation") or {}), code=True)
    yield Fact("Seed", _text(identity.get("seed")))
    yield Fact("Limit", f"the first {card.run.limit:,} items" if card.run.limit else "")
    yield Fact("Time", _time(about))
    yield Fact("Drawn", _drawn(about))
    yield Fact("Code", _code(about.get("git")))
    yield Fact("Machine", _machine(about.get("hardware") or {}, about.get("processes")))
    yield Fact("Versions", _versions(about.get("packages") or {}))


def _model(model: Mapping[str, Any]) -> Iterator[Fact]:
    """Of one model its digest and precision; of several, by role, each one's."""
    if any(isinstance(value, dict) for value in model.values()):
        for role, own in model.items():
            if isinstance(own, dict):
                yield _digest(f"Weights, {role}", own.get("digest"))
                yield Fact(f"Loaded, {role}", _settings(own, leave=("digest",)), code=True)
        return
    yield _digest("Weights", model.get("digest"))
    yield Fact("Loaded as", _settings(model, leave=("digest",)), code=True)


def _training(configuration: Mapping[str, Any], before: str) -> Iterator[Fact]:
    """The command that trained the model, where its folder is still there as it was then."""
    model = configuration.get("model") or {}
    for key in ("path", "adapter"):
        folder = Path(str(model.get(key) or ""))
        if not (folder / RUN).is_file():
            continue
        try:
            trained = read_run(folder)
        except UserError:
            continue
        if trained.get("status") == "finished" and trained.get("ended", "") <= before:
            recipe = trained.get("identity", {}).get("recipe") or {}
            yield Fact("Recipe", str(recipe.get("name") or recipe.get("class") or ""))
            yield Fact("Trained by", trained.get("command", ""), code=True)


def _digest(name: str, digest: str | None) -> Fact:
    return Fact(name, (digest or "")[:SHORT], whole=digest or "", code=True)


def _settings(node: Mapping[str, Any], leave: tuple[str, ...] = ()) -> str:
    """`key=value`, with what is empty left out."""
    told = {k: v for k, v in node.items() if k not in leave and v not in (None, [], {}, "")}
    return "  ".join(f"{key}={_text(value)}" for key, value in told.items())


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _time(about: Mapping[str, Any]) -> str:
    """Start and end as run.json has them, and how long it was between them."""
    started, ended = about.get("started"), about.get("ended")
    if not (started and ended):
        return started or ""
    try:
        moments = [datetime.fromisoformat(at) for at in (started, ended)]
        seconds = (moments[1] - moments[0]).total_seconds()
    except (TypeError, ValueError):  # changed by hand
        return f"{started} to {ended}"
    begun, done = (at.strftime("%Y-%m-%d %H:%M:%S %Z") for at in moments)
    return f"{begun} to {done}: {duration(seconds)} from the first start to the end"


def duration(seconds: float) -> str:
    """ "27 s", "4 min 10 s", "3 h 5 min"."""
    whole = math.floor(seconds + 0.5)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def _drawn(about: Mapping[str, Any]) -> str:
    """Tokens that were drawn, and what the model's server counted."""
    counted = (about.get("drawn") or {}) | (about.get("usage") or {})
    return ", ".join(
        f"{value:,} {name.replace('_', ' ')}"
        for name, value in counted.items()
        if isinstance(value, int | float)
    )


def _code(git: Mapping[str, Any] | None) -> str:
    if not git:
        return "no checkout: an installed package"
    state = "with changes that were not committed" if git.get("dirty") else "clean"
    return f"commit {str(git.get('commit'))[:SHORT]}, {state}"


def _machine(hardware: Mapping[str, Any], processes: int | None) -> str:
    parts = [hardware.get("machine"), hardware.get("system")]
    parts += [f"{hardware['cores']} cores"] if hardware.get("cores") else []
    parts += [f"{hardware['memory_gib']} GiB"] if hardware.get("memory_gib") else []
    parts += hardware.get("accelerators") or ["no accelerator"]
    parts += [f"{processes} processes"] if processes and processes > 1 else []
    return ", ".join(str(part) for part in parts if part)


def _versions(packages: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in packages.items())
