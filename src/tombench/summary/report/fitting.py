"""How many records of each run there is room for."""

from collections.abc import Callable, Sequence

ROUNDS = 8
NEAR = 0.9  # of the budget: near enough
AIM = 0.95  # of the budget: fewer records cost more each, so aiming at all of it overshoots


def fitted(size: Callable[[int, int], int], numbers: Sequence[int], budget: int, trial: int) -> int:
    """The most records a run, the same for all, whose blocks are within a budget; nearly.

    A block is smaller than the sum of its records' blocks, and how much smaller is known only when
    it is made: so a trial tells what a record costs, the number that follows from it is tried, and
    so on.

    Args:
        size: of the block of a run (its place) with at most so many records, bytes.
        numbers: of each run, how many records it has.
        budget: bytes for all blocks together.
        trial: records a run, to begin with.

    Returns:
        Records a run; the largest of `numbers` where all fit, 0 where none does.
    """
    whole = max(numbers, default=0)
    known: dict[tuple[int, int], int] = {}
    most, best, over = min(trial, whole), 0, whole + 1
    for _ in range(ROUNDS):
        sizes = []
        for place, number in enumerate(numbers):
            key = place, min(most, number)
            known[key] = known[key] if key in known else size(*key)
            sizes.append(known[key])
        if sum(sizes) <= budget:
            best = max(best, most)
            if most == whole or sum(sizes) >= NEAR * budget:
                break
        else:
            over = min(over, most)
        costs = [
            cost / max(1, min(most, number)) for cost, number in zip(sizes, numbers, strict=True)
        ]
        most = max(best, min(filled(costs, numbers, AIM * budget), over - 1))
        if most == best:
            break
    return best


def filled(costs: Sequence[float], numbers: Sequence[int], budget: float) -> int:
    """The most records a run, the same for all, that a budget pays for.

    Args:
        costs: of a record of each run.
        numbers: of each run, how many records it has.
    """
    low, high = 0, max(numbers, default=0)
    while low < high:
        most = (low + high + 1) // 2
        paid = sum(cost * min(most, number) for cost, number in zip(costs, numbers, strict=True))
        low, high = (most, high) if paid <= budget else (low, most - 1)
    return low
