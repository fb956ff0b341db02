"""The report's data blocks: an index of its runs, and each run's packed records and metrics."""

import gzip
import json
import math
import shlex
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from tombench.runs import METRICS
from tombench.summary.behind import behind_metric
from tombench.summary.report.contents import Card, Contents, Pair
from tombench.summary.report.links import Links

_INERT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
DIGITS = 5  # significant ones, of what the page shows with three


def record_blocks(contents: Contents) -> Markup:
    """The index of runs and pairs, and each run's records, as elements that no browser runs."""
    blocks = [_block("application/json", "index", inert(_index(contents)))]
    for key, packed in contents.packed.items():
        blocks.append(_block("text/plain", f"rows-{key}", packed.rows))
        blocks.append(_block("text/plain", f"texts-{key}", packed.texts))
    return Markup("\n".join(blocks))


def part_blocks(cards: Sequence[Card], links: Links) -> Markup:
    """Each run's metrics by factor and level, as elements that no browser runs."""
    blocks = (_block("text/plain", f"parts-{c.key}", _packed(_parts(c, links))) for c in cards)
    return Markup("\n".join(blocks))


def inert(value: Any) -> str:
    """JSON that cannot end its element nor begin another: ASCII, without <, > and &."""
    text = json.dumps(_finite(value), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for character, escape in _INERT.items():
        text = text.replace(character, escape)
    return text


def _finite(value: Any) -> Any:
    """The value with null for what JSON has no number for."""
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _block(kind: str, name: str, text: str) -> str:
    return f'<script type="{kind}" id="{name}">{text}</script>'


def _index(contents: Contents) -> dict[str, Any]:
    lines = zip(contents.cards, contents.headline, strict=True)
    return {
        "runs": [_run(card, line.how, contents) for card, line in lines],
        "pairs": [_pair(pair, contents) for pair in contents.pairs.found],
        "notes": list(contents.pairs.notes),
    }


def _run(card: Card, how: str, contents: Contents) -> dict[str, Any]:
    packed = contents.packed.get(card.key)
    run = shlex.quote(f"run={card.run.folder}")
    return {
        "key": card.key,
        "label": card.label,
        "task": card.run.task,
        "model": card.run.model,
        "how": how,
        "folder": str(card.run.folder),
        "command_show": f"tombench stage=show {run} item=",
        "records": packed.records if packed else 0,
        "rows": packed.kept if packed else 0,
        "texts": packed.told if packed else 0,
    }


def _pair(pair: Pair, contents: Contents) -> dict[str, Any]:
    values = asdict(pair)
    keys = {"a": values.pop("first"), "b": values.pop("second")}
    named = {name: contents.cards[place].key for name, place in keys.items()}
    return named | {name: _rounded(value) for name, value in values.items()}


def _parts(card: Card, links: Links) -> dict[str, Any]:
    """The metrics of each level of each factor: [value, low, high, n, clusters, link] by name.

    None of a factor with one level: they are those of the whole run.
    """
    path = card.run.folder / METRICS
    groups = json.loads(path.read_text(encoding="utf-8")).get("groups", {}) if path.exists() else {}

    def part(factor: str, level: str, name: str, metric: Mapping[str, Any]) -> list[Any]:
        behind = behind_metric(card.run, name, factor, level)
        return [*_numbers(metric), links.records(behind) if behind else None]

    return {
        factor: {
            level: {name: part(factor, level, name, found) for name, found in metrics.items()}
            if len(levels) > 1
            else {}
            for level, metrics in levels.items()
        }
        for factor, levels in groups.items()
    }


def _numbers(metric: Mapping[str, Any]) -> list[float | None]:
    told = [metric[key] for key in ("value", "low", "high")]
    return [*map(_rounded, told), metric["n"], metric["clusters"]]


def _rounded(value: Any) -> Any:
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _packed(value: Any) -> str:
    """Gzipped JSON in base64, the same bytes each time."""
    return b64encode(gzip.compress(json.dumps(_finite(value)).encode(), mtime=0)).decode()
