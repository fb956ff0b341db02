"""The README.md beside saved weights: what they are, how they came about, how to use them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tombench import __version__
from tombench.config import plain
from tombench.recipes.base import TrainingJob
from tombench.recipes.tuning import TuningSettings

SHOWN = ("loss", "tokens", "seconds", "parameters")


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
    use = f"model.adapter={run}" if kind == "adapter" else f"model=local model.path={run}"
    settings = {k: v for k, v in plain(facts.settings).items() if v not in (None, (), [], {})}
    return [
        f"# {run.parent.name}",
        "",
        f"{what}: recipe `{recipe}` of tombench {__version__}, seed {facts.job.seed}.",
        "",
        f"    tombench stage=eval {use}" + (" model=…" if kind == "adapter" else ""),
        "",
        "| setting | value |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in settings.items()),
        "",
        "| result | value |",
        "|---|---|",
        *(f"| {name} | {facts.numbers[name]:,.6g} |" for name in SHOWN if name in facts.numbers),
        *(
            f"| {name} | {value:.4g} |"
            for name, value in facts.numbers.items()
            if name not in SHOWN
        ),
        "",
        "The command, the data's hash and the versions stand in run.json beside this folder; the",
        "course of the training in log.csv, curve.csv and figures/.",
    ]
