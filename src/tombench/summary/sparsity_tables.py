"""Tables of runs under masks: the study's columns, ours, the effects and what may be said."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tombench.summary.grid import Grid
from tombench.summary.sparsity import Effect, Masked, Null
from tombench.summary.tables import interval_text

CAUTION = (
    "Three quarters of the study's score need no theory of mind: who always says what is so gets "
    "75 % of contents and of transfer cells, and not one false-belief cell."
)
STUDY = ("contents", "transfer", "irony")
BOTH = "avg_percent_unexpected_transfer"
LEVELS = {
    "false_belief_accuracy": "false belief",
    "true_belief_accuracy": "true belief",
    "reality": "reality",
    "memory": "memory",
    "cell_accuracy": "cells",
    "perplexity": "perplexity",
}
EFFECTS = ("false_belief", "controls", "selective")
NULLS = ("random", "matched")
NAMES = {
    "false_belief": "false belief",
    "selective": "false belief − controls",
    "controls": "controls",
    "log_perplexity": "log-perplexity",
}
STUDY_NOTES = (
    CAUTION,
    "By the first word of drawn answers: mean number of right cells over repetitions (variance). "
    "false belief, control: the cells of contents and transfer that need theory of mind, and those "
    "that do not. perplexity: as the study averages it.",
)
LEVEL_NOTES = (
    CAUTION,
    "Forced choices by log-probability under the mask that is studied; m = 0: no mask. false "
    "belief, true belief: the question on belief or action in false-belief cells, in all others. "
    "reality: what is so. memory: what was so, in other stories. [low, high]: 95 % interval.",
)
EFFECT_NOTES = (
    CAUTION,
    "Masked less unmasked, the same items; [low, high]: 95 % interval by resampling tasks and "
    "stories. p: by sign flips over them, adjusted for the number of m (Holm). controls: true "
    "belief, reality and memory. false belief − controls: the difference of the two effects.",
    "random, matched: percentile of the effect among masks of as many weights anywhere, or of "
    "weights of like size (0: none is as low), and the one-sided p of this.",
)
HEADLINE_NOTES = (
    CAUTION,
    "Means over the m at which random masks were run, fixed before the run: of the mask that is "
    "studied, of the one by general text, of masks with seeds (95 % of them). p: (1 + those as "
    "harmful) / (1 + all).",
)


def study_grid(title: str, runs: Mapping[str, Masked], compact: bool = False) -> Grid:
    """The study's columns by m."""
    columns = (*STUDY, "false_belief", "control")
    rows = [
        (
            label,
            str(row["m"]),
            *(_counted(row, name) for name in columns),
            number(row.get(BOTH), 1),
            number(row.get("perplexity"), 2),
        )
        for label, run in runs.items()
        for row in run.study
        if not compact or row["m"] in _few(run)
    ]
    header = ("Model", "m", *STUDY, "false belief", "control", "cont., trans. %", "ppl")
    return Grid(title, header, tuple(rows), STUDY_NOTES, parted(rows))


def level_grid(title: str, runs: Mapping[str, Masked], compact: bool = False) -> Grid:
    """What the masked model gets, by m."""
    shown = [
        name
        for name in LEVELS
        if any(name in metrics for run in runs.values() for metrics in run.by_m.values())
    ]
    rows = [
        (label, m, *(interval_text(run.level(m, name)) for name in shown))
        for label, run in runs.items()
        for m in sorted(run.by_m, key=float)
        if not compact or m in _few(run)
    ]
    header = ("Model", "m", *(LEVELS[name] for name in shown))
    return Grid(title, header, tuple(rows), LEVEL_NOTES, parted(rows))


def effect_grid(title: str, runs: Mapping[str, Masked], scale: str, compact: bool = False) -> Grid:
    """What the mask changes, by m: in accuracy, or in nats."""
    rows = [
        (label, m, *_effect_cells(run, m, scale))
        for label, run in runs.items()
        for m in run.grid
        if run.effect("tom", m, "false_belief", scale) and (not compact or m in _few(run))
    ]
    header = ["Model", "m"]
    for name in EFFECTS:
        header += [NAMES[name], "p"] if name != "controls" else [NAMES[name]]
        header += [*NULLS] if name != "controls" else []
    return Grid(title, (*header, "log-ppl"), tuple(rows), EFFECT_NOTES, parted(rows))


