"""Learning rate over time: linear warm-up, a plateau, linear decay to zero."""


def learning_rate_factor(step: int, steps: int, warmup: int, decay: float) -> float:
    """The factor on the learning rate at `step` (0-based) of `steps`.

    The last `decay` share of the steps falls linearly to zero, reached after the last step.
    """
    rising = (step + 1) / (warmup + 1)
    falling = (steps - step) / (decay * steps) if decay else 1.0
    return min(1.0, rising, falling)
