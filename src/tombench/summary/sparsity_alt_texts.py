"""What figures of runs under masks show, in sentences made of their numbers."""

from collections.abc import Sequence

import numpy as np

from tombench.summary.alt_words import count, listed, signed
from tombench.summary.sparsity import Effect, Masked
from tombench.summary.sparsity_mechanism import Mechanism, Sheet


def sweep_alt(run: Masked, label: str) -> str:
    """Of scores against the share of masked weights."""
    last = run.grid[-1]
    told = [
        f"{name} {_change(effect)}"
        for name, measure, scale in (
            ("false belief (share right)", "false_belief", "accuracy"),
            ("false belief less controls (share right)", "selective", "accuracy"),
            ("margin of false belief (nats)", "false_belief", "margin"),
            ("log-perplexity (nats)", "log_perplexity", "nats"),
        )
        if (effect := run.effect("tom", last, measure, scale))
    ]
    return (
        f"Lines for {label}: scores and perplexity against the share m of masked weights, beside "
        f"control masks where they were run. Change under the mask that is studied at m = {last}: "
        f"{listed(told) or 'not known'}; below 0 the model is worse, but in perplexity above 0."
    )


def weights_alt(found: Mechanism, label: str) -> str:
    """Of where the masked weights lie, and the rank of what is masked."""
    told = listed(
        f"{kind.kind} {100 * kind.count / kind.size:.3g} %"
        + ("" if kind.rank is None else f", rank {kind.rank:.1f}")
        for kind in found.kinds
        if kind.size
    )
    return (
        f"A map of the masked share of each matrix by layer for {label} at m = {found.m}, and bars "
        f"of the rank of the masked part. Over all layers: {told}."
    )


def heads_alt(found: Mechanism, label: str) -> str:
    """Of masked weights by head and by frequency."""
    return (
        f"Maps of the masked share by layer and head, and by layer and frequency of the rotary "
        f"embedding, for {label} at m = {found.m}. Most is masked in: {listed(_peaks(found))}."
    )


def norms_alt(found: Mechanism, label: str) -> str:
    """Of norms by frequency, and how the mask changes them."""
    told = []
    for part, (before, after) in found.norms.items():
        if before.values.size:
            change = 100 * (after.values / before.values - 1)
            told.append(f"{part} from {np.nanmin(change):+.1f} % to {np.nanmax(change):+.1f} %")
    return (
        f"Maps of the mean norm of queries and keys by layer and frequency for {label}, unmasked, "
        f"and its change in percent under the mask of m = {found.m}. Changes: {listed(told)}."
    ).replace("-", "−")


def sinks_alt(found: Mechanism, label: str) -> str:
    """Of attention on the first token, sinks that shift, and angles."""
    sinks = sum(shift.sinks for shift in found.shifts)
    shifted = sum(shift.shifted for shift in found.shifts)
    before, after = (
        float(np.mean([getattr(shift, name) for shift in found.shifts])) if found.shifts else 0.0
        for name in ("before", "after")
    )
    return (
        f"Three panels by layer for {label} at m = {found.m}: attention on the first token, the "
        f"share of attention sinks that shift, and the angle of queries to the first token's key. "
        f"Mean attention on the first token is {before:.2f} unmasked and {after:.2f} masked; "
        f"{shifted} of {count(sinks, 'sink')} shift."
    )


def stability_alt(runs: Sequence[tuple[str, Masked]]) -> str:
    """Of how far masks by either half of the samples agree."""
    told = [
        f"{label}: {last.jaccard:.2f} at m = {last.m}, by chance {last.chance:.2f}"
        for label, run in runs
        if run.mechanism and run.mechanism.stability
        for last in run.mechanism.stability[-1:]
    ]
    return (
        "Lines: Jaccard index of the masks by either half of the samples against the share m of "
        f"masked weights, dotted what chance gives. {listed(told)}."
    )


def _change(effect: Effect) -> str:
    return signed(effect.value, effect.low, effect.high)


def _peaks(found: Mechanism) -> list[str]:
    maps = [(f"{part} head", sheet) for part, sheet in found.heads.items()]
    maps += [(f"{part} frequency", sheet) for part, sheet in found.frequencies.items()]
    return [
        f"{name} {column} of layer {layer}, {value:.3g} %"
        for name, sheet in maps
        if sheet.values.size
        for layer, column, value in [_peak(sheet)]
    ]


def _peak(sheet: Sheet) -> tuple[int, str, float]:
    """Layer, column and percentage of the largest number."""
    row, column = np.unravel_index(int(np.nanargmax(sheet.values)), sheet.values.shape)
    share = 100 * float(sheet.values[row, column])
    return sheet.layers[row], sheet.columns[column], share
