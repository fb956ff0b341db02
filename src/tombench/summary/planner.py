"""What a run of task=mmtom says beside its metrics: who answered what, and its curves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tombench.schema import Metric

TASK = "MMToM"
"""The class of the task, as a run's identity names it."""
PUBLISHED = "published"
"""The suite of questions that a file brought."""
FACTORS = ("question_type", "question_family", "theme")
HOME = "home"


@dataclass(frozen=True)
class Bin:
    """Questions whose P(a) lies in one tenth: how probable (a) was held, how often it was right."""

    low: float
    high: float
    n: int
    mean_probability: float
    share: float


@dataclass(frozen=True)
class AlphaPoint:
    """Weak-to-strong at one alpha: accuracy with its 95 % interval, log score in nats."""

    alpha: float
    accuracy: float
    low: float
    high: float
    log_score: float


@dataclass(frozen=True)
class Planner:
    """A run of task=mmtom."""

    suite: str  # seven_types, graded_controls, or PUBLISHED
    policy: str  # observer, log_linear, lm, weak_to_strong
    settings: Mapping[str, Any]  # the policy's further fields
    closeness: bool  # was what stood near fused with the text?
    groups: Mapping[str, Mapping[str, Mapping[str, Metric]]]  # factor -> level -> name
    reliability: tuple[Bin, ...] = ()
    alpha_sweep: tuple[AlphaPoint, ...] = ()
    unseen: tuple[str, ...] | None = None  # worlds that nothing was trained on; None: not known

    def trained_on(self, theme: str) -> bool:
        """Was a policy trained on this world, as far as is known?"""
        return self.unseen is not None and theme in self.themes and theme not in self.unseen

    def at(self, factor: str, level: str, name: str) -> Metric | None:
        """A metric at a level of a factor, where the run has it."""
        return self.groups.get(factor, {}).get(level, {}).get(name)

    @property
    def types(self) -> tuple[str, ...]:
        """The types that were asked, in their order; graded controls end in c."""
        return tuple(sorted(self.groups.get("question_type", {})))

    @property
    def seven(self) -> bool:
        """Is any question of the seven types, which published rows are of?"""
        return any(not name.endswith("c") for name in self.types)

    @property
    def themes(self) -> tuple[str, ...]:
        """The worlds that were asked about, home first."""
        return tuple(sorted(self.groups.get("theme", {}), key=lambda name: (name != HOME, name)))


def planner_of(run: Mapping[str, Any], values: Mapping[str, Any]) -> Planner | None:
    """From a run's run.json and metrics.json; None of another task's."""
    identity = run["identity"]
    if identity["task"].get("class") != TASK:
        return None
    policy = dict(identity.get("policy") or {})
    return Planner(
        suite=identity["task"].get("suite", PUBLISHED),
        policy=policy.pop("name", "unknown"),
        settings=policy,
        closeness=run["configuration"]["task"].get("closeness") is not None,
        groups={
            factor: {
                level: {name: Metric(**metric) for name, metric in metrics.items()}
                for level, metrics in values["groups"].get(factor, {}).items()
            }
            for factor in FACTORS
        },
        reliability=tuple(Bin(**row) for row in values.get("reliability", ())),
        alpha_sweep=tuple(AlphaPoint(**row) for row in values.get("alpha_sweep", ())),
        unseen=None if "unseen_themes" not in values else tuple(values["unseen_themes"]),
    )


def policy_words(identity: Mapping[str, Any], configuration: Mapping[str, Any]) -> dict[str, Any]:
    """What sets planner runs apart beside task and model: the policy, further models, closeness.

    {} of a run without a policy. A sweep of alphas changes none of its own scores.
    """
    policy = identity.get("policy")
    if policy is None:
        return {}
    words = {
        (name if name == "policy" else f"policy.{name}"): value
        for name, value in ({"policy": policy["name"]} | policy).items()
        if name not in ("name", "sweep")
    }
    for role, model in identity.get("others", {}).items():
        words |= {f"{role}.{key}": str(value)[:8] for key, value in model.items()}
    near = configuration["task"].get("closeness")
    return words if near is None else words | {"closeness": near.rpartition("/")[2]}
