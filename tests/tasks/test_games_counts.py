"""What counts come to: hand calculations, and the study's figures for contexts held out."""

import math
from collections.abc import Mapping

import numpy as np
import pytest

from tombench.errors import UserError
from tombench.statistics.gap import gap_closed
from tombench.statistics.improvement import improvement, improvements
from tombench.statistics.intervals import wilson
from tombench.tasks.games_cells import GAMES, Cell, CellKey, Donations
from tombench.tasks.games_counts import aligned, compare, cooperation, dependence, predictors
from tombench.tasks.games_donations import donation_improvement, mean_donation

NEW = ("roomsharing", "sports", "ventcap")
COOPERATE: Mapping[str, tuple[tuple[int, ...], ...]] = {
    "7b": ((261, 261, 264, 248), (239, 234, 238, 237), (245, 244, 234, 258)),
    "7bF": ((224, 223, 239, 229), (208, 221, 212, 203), (227, 234, 231, 218)),
    "70b": ((82, 203, 168, 140), (0, 37, 0, 0), (31, 142, 110, 53)),
}
"""sepehrilami/LFB, oos_context and oos-context: *_distribution.txt, C of 300 by context and game;
two cells of 7b are of 295."""
SHORT = {("7b", "roomsharing", "prison"), ("7b", "roomsharing", "delight")}


def cell(model: str, context: str, game: str, cooperate: int, defect: int, **more: int) -> Cell:
    return Cell(model, CellKey(context, game), cooperate, defect, **more)


def published() -> list[Cell]:
    return [
        cell(model, context, game, count, 300 - 5 * ((model, context, game) in SHORT) - count)
        for model, table in COOPERATE.items()
        for context, row in zip(NEW, table, strict=True)
        for game, count in zip(GAMES, row, strict=True)
    ]


CELLS = published()


def of(model: str) -> list[Cell]:
    return [one for one in CELLS if one.model == model]


def test_the_studys_figures_for_new_contexts() -> None:
    """Abstract of arXiv 2408.05241v4: 18 %; its repository's table of improvements, last digit."""
    transfer = aligned(CELLS, "7b", "7bF", "70b").transfer
    found = improvement(transfer)
    printed = (17.90, 13.66, 16.38, 2.42, 65.52)
    summary = found.mean, found.median, found.sd, found.least, found.most
    assert tuple(round(value, 2) for value in summary) == printed
    assert round(found.bridging, 2) == 18.26
    assert round(found.ratio_of_sums, 2) == 14.72
    closed = gap_closed(transfer)
    assert closed.value == pytest.approx(0.151, abs=5e-4)
    assert (closed.low, closed.high) == pytest.approx((0.10, 0.22), abs=5e-3)
    assert closed.low < closed.draws_low < closed.value < closed.draws_high < closed.high


def test_each_cell_to_the_last_digit() -> None:
    """oos_context_figs/improvement_table.csv"""
    found = aligned(CELLS, "7b", "7bF", "70b")
    each = dict(zip((key.name for key in found.keys), improvements(found.transfer), strict=True))
    assert each["sports_prison"] == pytest.approx(12.97071129707113, abs=1e-12)
    assert each["roomsharing_delight"] == pytest.approx(65.51724137931035, abs=1e-12)
    assert each["ventcap_staghunt"] == pytest.approx(2.4193548387096775, abs=1e-12)
    assert len(each) == 12


def test_the_table_of_predictors() -> None:
    rows = {one.name: one for one in predictors(aligned(CELLS, "7b", "7bF", "70b").transfer)}
    shown = {name: (round(one.improvement), round(one.gap, 3)) for name, one in rows.items()}
    assert shown["before"] == (0, 0.557)
    assert shown["student"] == (18, 0.473)
    assert shown["student_mean"] == (20, 0.473)
    assert shown["coin"] == (72, 0.271)
    assert shown["always_defect"] == (180, 0.268)
    assert rows["coin"].closed == pytest.approx(1 - rows["coin"].gap / rows["before"].gap)
    mean = sum(one.cooperate / 300 for one in of("70b")) / 12
    gap = sum(abs(one.cooperate / 300 - mean) for one in of("70b")) / 12
    assert rows["teacher_mean"].gap == pytest.approx(gap)
    assert rows["always_cooperate"].gap == pytest.approx(1 - mean)


def test_cooperation_of_one_cell_is_wilsons() -> None:
    one = cooperation([cell("m", "IR", "prison", 30, 70, invalid=9)])
    assert (one.value, one.n, one.clusters) == (0.3, 100, 1)
    assert (one.low, one.high) == wilson(0.3, 100)


def test_cooperation_of_several_cells_respects_them() -> None:
    alike = [cell("m", context, "prison", 30, 70) for context in "abcdefghijklmnopqrst"]
    apart = [cell("m", context, "prison", n, 100 - n) for context, n in zip(
        "abcdefghijklmnopqrst", [0, 60] * 10, strict=True)]  # fmt: skip
    narrow, wide = cooperation(alike), cooperation(apart)
    assert narrow.value == wide.value == 0.3
    assert (narrow.n, narrow.clusters) == (2000, 20)
    assert wide.high - wide.low > 4 * (narrow.high - narrow.low)
    with pytest.raises(ValueError, match="no parsed answer"):
        cooperation([cell("m", "IR", "prison", 0, 0, invalid=3)])