def headline_grid(title: str, runs: Mapping[str, Masked]) -> Grid:
    """The means over the points, beside masks with seeds."""
    rows = [
        (
            label,
            f"{NAMES[row.measure]}, {row.scale}",
            _signed(row.effect.value, row.effect.low, row.effect.high),
            number(row.general, 2),
            *(cell for kind in NULLS for cell in _null_cells(row.nulls.get(kind))),
        )
        for label, run in runs.items()
        for row in run.headline
    ]
    header = ("Model", "effect on", "mean effect", "general", *_null_header())
    return Grid(title, header, tuple(rows), (*HEADLINE_NOTES, *_points(runs)), parted(rows))


def verdict_grid(title: str, runs: Mapping[str, Masked]) -> Grid:
    """What may be said, and why."""
    rows = [
        (label, f"{verdict.question}?", verdict.scale, verdict.answer, verdict.why)
        for label, run in runs.items()
        for verdict in run.verdicts
    ]
    notes = (
        CAUTION,
        "An effect: yes where its interval lies below 0, no where above. Beside masks with "
        "seeds: yes at p ≤ 0.05, no where half of them or more are as harmful. Else undecided.",
    )
    header = ("Model", "question", "by", "answer", "why")
    return Grid(title, header, tuple(rows), notes, parted(rows))


def further_grid(title: str, runs: Mapping[str, Masked]) -> Grid:
    """Other tasks under the studied mask: accuracy by m, and its change."""
    rows = []
    for label, run in runs.items():
        for name in sorted({e.measure for e in run.effects if e.measure.startswith("further/")}):
            for m in run.grid:
                effect = run.effect("tom", m, name, "accuracy")
                level = interval_text(run.level(m, name))
                told = (_effect(effect), _p(effect))
                rows.append((f"{label}: {name.partition('/')[2]}", m, level, *told))
    header = ("Model: task", "m", "accuracy", "change", "p")
    return Grid(title, header, tuple(rows), (CAUTION, EFFECT_NOTES[1]), parted(rows))


def _effect_cells(run: Masked, m: str, scale: str) -> Iterator[str]:
    for name in EFFECTS:
        effect = run.effect("tom", m, name, scale)
        yield _effect(effect)
        if name != "controls":
            yield _p(effect)
            for kind in NULLS:
                null = run.null(kind, m, name, scale)
                yield f"{null.percentile:.0f} (p {null.p:.2f})" if null else "–"
    yield _effect(run.effect("tom", m, "log_perplexity", "nats"))


def _null_header() -> tuple[str, ...]:
    return tuple(cell for kind in NULLS for cell in (f"{kind} masks", "percentile", "p"))


def _null_cells(null: Null | None) -> tuple[str, str, str]:
    if null is None:
        return "–", "–", "–"
    spread = _signed(null.mean, null.low, null.high)
    return spread, f"{null.percentile:.0f}", f"{null.p:.3f}"


def _counted(row: Mapping[str, Any], name: str) -> str:
    """ "120.4/160 (2.3)"; of false-belief and control cells those of contents and transfer."""
    named = [name] if name in STUDY else [f"{paradigm}_{name}" for paradigm in STUDY[:2]]
    there = [one for one in named if f"{one}_cells" in row]
    if not there:
        return "–"
    cells, mean = (sum(row[f"{one}_{key}"] for one in there) for key in ("cells", "total_mean"))
    told = f"{mean:.1f}/{cells}"
    return f"{told} ({row[f'{name}_total_var']:.1f})" if name in STUDY else told


def _effect(effect: Effect | None) -> str:
    if effect is None:
        return "–"
    if effect.low is None or effect.high is None:
        return f"{effect.value:+.2f}"
    return _signed(effect.value, effect.low, effect.high)


def _signed(value: float, low: float, high: float) -> str:
    return f"{value:+.2f} [{low:+.2f}, {high:+.2f}]"


def _p(effect: Effect | None) -> str:
    if effect is None:
        return "–"
    return "<.001" if effect.p_holm < 0.001 else f"{effect.p_holm:.3f}"


def number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _few(run: Masked) -> tuple[str, ...]:
    """No mask, and the points: what a terminal has room for."""
    return ("0", *(run.points or run.grid[-1:]))


def _points(runs: Mapping[str, Masked]) -> list[str]:
    """Of each run the m that its means are over, and what was masked."""
    return [
        f"{label}: m = {', '.join(run.points)}; {run.told}."
        for label, run in runs.items()
        if run.headline
    ]


def parted(rows: Sequence[Sequence[str]]) -> frozenset[int]:
    """Rows at which another run begins."""
    return frozenset(n for n in range(1, len(rows)) if rows[n][0] != rows[n - 1][0])
