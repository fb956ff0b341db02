"""The README.md beside saved weights: what they are, how they came about, how to use them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench import __version__
from tombench.config import plain
from tombench.recipes.base import TrainingJob
from tombench.recipes.tuning import TuningSettings

SHOWN = ("loss", "learning rate", "tokens", "seconds", "parameters")


@dataclass(frozen=True)
class Card:
    """What a card tells of."""

    folder: Path  # adapter/, merged/ or model/ of a run
    settings: TuningSettings
    job: TrainingJob
    base: str  # Hub id or folder of the weights that were tuned
    numbers: Mapping[str, float]


def card(facts: Card) -> str:
    """Markdown with the header that the Hub reads."""
    kind, recipe = facts.folder.name, type(facts.settings).__name__.lower()
    library = "peft" if kind == "adapter" else "transformers"
    on_hub = not Path(facts.base).is_absolute() and not facts.base.startswith("data:")
    header = ["---", *([f"base_model: {facts.base}"] if on_hub else []), f"library_name: {library}"]
    tags = ["tombench", recipe, *(["lora"] if kind == "adapter" else [])]
    header += ["tags:", *(f"- {tag}" for tag in tags), "---"]
    return "\n".join([*header, "", *_body(facts, recipe, kind)]) + "\n"


def _body(facts: Card, recipe: str, kind: str) -> list[str]:
    run = facts.folder.parent
    what = {
        "adapter": f"An adapter for {facts.base}",
        "merged": f"{facts.base} with an adapter merged into it",
        "model": f"All weights of {facts.base}, trained on",
    }[kind]
    settings = {k: v for k, v in plain(facts.settings).items() if v not in (None, (), [], {})}
    model = facts.job.model
    known = {"base": facts.base, "quantization": model.quantization, "seed": facts.job.seed}
    return [
        f"# {run.parent.name}",
        "",
        f"{what}: recipe `{recipe}` of tombench {__version__}, seed {facts.job.seed}.",
        "",
        f"    tombench {_use(facts, kind)}",
        "",
        "| setting | value |",
        "|---|---|",
        *(f"| {name} | {_told(value)} |" for name, value in (known | settings).items()),
        "",
        "| result | value |",
        "|---|---|",
        *(f"| {name} | {facts.numbers[name]:,.6g} |" for name in SHOWN if name in facts.numbers),
        *(
            f"| {name} | {value:.4g} |"
            for name, value in facts.numbers.items()
            if name not in SHOWN and not name.startswith("training")
        ),
        "",
        "The command, the data's hash and the versions stand in run.json beside this folder; the",
        "course of the training in log.csv, curve.csv and figures/.",
    ]


def _use(facts: Card, kind: str) -> str:
    """The command that takes these weights, as it can be typed."""
    run, model = facts.folder.parent, facts.job.model
    named = f"model={model.name}"
    if model.name == "local":
        named = f"model=local model.path={model.path}"
    if facts.settings.name == "reward":
        return f"stage=finetune recipe=ppo {named} recipe.reward_model={run}"
    if kind == "adapter":
        return f"stage=eval {named} model.adapter={run}"
    return f"stage=eval model=local model.path={run}"


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
