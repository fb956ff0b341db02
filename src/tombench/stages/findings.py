"""What is found of a run while it is checked, and nested values key by key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Any

EQUAL, DIFFERS, UNCHECKED, NONE = "equal", "differs", "not checked", "–"


@dataclass
class Findings:
    """What is found of one run while it is checked, by aspect."""

    seen: set[str] = field(default_factory=set)
    differing: dict[str, list[str]] = field(default_factory=dict)
    unchecked: dict[str, str] = field(default_factory=dict)  # and why

    @property
    def differences(self) -> tuple[str, ...]:
        """A line each, its aspect first."""
        return tuple(f"{name}: {line}" for name, lines in self.differing.items() for line in lines)

    def differs(self, aspect: str, line: str) -> None:
        self.differing.setdefault(aspect, []).append(line)

    def verdict(self, aspect: str) -> str:
        if aspect in self.differing:
            return DIFFERS
        if aspect in self.unchecked:
            return UNCHECKED
        return EQUAL if aspect in self.seen else NONE


def leaves(value: Any, key: str = "") -> dict[str, Any]:
    """The values of nested mappings and lists by their dotted path."""
    if isinstance(value, list | tuple):
        value = {str(place): one for place, one in enumerate(value)}
    if not isinstance(value, Mapping) or not value:
        return {key: value}
    found: dict[str, Any] = {}
    for name, inner in value.items():
        found |= leaves(inner, f"{key}.{name}" if key else str(name))
    return found


def told(values: Mapping[str, Any], key: str) -> str:
    """A value in a line; of a digest its first digits."""
    if key not in values:
        return "nothing"
    text = str(values[key])
    return f"{text[:12]}…" if re.fullmatch("[0-9a-f]{64}", text) else shorten(text, 80)