@pytest.mark.parametrize(
    ("model", "rates"),
    [
        ("7b", (0.825, 0.832, 0.826, 0.818, 0.826)),
        ("7bF", (0.741, 0.732, 0.753, 0.758, 0.722)),
        ("70b", (0.268, 0.126, 0.424, 0.309, 0.214)),
    ],
)
def test_published_rates(model: str, rates: tuple[float, ...]) -> None:
    whole = cooperation(of(model)).value
    by_game = [cooperation([c for c in of(model) if c.key.game == g]).value for g in GAMES]
    assert [round(value, 3) for value in (whole, *by_game)] == list(rates)


def test_models_are_aligned_by_cell() -> None:
    counts = {"IR": {"a": 80, "b": 70, "t": 40}, "biz": {"t": 1, "b": 2, "a": 3}}
    cells = [
        *(
            cell(model, context, "prison", number, 100 - number)
            for context, row in counts.items()
            for model, number in row.items()
        ),
        cell("a", "team", "prison", 5, 5),
        *(cell(model, "env", "prison", 0, 0, invalid=9) for model in "abt"),
    ]
    found = aligned(cells, "a", "b", "t")
    assert [key.name for key in found.keys] == ["IR_prison", "biz_prison"]
    assert found.transfer.before.shares.tolist() == [0.8, 0.03]
    assert found.transfer.teacher.shares.tolist() == [0.4, 0.01]
    assert found.transfer.after.draws.tolist() == [100, 100]
    assert [key.name for key in found.left_out] == ["env_prison", "team_prison"]
    assert aligned(reversed(cells), "a", "b", "t").keys == found.keys


def test_models_that_cannot_be_aligned() -> None:
    with pytest.raises(UserError, match=r"no answers of model '70B'; did you mean '70b'\?"):
        aligned(CELLS, "7b", "7bF", "70B")
    lonely = [cell("a", "IR", "prison", 1, 1), cell("b", "IR", "delight", 1, 1)]
    with pytest.raises(UserError, match="no game and context that a, b and a all answered"):
        aligned(lonely, "a", "b", "a")


def test_cells_are_compared_with_holms_correction() -> None:
    """p of .6 against .5, of 100 each, is .155; times the two that remain."""
    first = [cell("m", "IR", "prison", 50, 50), cell("m", "IR", "delight", 50, 50)]
    second = [
        Cell("m", CellKey("IR", "delight", "doubled"), 95, 5),
        Cell("m", CellKey("IR", "prison", "doubled"), 60, 40),
        Cell("m", CellKey("IR", "snowdrift", "doubled"), 60, 40),
    ]
    prison, delight = compare(first, second)
    assert prison.first.key.game == "prison" and prison.second.key.variant == "doubled"
    assert prison.contrast.difference == pytest.approx(0.1)
    z = 0.1 / math.sqrt(0.6 * 0.4 / 100 + 0.5 * 0.5 / 100)
    assert prison.contrast.statistic == pytest.approx(z)
    assert prison.holm == pytest.approx(prison.contrast.p) and prison.contrast.p > 0.15
    assert delight.holm == pytest.approx(2 * delight.contrast.p)
    assert prison.published == pytest.approx(0.0228, abs=5e-5)  # z = 2 of the first alone
    silent = cell("m", "IR", "snowdrift", 0, 0, invalid=9)
    assert len(compare([*first, silent], second)) == 2
    with pytest.raises(UserError, match="no game and context stand on both sides"):
        compare(first, second[2:])
    with pytest.raises(ValueError, match="IR prison stands twice"):
        compare([*first, *first], second)


def test_what_choices_depend_on() -> None:
    game_only = [
        cell("m", context, game, n, 100 - n)
        for context in ("IR", "biz", "team")
        for game, n in (("prison", 20), ("delight", 80))
    ]
    found = dependence(game_only)
    assert found is not None
    assert found.shapley.row.value == pytest.approx(1)
    assert dependence(game_only[1:]) is None  # not crossed in full
    assert dependence(game_only[:2]) is None  # one context


def test_donations() -> None:
    """The study's: 300 each, {5: 226, 7: 74}, {5: 162, 7: 138}, {7: 300}."""
    counts = {"7b": (226, 74), "7bF": (162, 138), "70b": (0, 300)}
    small, tuned, large = (
        Donations(model, CellKey("", "poolparty"), tuple(np.repeat([5.0, 7.0], n)))
        for model, n in counts.items()
    )
    assert round(donation_improvement(small, tuned, large), 2) == 28.32
    assert math.isnan(donation_improvement(small, tuned, small))
    found = mean_donation(small)
    assert round(found.value, 3) == 5.493 and found.n == 300
    reach = 1.96793 * 0.86358 / math.sqrt(300)  # t of 299
    assert (found.low, found.high) == pytest.approx((5.49333 - reach, 5.49333 + reach), abs=1e-4)
    assert mean_donation(large).low == 7
    with pytest.raises(ValueError, match="no amount"):
        mean_donation(Donations("m", small.key, (), 3))
