"""From a YAML node to the object that it names, and what of a run decides its result."""

import dataclasses
import hashlib
import importlib
import json
import os
import sys
import typing
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import BeforeValidator, Field, ValidationError
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError, gathered, listed, nearest, told
from tombench.schema import STRICT

CONFIG_DIR = "TOMBENCH_CONFIG_DIR"
"""Environment variable in which the command tells its workers of `--config-dir`."""


def _switch(value: Any) -> Any:
    """Words for on and off, which YAML 1.2 leaves as text."""
    words = {"no": False, "off": False, "false": False, "yes": True, "on": True, "true": True}
    if not isinstance(value, str) or value.lower() in words:
        return words.get(str(value).lower(), value)
    if hint := nearest(value, words):
        raise ValueError(f"true, false or a folder; {hint} a folder of that name is ./{value}")
    return value


@checked(frozen=True, config=STRICT)
class Common:
    """The keys that every stage knows; they stand at the top level of the configuration."""

    seed: Annotated[int, Field(ge=0)]
    limit: Annotated[int, Field(ge=1)] | None
    output_root: str
    dry_run: bool
    quiet: bool
    debug: bool
    rerun: bool
    cache: Annotated[bool | str | None, BeforeValidator(_switch)]
    run: str | list[str] | None
    item: str | int | None


def common(config: DictConfig) -> Common:
    """The top-level keys, checked.

    Raises:
        UserError: one line for each that has a wrong type or is out of bounds.
    """
    names = [field.name for field in dataclasses.fields(Common)]
    return _built(Common, OmegaConf.to_container(OmegaConf.masked_copy(config, names)), "")


def settled(config: DictConfig) -> DictConfig:
    """`config` with its top-level keys as `Common` reads them: `quiet=no` is false, `~` is home.

    Raises:
        UserError: as `common`.
    """
    values = dataclasses.asdict(common(config))
    root = str(Path(values["output_root"]).expanduser())
    return OmegaConf.merge(config, values | {"output_root": root})


def target_class(node: DictConfig, key: str) -> type:
    """The class that a node's `_target_` names.

    Raises:
        UserError: there is no `_target_`, or nothing of that name can be imported.
    """
    path = OmegaConf.to_container(node, resolve=False).get("_target_")
    if not path or "." not in str(path):
        raise UserError(
            f"{key}: its YAML file has no _target_; name the class, as package.module.Class"
        )
    module, _, name = path.rpartition(".")
    try:
        return getattr(imported(module), name)
    except (ImportError, AttributeError) as error:
        raise UserError(
            f"{key}: cannot import _target_ '{path}' ({error}); check its spelling"
        ) from error


def imported(module: str) -> ModuleType:
    """An installed module, else one beside the command or in the user's `--config-dir`.

    These folders are looked in for that module alone: a file there that happens to have the name
    of some library's optional dependency is never run.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if not module.startswith(str(error.name)):
            raise
    known = list(sys.path)
    sys.path += [str(Path.cwd()), *filter(None, [os.environ.get(CONFIG_DIR)])]
    try:
        return importlib.import_module(module)
    finally:
        sys.path[:] = known


def fields(node: DictConfig, key: str) -> list[str]:
    """Names of the keys that a node may hold: the fields of its class, else its own keys."""
    if "_target_" not in node:
        return [str(name) for name in node]
    return [field.name for field in dataclasses.fields(target_class(node, key))]


def build(config: DictConfig, key: str) -> Any:
    """Build the component at `config[key]` from the class that it names.

    The class is the schema: unknown keys, wrong types and values out of bounds are refused. A key
    that holds a component itself, as the links of a chain do, is built first.

    Raises:
        UserError: one line for each key that the class does not take.
    """
    if not isinstance(config.get(key), DictConfig):
        raise UserError(f"{key}={config.get(key)}: it has keys of its own; give {key}.KEY=…")
    return _component(config[key], key)


def _component(node: DictConfig, key: str) -> Any:
    """What `node`, which stands at `key`, names."""
    cls = target_class(node, key)
    try:
        values = OmegaConf.to_container(node, resolve=True, throw_on_missing=False)
    except OmegaConfBaseException as error:
        raise UserError(f"{key}: {str(error).splitlines()[0]}") from error
    values.pop("_target_")
    missing = [name for name, value in values.items() if value == "???"]
    if missing:
        raise UserError(*(f"{key}.{name} is not set; give {key}.{name}=…" for name in missing))
    parts = [
        name for name, value in values.items() if isinstance(value, dict) and "_target_" in value
    ]
    built = gathered(*(partial(_component, node[name], f"{key}.{name}") for name in parts))
    return _built(cls, values | dict(zip(parts, built, strict=True)), f"{key}.")


def _built(cls: type, values: Mapping[str, Any], prefix: str) -> Any:
    try:
        return cls(**values)
    except ValidationError as error:
        raise UserError(*_mistakes(error, prefix, cls)) from error


def _mistakes(error: ValidationError, prefix: str, cls: type) -> list[str]:
    """pydantic's findings, a line each: key, value, what is allowed, the nearest match."""
    lines: dict[str, str] = {}
    for found in error.errors(include_url=False):
        inside = _class_inside(cls, str(found["loc"][0])) if len(found["loc"]) > 1 else None
        name = str(found["loc"][0]) if inside is None else f"{found['loc'][0]}.{found['loc'][-1]}"
        where = f"{prefix}{name}"
        if found["type"] == "unexpected_keyword_argument":
            options = [field.name for field in dataclasses.fields(inside or cls)]
            line = told(f"{where}: no such key", nearest(name, options), listed(options))
        elif found["type"] == "literal_error":
            options = found["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            value = str(found["input"])
            line = told(f"{where}={value}: not allowed", nearest(value, options), listed(options))
        elif found["type"].startswith("missing"):
            line = f"{where} is not set; give {where}=…"
        else:
            what = found["msg"].removeprefix("Input ").removeprefix("Value error, ")
            line = f"{where}={found['input']}: {what}"
            if found["type"] == "string_type" and isinstance(found["input"], int | float):
                line += f"; quotes make text of a number: {where}=\"'{found['input']}'\""
        if where in lines and lines[where] != line:  # a union's branches: any of them would do
            line = f"{lines[where]}, or {found['msg'].removeprefix('Input ')}"
        lines[where] = line
    return list(lines.values())


def _class_inside(cls: type, name: str) -> type | None:
    """The dataclass that a field holds, such as the adapter's settings in a recipe's `lora`."""
    hint = typing.get_type_hints(cls).get(name)
    for part in (hint, *typing.get_args(hint)):
        if dataclasses.is_dataclass(part):
            return part
    return None


def canonical(value: Any) -> str:
    """One JSON text for equal values: sorted keys, no blanks."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plain(value: Any) -> Any:
    """Dataclasses, mappings and sequences as plain dicts and lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def identity_hash(identity: Mapping[str, Any]) -> str:
    """sha256 over everything that can change a run's result, 64 hex digits."""
    return hashlib.sha256(canonical(identity).encode()).hexdigest()
