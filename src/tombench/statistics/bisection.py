"""Where a rising function reaches a value."""

from collections.abc import Callable

HALVINGS = 200  # ends earlier, when no number lies between the bounds


def reaches(function: Callable[[float], float], value: float) -> float:
    """The x ≥ 0 at which a rising function comes to `value`; 0 where it begins above it."""
    low, high = 0.0, 1.0
    if function(low) >= value:
        return 0.0
    while function(high) < value:
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if function(middle) < value else (low, middle)
    return high
