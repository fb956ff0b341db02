"""The components of one evaluation: who is asked what, and what of it decides the result."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from tombench import __version__
from tombench.backends.base import Backend, Preview, Server
from tombench.backends.responses.key import responder
from tombench.backends.responses.server import with_cache
from tombench.backends.several.roles import LARGE, TUNED, UNTUNED
from tombench.backends.several.server import check_several, several_preview, several_server
from tombench.backends.several.weights import bare
from tombench.backends.silent import Silent
from tombench.config import build, plain
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.planning.policies.language_model import alphas_of
from tombench.provenance import facts
from tombench.records import RunFolder
from tombench.runs import METRICS, RUN, read_run
from tombench.schema import Item, Metric, Record, Request, Response
from tombench.stages.headline import headline
from tombench.tasks.base import Setting, Task
from tombench.tasks.preparation import Whereabouts


@dataclass(frozen=True)
class Job:
    """The components of one evaluation."""

    task: Task
    model: Model
    backend: Backend
    setting: Setting
    others: Mapping[str, Model] = field(default_factory=dict)  # role -> a further model

    @classmethod
    def of(cls, config: DictConfig) -> "Job":
        task, model, backend = (build(config, key) for key in ("task", "model", "backend"))
        if fitted := getattr(task, "fitted", None):
            task = fitted(model, backend)
            where = Whereabouts(Path(config.output_root), facts(config), config.quiet)
            backend = task.serving(backend, config.seed, where)
        reads = getattr(task, "reads", ())
        policy = build(config, "policy") if "policy" in reads else None
        if policy is not None and not policy.asks_model:
            backend = Silent(policy.name)
        others = further_models(config, policy)
        setting = Setting(
            prompting=build(config, "prompting"),
            sampling=build(config, "generation").over(task.sampling),
            seed=config.seed,
            model=" on ".join([backend.label(model), *(m.label for m in others.values())][:2]),
            policy=policy,
            trained_on=trained_on(model),
        )
        return cls(task, model, backend, setting, others)

    @property
    def asks(self) -> bool:
        """Is any model asked?"""
        return not isinstance(self.backend, Silent)

    @property
    def folder(self) -> str:
        """Whose runs stand together: the model's name, or who answers without one."""
        if not self.asks:
            return self.setting.model
        return "-on-".join([self.model.name, *(m.name for m in self.others.values())][:2])

    @property
    def models(self) -> dict[str, Model]:
        """By role, of several."""
        return {TUNED: self.model, **self.others}

    @property
    def alphas(self) -> tuple[float, ...]:
        """Those that a server combines token by token; () where the task combines scores."""
        policy = self.setting.policy
        return alphas_of(policy) if self.others and policy.over == "tokens" else ()

    def check(self) -> None:
        """Refuse what could not be loaded, before any weights are read."""
        if self.others:
            check_several(self.backend, self.models, self.alphas)
        else:
            self.backend.check(self.model)

    def pinned(self) -> None:
        """Refuse models whose weights can change under one name: answers of theirs are not kept."""
        if not getattr(self.backend, "keeps_responses", True):
            raise UserError(
                f"cache: responses of task={self.task.name} are of masked weights, which no cache "
                "knows; leave it out: an unfinished run goes on by itself"
            )
        for model in self.models.values() if self.asks else ():
            responder(self.backend, model)

    def preview(self) -> Preview:
        """For a dry run."""
        if self.others:
            return several_preview(self.backend, self.models)
        return self.backend.preview(self.model)

    def server(self, cache: Path | None) -> Server:
        """The model, ready to answer; behind a cache, loaded only where that lacks something."""
        if self.others:
            return several_server(self.backend, self.models, cache, self.alphas)
        if cache is None or not self.asks:
            return self.backend.load(self.model)
        return with_cache(self.backend, self.model, cache)

    def score(
        self, item: Item, requests: Sequence[Request], responses: Sequence[Response]
    ) -> list[Record]:
        """An item's records; a task that reads a policy scores by it."""
        if self.setting.policy is None:
            return self.task.score(item, requests, responses)
        return self.task.score_by(self.setting.policy, item, requests, responses)

    def conclude(self, run: RunFolder, server: Server) -> None:
        """What the task does with the loaded model once all is answered."""
        if then := getattr(self.task, "conclude", None):
            then(run, server, self.setting)

    def identity(self, config: DictConfig) -> dict[str, Any]:
        """Everything that can change a record or a metric, and nothing else."""
        fixed = {
            key: value
            for key, value in plain(self.backend).items()
            if key not in self.backend.not_identity
        }
        unread = getattr(self.task, "not_identity", frozenset())
        unused = getattr(self.task, "unused", frozenset())
        rules = getattr(self.task, "rules_digest", None)  # of a task that reads free text
        policy = self.setting.policy
        asked = {} if policy is None else {"policy": self.task.policy_identity(policy)}
        if self.others:
            several = {role: self.backend.model_identity(m) for role, m in self.others.items()}
            asked["others"] = several
        return asked | {
            "stage": "eval",
            "version": __version__,
            "rules": rules() if rules else None,
            "task": {"class": type(self.task).__name__}
            | {k: v for k, v in plain(self.task).items() if k not in unread}
            | {"data": self.task.data_digest()},
            "backend": {"class": type(self.backend).__name__} | fixed,
            "model": self.backend.model_identity(self.model),
            "prompting": None if "prompting" in unused else plain(self.setting.prompting),
            "generation": plain(self.setting.sampling),
            "seed": self.setting.seed,
            "limit": config.limit,
        }

    def show(self, folder: Path) -> None:
        """Who was asked how, and what came of it."""
        found = json.loads((folder / METRICS).read_text(encoding="utf-8"))["metrics"]
        metrics = {name: Metric(**metric) for name, metric in found.items()}
        drawn = getattr(self.task, "repetitions", None) != 0
        if lines := headline(metrics, drawn):
            print(f"{self.setting.model}, {self.asked}: " + "\n  ".join(lines))

    @property
    def asked(self) -> str:
        """How, or what where the task reads no prompting."""
        if told := getattr(self.task, "told", None):
            return told
        if "prompting" in getattr(self.task, "unused", ()):
            return f"{getattr(self.task, 'suite', self.task.name)} stories"
        return self.setting.prompting.name


