"""Statistics as JSON can hold them: what is no number there is null."""

from math import isfinite
from typing import Any

from tombench.config import plain


def written(value: Any) -> Any:
    """Dataclasses, mappings and lists as plain ones; NaN and infinities as None."""
    return _finite(plain(value))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(own) for name, own in value.items()}
    if isinstance(value, list):
        return [_finite(own) for own in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
