"""What does not add up in episodes: checks of one question, and of the questions of one episode.

Nothing is repaired and nothing raised; a fault says what a reader of the results should know.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tombench.planning.agreement import disagreements
from tombench.planning.checks import episode_faults
from tombench.planning.episode import Episode, Fault


@dataclass(frozen=True)
class AuditRow:
    """A fault, ready for a table."""

    question: str  # its id
    episode: str  # that the question is about
    question_type: str
    check: str
    what: str

    def cells(self) -> dict[str, str]:
        """By column."""
        return asdict(self)


@dataclass(frozen=True)
class Audit:
    """All faults of a set of questions."""

    questions: int
    rows: tuple[AuditRow, ...]

    @property
    def clean(self) -> int:
        """How many questions have no fault."""
        return self.questions - len({row.question for row in self.rows})

    @property
    def counts(self) -> dict[str, int]:
        """Questions with a fault, by check; the most frequent first."""
        pairs = {(row.check, row.question) for row in self.rows}
        counted = Counter(check for check, _ in pairs)
        return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def audit_table(episodes: Sequence[Episode]) -> Audit:
    """`audit`, with what a table needs beside."""
    known = {episode.id: episode for episode in episodes}
    rows = tuple(
        AuditRow(name, one.cluster, one.query.question_type, fault.check, fault.what)
        for name, fault in audit(episodes)
        for one in [known[name]]
    )
    return Audit(len(episodes), rows)


def audit(episodes: Sequence[Episode]) -> list[tuple[str, Fault]]:
    """Ids of questions with their faults, in the questions' order."""
    across = defaultdict(list)
    for name, fault in disagreements(episodes):
        across[name].append(fault)
    return [
        (episode.id, fault)
        for episode in episodes
        for fault in dict.fromkeys((*episode_faults(episode), *across[episode.id]))
    ]
