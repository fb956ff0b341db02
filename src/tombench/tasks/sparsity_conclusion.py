"""What a run of task=sparsity measures on the weights once all is answered: mechanism.json."""

import logging
from collections.abc import Sequence
from typing import Any

from tombench.backends.base import Server
from tombench.records import RunFolder
from tombench.tasks.sparsity_conditions import Condition, level
from tombench.writing import pretty

MECHANISM = "mechanism.json"
MODELS = "models"
TEXTS = 40
"""Stories that attention is measured on."""

logger = logging.getLogger("tombench")


def conclude(
    run: RunFolder, server: Server, stories: Sequence[str], mechanism: bool, save_models: bool
) -> None:
    """Write what was asked for; nothing of a server without masks."""
    material = getattr(server, "material", None)
    if material is None:
        return
    server.unmasked()
    if mechanism and material.shares:
        run.write(MECHANISM, pretty(_mechanism(material, stories)))
    if save_models:
        _save(run, material)


def _mechanism(material: Any, stories: Sequence[str]) -> dict[str, Any]:
    """Where the masked weights lie, what they do to attention, and how stable the choice is."""
    from tombench.masking.mechanism.examine import examine, to_json

    points = material.points or material.shares[-1:]
    masks = {level(share): material.mask(Condition("tom", share)) for share in points}
    texts = _spread(stories, TEXTS)
    found = to_json(
        examine(
            material.loaded,
            masks,
            lambda mask: material.application.masked(mask, material.replacement),
            texts,
        )
    )
    counts = {level(m): material.mask(Condition("tom", m)).total for m in material.shares}
    return found | {"counts": counts, "stability": _stability(material)}


def _stability(material: Any) -> dict[str, dict[str, float]]:
    """Jaccard index of the masks by either half of the samples, by m; {} where none are kept."""
    from tombench.masking.overlap import overlap

    halves = material.halves()
    if halves is None:
        return {}
    found = {}
    for share in material.shares:
        told = overlap(*(half.mask(share) for half in halves))
        if told.jaccard is not None:  # else neither mask holds any entry
            found[level(share)] = {"jaccard": told.jaccard, "chance": told.chance}
    return found


def _spread(stories: Sequence[str], count: int) -> list[str]:
    """Distinct stories, evenly from the whole suite."""
    distinct = list(dict.fromkeys(stories))
    step = max(1, len(distinct) // count)
    return distinct[::step][:count]


def _save(run: RunFolder, material: Any) -> None:
    from tombench.masking.saving import save_masked

    for share in material.shares:
        folder = run.path / MODELS / f"m={level(share)}"
        if folder.is_dir():
            continue
        mask = material.mask(Condition("tom", share))
        with material.application.masked(mask, material.replacement):
            save_masked(material.loaded.causal_lm, material.loaded.encoding.tokenizer, folder)
        logger.info("saved %s", folder)
