"""Both oracles behind one door: an answer counts only if they agree."""

from collections.abc import Sequence

from tombench.stories import replay
from tombench.stories.events import Plot
from tombench.stories.tracker import track


class OracleDisagreement(Exception):
    """The two oracles answer differently: a defect here, and no story is made of it."""


class Oracles:
    """What is true and who believes what at the end of a plot."""

    def __init__(self, plot: Plot) -> None:
        """Raises ValueError for an event that cannot happen."""
        self.plot = plot
        self.tracker = track(plot)

    def believed(self, chain: Sequence[str], subject: str) -> frozenset[str]:
        """The values that a chain of agents leaves possible; () gives the truth.

        Raises OracleDisagreement where the oracles differ.
        """
        found = self.tracker.believed(chain, subject)
        replayed = replay.believed(self.plot, chain, subject)
        if found != replayed:
            raise OracleDisagreement(
                f"{tuple(chain)} about '{subject}': tracked {sorted(found)}, replayed "
                f"{sorted(replayed)}, in {self.plot}"
            )
        return found

    def belief(self, chain: Sequence[str], subject: str) -> str | None:
        """The one value that is believed; None where there is none ("does not know")."""
        values = self.believed(chain, subject)
        return next(iter(values)) if len(values) == 1 else None

    def truth(self, subject: str) -> str:
        """The subject's true value at the end."""
        return next(iter(self.believed((), subject)))
