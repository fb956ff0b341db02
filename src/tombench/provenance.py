"""Where a number comes from: command, code, versions, machine; and what must never be written."""

import json
import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from tombench import __version__
from tombench.config import CONFIG_DIR

PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "peft",
    "accelerate",
    "bitsandbytes",
    "numpy",
    "scipy",
    "hydra-core",
    "omegaconf",
    "openai",
    "pydantic",
)

HIDDEN = "(hidden)"
_NAMED = r"(?:token|secret|password|passwd|pat|credentials?|(?:[a-z0-9]+_)?key|apikey)"
_SECRET_NAME = re.compile(rf"(^|_|[a-z](?=passw)){_NAMED}$", re.IGNORECASE)
_SECRET_VALUE = re.compile(
    r"\b(hf_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,})"
)
_URL_LOGIN = re.compile(r"(?<=://)[^/\s@\"]+(?=@)")
_URL_FIELD = re.compile(rf"(?<=[?&])(?:\w*_)?{_NAMED}=[^&#\s\"']+", re.IGNORECASE)
_FORMS = (
    (_SECRET_VALUE, ("hf_", "sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    (_URL_LOGIN, ("://",)),
    (_URL_FIELD, ("=",)),
)
"""What is hidden, and what a text must hold for it to be there: looking for that is far quicker."""
_ASSIGNED = re.compile(
    rf"((?:^|[\s.\"'{{,])\+{{0,2}}(?:[\w.]*[_.])?{_NAMED}[\"']?\s*[=:]\s*[\"']?)"
    r"(?!null\b)([^\s\"',}]+)",
    re.IGNORECASE,
)


def redacted(value: Any) -> Any:
    """A text, or mappings and lists of texts, with secrets left out; keys stay as they are.

    Hidden are: values of environment variables named as tokens, keys or passwords; text in the
    form of a Hub, API or GitHub token; logins and `?token=` and its like in URLs.
    """
    return _redacted(value, _environment_secrets())


def without_secrets(value: Any) -> Any:
    """A configuration whose keys named as secrets have their values hidden."""
    if isinstance(value, Mapping):
        return {
            key: HIDDEN
            if _SECRET_NAME.search(str(key)) and inner is not None
            else without_secrets(inner)
            for key, inner in value.items()
        }
    return [without_secrets(inner) for inner in value] if isinstance(value, list) else value


def _redacted(value: Any, secrets: Sequence[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _redacted(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(inner, secrets) for inner in value]
    if not isinstance(value, str):
        return value
    for secret in secrets:
        value = value.replace(secret, HIDDEN)
    for pattern, marks in _FORMS:
        if any(mark in value for mark in marks):
            value = pattern.sub(HIDDEN, value)
    return value


def _environment_secrets() -> list[str]:
    """As they are and as JSON writes them; the longest first, since one may hold another."""
    values = {
        value for name, value in os.environ.items() if _SECRET_NAME.search(name) and len(value) >= 8
    }
    return sorted(values | {json.dumps(value)[1:-1] for value in values}, key=len, reverse=True)


def facts(config: DictConfig) -> dict[str, Any]:
    """What run.json records beside the identity: configuration, command, code, machine."""
    words = redacted([_ASSIGNED.sub(rf"\1{HIDDEN}", word) for word in _job_words()])
    return {
        "configuration": without_secrets(OmegaConf.to_container(config, resolve=True)),
        "argv": words,
        "command": shlex.join(["tombench", *_config_dir(), *words]),
        "git": git_state(),
        "packages": {"python": platform.python_version(), "tombench": __version__} | _versions(),
        "hardware": hardware(),
    }


def _config_dir() -> list[str]:
    given = os.environ.get(CONFIG_DIR)
    return ["--config-dir", given] if given else []


def _job_words() -> list[str]:
    """The overrides of this job: of a sweep's one job, not of the whole sweep."""
    if not HydraConfig.initialized():
        return sys.argv[1:]
    return [str(word) for word in HydraConfig.get().overrides.task]


def git_state() -> dict[str, Any] | None:
    """Commit of this package's own checkout and whether it was changed; None outside of one."""
    root = Path(__file__).parents[2]
    if not (root / "pyproject.toml").exists():
        return None
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        return None
    return {"commit": commit, "dirty": bool(_git(root, "status", "--porcelain"))}


def hardware() -> dict[str, Any]:
    """Processor, its cores, memory in GiB, and the accelerators that torch has found so far."""
    torch = sys.modules.get("torch")
    found = torch is not None and torch.cuda.is_available()
    names = (
        [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if found else []
    )
    return {
        "machine": platform.machine(),
        "system": platform.platform(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gib": _memory_gib(),
        "accelerators": names,
    }


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (ValueError, OSError, AttributeError):
        return None


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
