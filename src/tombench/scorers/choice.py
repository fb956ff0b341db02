"""Log-probabilities to a choice."""

from collections.abc import Mapping


def forced_choice(log_probs: Mapping[str, float], target: str) -> float:
    """1 where the target is the most probable option, 0 where another is, 0.5 in a tie."""
    best = max(log_probs.values())
    winners = [option for option, value in log_probs.items() if value == best]
    return 1 / len(winners) if target in winners else 0.0
