"""Published answers in the terminal: who chose what, what was learnt, what moved choices."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tombench.schema import Metric
from tombench.strategy.payoffs import DILEMMAS
from tombench.tasks.games_lessons import IN_SAMPLE
from tombench.terminal import print_table

Finding = Mapping[str, Any]
LEVEL = 0.05
LEARNT = ("Split", "models", "cells", "gap closed", "student's gap", "a coin's", "improvement, %")
TESTED = ("Model", "cells", "p ≤ .05", "after Holm", "by the study's one-sample test")


def show_given(values: Mapping[str, Any]) -> None:
    """Tables of what metrics.json has; all else stands there and in `stage=summarize`."""
    games = values["games"]
    print_table("C / (C + D)", ("Model", "cells", "all", *DILEMMAS, "n", "invalid, %"),
                list(_rates(games["cells"])))  # fmt: skip
    for lesson in games["learnt"]:
        if lesson["split"] == IN_SAMPLE and "cells" in lesson:
            _show_cells(lesson)
    if learnt := [_learnt(one) for one in games["learnt"]]:
        print_table("What the student has learnt", LEARNT, learnt)
        print(
            "  improvement is the study's, mean over cells; it rewards overshoot: on its data who "
            "always says D scores 713."
        )
    if tested := list(_tested(games["tests"])):
        print_table("Doubled payoffs against those as published", TESTED, tested)
    if gifts := list(_gifts(values["groups"]["model"])):
        print_table("Donations", ("Model", "mean", "n"), gifts)
    for line in games["warnings"]:
        print(f"  {line}")


def _rates(cells: Sequence[Finding]) -> Iterator[list[str]]:
    """A row a model and split."""
    rows: dict[tuple[str, str], list[Finding]] = {}
    for cell in cells:
        rows.setdefault((cell["model"], cell["split"]), []).append(cell)
    for (model, split), own in sorted(rows.items(), key=lambda row: row[0][0]):
        by_game = [[cell for cell in own if cell["game"] == game] for game in DILEMMAS]
        drawn = sum(cell["cooperate"] + cell["defect"] for cell in own)
        invalid = sum(cell["invalid"] for cell in own)
        share = f"{100 * invalid / max(1, drawn + invalid):.1f}"
        yield [model, split, *map(_rate, (own, *by_game)), str(drawn), share]


def _rate(cells: Sequence[Finding]) -> str:
    cooperate = sum(cell["cooperate"] for cell in cells)
    drawn = cooperate + sum(cell["defect"] for cell in cells)
    return f"{cooperate / drawn:.3f}" if drawn else "–"


def _show_cells(lesson: Finding) -> None:
    rows = [
        [one["cell"], *(f"{rate:.3f}" for rate in one["rates"]), _number(one["improvement"])]
        for one in lesson["cells"]
    ]
    mean = _number(lesson["improvement"]["mean"])
    rows.append(["mean of cells", "", "", "", mean])
    header = ("Cell", *lesson["roles"], "improvement, %")
    print_table("The study's improvement, in-sample", header, rows)


def _learnt(found: Finding) -> list[str]:
    """A row a split; of donations there is the improvement alone."""
    name, study = (
        [found["split"], " → ".join(found["roles"])],
        _number(found["improvement"]["mean"]),
    )
    if "gap_closed" not in found:
        return [*name, "1", "–", "–", "–", study]
    gaps = {one["name"]: one["gap"] for one in found["predictors"]}
    closed = _interval(found["gap_closed"])
    cells = str(found["gap_closed"]["cells"])
    return [*name, cells, closed, f"{gaps['student']:.3f}", f"{gaps['coin']:.3f}", study]


def _tested(tests: Sequence[Finding]) -> Iterator[list[str]]:
    for model in dict.fromkeys(test["model"] for test in tests):
        own = [test for test in tests if test["model"] == model]
        counts = (sum(t[name] <= LEVEL for t in own) for name in ("p", "p_holm", "p_published"))
        yield [model, str(len(own)), *map(str, counts)]


def _gifts(models: Mapping[str, Mapping[str, Finding]]) -> Iterator[list[str]]:
    for model, found in models.items():
        if "mean_donation" in found:
            mean = Metric(**found["mean_donation"])
            yield [model, f"{mean.value:.3f} [{mean.low:.2f}, {mean.high:.2f}]", str(mean.n)]


def _interval(found: Finding) -> str:
    told = _number(found["value"], 3)
    if found["low"] is None:
        return told
    return f"{told} [{found['low']:.2f}, {found['high']:.2f}]"


def _number(value: float | None, digits: int = 2) -> str:
    """None, in the file, is what could not be computed."""
    return "–" if value is None else f"{value:.{digits}f}"
