"""Tables of what masks change: effects by m, their means, what may be said, further tasks."""

from collections.abc import Iterator, Mapping

from tombench.summary.behind import placed
from tombench.summary.behind_masks import behind_effect, behind_level, behind_seeds
from tombench.summary.grid import Behind, Grid
from tombench.summary.sparsity import Effect, Headline, Masked, Null
from tombench.summary.sparsity_tables import CAUTION, few, number, parted
from tombench.summary.tables import interval_text

EFFECTS = ("false_belief", "controls", "selective")
NULLS = ("random", "matched")
GENERAL = "general"
NAMES = {
    "false_belief": "false belief",
    "selective": "false belief − controls",
    "controls": "controls",
    "log_perplexity": "log-perplexity",
}
EFFECT_NOTES = (
    CAUTION,
    "Masked less unmasked, the same items; [low, high]: 95 % interval by resampling tasks and "
    "stories. p: by sign flips over them, adjusted for the number of m (Holm). controls: true "
    "belief, reality and memory. false belief − controls: the difference of the two effects.",
    "random, matched: percentile of the effect among masks of as many weights anywhere, or of "
    "weights of like size (0: none is as low), and the one-sided p of this. log-ppl: logarithm of "
    "the perplexity of a text, nats.",
)
FURTHER_NOTE = (
    "Other tasks under the mask that is studied, m: the share of weights that is masked. accuracy: "
    "forced choices by log-probability; change: masked less unmasked, the same items; "
    "[low, high]: 95 % interval over items. p: by sign flips, adjusted for the number of m (Holm)."
)
HEADLINE_NOTES = (
    CAUTION,
    "Means over the m at which random masks were run, fixed before the run. mean effect: of the "
    "mask that is studied [95 % interval]; general: of the one by general text; random masks, "
    "matched masks: of masks with seeds, anywhere or of weights of like size, their mean [95 % of "
    "them]; percentile: where the studied mask's effect lies among them; p: (1 + those as harmful) "
    "/ (1 + all).",
)


def effect_grid(title: str, runs: Mapping[str, Masked], scale: str, compact: bool = False) -> Grid:
    """What the mask changes, by m: in accuracy, or in nats."""
    shown = [
        (label, run, m)
        for label, run in runs.items()
        for m in run.grid
        if run.effect("tom", m, "false_belief", scale) and (not compact or m in few(run))
    ]
    rows = [(label, m, *_effect_cells(run, m, scale)) for label, run, m in shown]
    header = ["Model", "m"]
    for name in EFFECTS:
        header += [NAMES[name], "p"] if name != "controls" else [NAMES[name]]
        header += [*NULLS] if name != "controls" else []
    behind = placed(dict(enumerate(_effect_records(run, m), start=2)) for _, run, m in shown)
    return Grid(title, (*header, "log-ppl"), tuple(rows), EFFECT_NOTES, parted(rows), behind)


def headline_grid(title: str, runs: Mapping[str, Masked]) -> Grid:
    """The means over the points, beside masks with seeds."""
    shown = [(label, run, row) for label, run in runs.items() for row in run.headline]
    rows = [
        (
            label,
            f"{NAMES[row.measure]}, {row.scale}",
            _signed(row.effect.value, row.effect.low, row.effect.high),
            number(row.general, 2),
            *(cell for kind in NULLS for cell in _null_cells(row.nulls.get(kind))),
        )
        for label, _, row in shown
    ]
    header = ("Model", "effect on", "mean effect", "general", *_null_header())
    behind = placed(dict(enumerate(_mean_records(run, row), start=2)) for _, run, row in shown)
    notes = (*HEADLINE_NOTES, *_points(runs))
    return Grid(title, header, tuple(rows), notes, parted(rows), behind)


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
    rows, behind = [], []
    for label, run in runs.items():
        for name in sorted({e.measure for e in run.effects if e.measure.startswith("further/")}):
            for m in run.grid:
                effect = run.effect("tom", m, name, "accuracy")
                level = interval_text(run.level(m, name))
                told = (_effect(effect), _p(effect))
                rows.append((f"{label}: {name.partition('/')[2]}", m, level, *told))
                changed = dict.fromkeys((3, 4), behind_effect(run, name, (m,)))
                behind.append({2: behind_level(run, m, name)} | changed)
    header = ("Model: task", "m", "accuracy", "change", "p")
    notes = (CAUTION, FURTHER_NOTE)
    return Grid(title, header, tuple(rows), notes, parted(rows), placed(behind))


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


def _effect_records(run: Masked, m: str) -> Iterator[Behind]:
    """Of each cell of `_effect_cells`."""
    for name in EFFECTS:
        yield behind_effect(run, name, (m,))
        if name != "controls":
            yield behind_effect(run, name, (m,))
            for kind in NULLS:
                yield behind_seeds(run, kind, name, (m,))
    yield behind_effect(run, "log_perplexity", (m,))


def _mean_records(run: Masked, row: Headline) -> Iterator[Behind]:
    """Of each number of a line of means."""
    yield behind_effect(run, row.measure, row.points)
    yield behind_effect(run, row.measure, row.points, (GENERAL,))
    for kind in NULLS:
        yield from [behind_seeds(run, kind, row.measure, row.points)] * 3


def _null_header() -> tuple[str, ...]:
    return tuple(cell for kind in NULLS for cell in (f"{kind} masks", "percentile", "p"))


def _null_cells(null: Null | None) -> tuple[str, str, str]:
    if null is None:
        return "–", "–", "–"
    spread = _signed(null.mean, null.low, null.high)
    return spread, f"{null.percentile:.0f}", f"{null.p:.3f}"


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


def _points(runs: Mapping[str, Masked]) -> list[str]:
    """Of each run the m that its means are over, and what was masked."""
    return [
        f"{label}: m = {', '.join(run.points)}; {run.told}."
        for label, run in runs.items()
        if run.headline
    ]
