"""What a task is: items, requests, scores, metrics. A new task is one such class and one YAML."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tombench.prompts import Prompting
from tombench.schema import Item, Metric, Record, Request, Response, Sampling


@dataclass(frozen=True)
class Setting:
    """How the items are put in this run."""

    prompting: Prompting
    sampling: Sampling
    seed: int
    model: str  # the model's label in tables
    policy: Any = None  # of a task that reads one: the action likelihood of the planner
    trained_on: Mapping[str, Any] = field(default_factory=dict)  # the task's fields at its training


@dataclass(frozen=True)
class Metrics:
    """What a run comes to; `metrics.json` is this, written out."""

    metrics: Mapping[str, Metric]
    groups: Mapping[str, Mapping[str, Mapping[str, Metric]]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)  # further top-level keys


class Task(Protocol):
    """A suite of items with the way to ask and score them.

    One that does not read every group says in `unused` which, as a backend does; one that reads a
    group of few tasks (policy, large, untuned) says so in `reads`, scores by the policy in
    `score_by(policy, item, requests, responses)`, and tells in `policy_identity(policy)` all of it
    that can change a result. One whose items depend on the model has `fitted(model, backend)`,
    which gives the task for that model, and `serving(backend, seed, where)`, which may put a
    backend of its own around the given one. `conclude(run, server, setting)`, where a task has it,
    is called once all is answered.
    """

    name: str

    @property
    def sampling(self) -> Sampling:
        """The study's own; generation.* on the command line goes over it."""
        ...

    def data_digest(self) -> str:
        """sha256 of everything that the items are made from, 64 hex digits."""
        ...

    def items(self) -> list[Item]:
        """All items in a fixed order. Raises UserError for a malformed data file."""
        ...

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        """What is asked of the model about one item."""
        ...

    def score(
        self, item: Item, requests: Sequence[Request], responses: Sequence[Response]
    ) -> list[Record]:
        """The item's records: one line of records.jsonl each."""
        ...

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        """Values with intervals from all records, in any order.

        Their texts (prompt, response, thinking, reason) are left on the disk: here they are "".
        """
        ...


def sample_seed(seed: int, item: str, repetition: int) -> int:
    """The 64-bit seed of one sample, from the run's seed, the item's id and the repetition.

    It depends on nothing else, so neither order, batch size nor workers change what is drawn.
    """
    text = f"{seed}\n{item}\n{repetition}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big")
