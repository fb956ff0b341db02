"""Which records of a run under masks a number comes from: under which mask, of which questions."""

from collections.abc import Sequence

from tombench.summary.behind_stories import (
    CONTROLS,
    FALSE_BELIEF,
    IN_SETS,
    Put,
    answers,
    story_only,
)
from tombench.summary.grid import Behind
from tombench.summary.restrictions import Only, both
from tombench.summary.sparsity import Masked

NONE, STUDIED = "none", "tom"
"""The model as it is, and the mask that is studied, as records name them."""
TASKS, SPECIFICITY, FURTHER, TEXT = "tasks", "specificity", "further", "perplexity"
"""Parts of a run."""
BELIEF = ("belief", "action")
EFFECT, HARMFUL = "effect/", "as_harmful/"
DRAWN_UNITS: dict[str, Only] = {
    "false_belief": {"paradigm": ("contents", "transfer"), "cell": (FALSE_BELIEF,)},
    "control": {"paradigm": ("contents", "transfer"), "cell": CONTROLS},
    "both": {"paradigm": ("contents", "transfer"), "cell": IN_SETS},
}
"""Columns of the study's table that are of no one paradigm."""
_POOLED: Only = {
    "part": (TASKS, SPECIFICITY),
    "question_type": (*BELIEF, "reality", "memory"),
}
MEASURES: dict[str, Only] = {
    "false_belief": {"part": (TASKS,), "cell": (FALSE_BELIEF,), "question_type": BELIEF},
    "true_belief": {"part": (TASKS,), "cell": CONTROLS, "question_type": BELIEF},
    "reality": {"part": (TASKS,), "question_type": ("reality",)},
    "memory": {"part": (SPECIFICITY,), "question_type": ("memory",)},
    "specificity_reality": {"part": (SPECIFICITY,), "question_type": ("reality",)},
    "controls": _POOLED,
    "selective": _POOLED,
    "log_perplexity": {"part": (TEXT,)},
    "perplexity": {"part": (TEXT,)},
}
"""The questions of a measure. `controls` and `selective` pool several kinds: all of these, and the
like questions beside them."""


def masks_only(run: Masked, name: str, factor: str, level: str) -> Only:
    """Restrictions to what a metric of metrics.json comes from.

    Args:
        factor: `m` or `mask` for a metric of these groups; else the unmasked model's.
    """
    points = run.points
    if name.startswith(EFFECT):
        return both(_beside_none((STUDIED,), points), _forced(run, _measure(name)))
    if name.startswith(HARMFUL):
        kind = name.removeprefix(HARMFUL).partition("/")[0]
        return both({"mask": (kind,), "m": points}, _forced(run, _measure(name)))
    if factor == "mask":
        m = "0" if level == NONE or not points else points[-1]
        return both({"mask": (level,), "m": (m,)}, _questions(run, name))
    return both(_under(level if factor == "m" else "0"), _questions(run, name))


def behind_level(run: Masked, m: str, name: str) -> Behind:
    """The answers that a score under the studied mask is of."""
    return Behind(run.folder, both(_under(m), _questions(run, name)))


def behind_effect(
    run: Masked, measure: str, ms: Sequence[str], masks: Sequence[str] = (STUDIED,)
) -> Behind:
    """The answers under masks, and those without, that an effect is the difference of."""
    return Behind(run.folder, both(_beside_none(masks, ms), _forced(run, measure)))


def behind_seeds(run: Masked, kind: str, measure: str, ms: Sequence[str]) -> Behind:
    """The answers under masks with seeds, and those without any."""
    return behind_effect(run, measure, ms, (kind,))


def behind_drawn(run: Masked, m: str, column: str) -> Behind:
    """The drawn answers of a column of the study: a paradigm, or one of `DRAWN_UNITS`."""
    own = DRAWN_UNITS.get(column, {"paradigm": (column,)})
    drawn = answers(Put(run.repetitions), drawn=True)
    return Behind(run.folder, both(_under(m), {"part": (TASKS,)}, own, drawn))


def _under(m: str) -> Only:
    """The studied mask at m; at 0 there is none."""
    return {"mask": (STUDIED if float(m) else NONE,), "m": (m,)}


def _beside_none(masks: Sequence[str], ms: Sequence[str]) -> Only:
    """The masks at each m, and the unmasked model."""
    return {"mask": (NONE, *masks), "m": ("0", *ms)}


def _questions(run: Masked, name: str) -> Only:
    """What was asked for a metric: a measure's questions, else a unit's of the stories."""
    forced = _forced(run, name)
    return forced or both({"part": (TASKS,)}, story_only(Put(run.repetitions), name))


def _forced(run: Masked, name: str) -> Only:
    """The forced choices that a measure is of; {} of what is none."""
    if name.startswith(f"{FURTHER}/"):
        own: Only = {"part": (FURTHER,), "task": (name.removeprefix(f"{FURTHER}/"),)}
    else:
        own = MEASURES.get(name, {})
    if not own or own["part"] == (TEXT,):
        return own
    return both(own, answers(Put(run.repetitions), drawn=False))


def _measure(name: str) -> str:
    """ "false_belief" of effect/false_belief_accuracy and as_harmful/random/false_belief_margin."""
    return name.rpartition("/")[2].rpartition("_")[0]