def further_models(config: DictConfig, policy: Any) -> dict[str, Model]:
    """Weak-to-strong's other models by role; {} where the policy has one model or none.

    The small model as it was before post-training is the same weights without their adapter where
    none is named.

    Raises:
        UserError: no large model is named, or what was tuned cannot be told from what was not.
    """
    if LARGE not in getattr(policy, "roles", ()):
        return {}
    if not isinstance(config.get(LARGE), DictConfig):
        raise UserError(
            "policy=weak_to_strong: it steers a large model, and none is named; give "
            "model@large=NAME, such as model@large=small"
        )
    tuned = build(config, "model")
    if isinstance(config.get(UNTUNED), DictConfig):
        untuned = build(config, UNTUNED)
    else:
        untuned = without_adapter(tuned)
    return {LARGE: build(config, LARGE), UNTUNED: untuned}


def trained_on(model: Model) -> Mapping[str, Any]:
    """What the task was set to where a run of ours trained the model; {} where none is known."""
    for path in (model.adapter, model.path):
        folder = Path(path).expanduser() if path else None
        if folder is not None and (folder / RUN).is_file():
            return read_run(folder)["configuration"].get("task", {})
    return {}


def without_adapter(tuned: Model) -> Model:
    """The same weights as they were before an adapter was put on them."""
    before = bare(tuned)
    if before is None:
        raise UserError(
            f"policy=weak_to_strong: model={tuned.label} has no adapter to switch off, so what it "
            "was before post-training must be named; give model@untuned=NAME, such as "
            "model@untuned=tiny"
        )
    return before
