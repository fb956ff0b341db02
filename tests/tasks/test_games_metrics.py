"""Metrics of games against counts by hand."""

import math

import pytest
from scipy.stats import t
from tasks.game_cells import drawn, exact, items

from tombench.statistics.intervals import wilson
from tombench.tasks.games_fit import agreement, dependence, fitted
from tombench.tasks.games_invariance import leans, shifts
from tombench.tasks.games_metrics import games_metrics
from tombench.tasks.games_rates import cooperation_rate, invalid_share, rates_of

PLACES = items(contexts=("business", "team"), games=("prison", "delight"))
PRISON = "business/prison.published/cd.first"


def test_rates_are_of_what_could_be_parsed() -> None:
    (cell,) = rates_of(drawn(PLACES[PRISON], ["C", "C", "D", "C", "hm"]))
    assert (cell.rate, cell.n, cell.invalid) == (0.75, 4, 0.2)
    (cell,) = rates_of([exact(PLACES[PRISON], 0.3, 0.6)])
    assert (cell.rate, cell.n) == (pytest.approx(1 / 3), 0)
    assert cell.invalid == pytest.approx(0.1)
    assert rates_of(drawn(PLACES[PRISON], ["hm", "hm"])) == []


def test_one_cell_has_wilsons_interval_and_an_exact_one_none() -> None:
    found = cooperation_rate(rates_of(drawn(PLACES[PRISON], ["C"] * 3 + ["D"] * 7)))
    assert (found.low, found.high) == wilson(0.3, 10)
    found = cooperation_rate(rates_of([exact(PLACES[PRISON], 0.3, 0.7)]))
    assert found.low == found.value == found.high == pytest.approx(0.3)


def test_cells_are_pooled_by_their_answers() -> None:
    other = PLACES["team/prison.published/cd.first"]
    records = [*drawn(PLACES[PRISON], ["C"] * 9 + ["hm"]), *drawn(other, ["D"] * 3)]
    found = cooperation_rate(rates_of(records))
    assert (found.value, found.n, found.clusters) == (0.75, 12, 2)
    assert invalid_share(records).value == pytest.approx(1 / 13)


def test_agreement_is_with_the_dominant_action() -> None:
    cells = rates_of([
        exact(PLACES[PRISON], 0.2, 0.8),  # D is dominant: 0.8
        exact(PLACES["business/delight.published/cd.first"], 0.6, 0.4),  # C is: 0.6
    ])  # fmt: skip
    found = agreement(cells, PLACES)
    assert found["dominant_rate"].value == pytest.approx(0.7)
    assert found["equilibrium_agreement"].value == pytest.approx(0.7)
    hunt = items(contexts=("business",), games=("staghunt",))
    assert agreement(rates_of([exact(one, 0.5, 0.5) for one in hunt.values()]), hunt) == {}


def test_equilibria_are_those_of_the_row_player() -> None:
    """In r4123-4231 the column player alone has a dominant action; C is best against it."""
    found = items(games=("r4123-4231",), contexts=("none",))
    (item,) = found.values()
    told = agreement(rates_of([exact(item, 0.9, 0.1)]), found)
    assert told["equilibrium_agreement"].value == pytest.approx(0.9)
    assert "dominant_rate" not in told


def test_leans_have_a_sign_and_shifts_have_none() -> None:
    """P(C) .7 → .5 where C is called D, then .3 → .5: the letter pulls either way alike."""
    grid = items(contexts=("business",), games=("prison", "delight"), labels=("cd", "dc"))
    chances = {"prison": (0.7, 0.5), "delight": (0.3, 0.5)}
    cells = rates_of([
        exact(item, p := chances[item.condition["game"]][item.condition["labels"] == "dc"], 1 - p)
        for item in grid.values()
    ])  # fmt: skip
    assert leans(cells)["label_lean"].value == pytest.approx(0)
    assert shifts(cells)["label_shift"].value == pytest.approx(0.2)
    reach = t.ppf(0.975, 1) * 0.2  # of two clusters ±.2 the standard error is .2
    assert leans(cells)["label_lean"].high == pytest.approx(min(1, reach))
    assert "order_lean" not in leans(cells)


def test_who_takes_what_is_told_first_leans_to_it() -> None:
    grid = items(contexts=("business", "team"), games=("prison",), orders=("first", "second"))
    cells = rates_of([
        exact(item, p := 0.9 if item.condition["order"] == "first" else 0.2, 1 - p)
        for item in grid.values()
    ])  # fmt: skip
    lean = leans(cells)["order_lean"]
    assert (lean.value, lean.low, lean.high) == pytest.approx((0.7, 0.7, 0.7))


def test_payoffs_that_change_nothing_should_move_nothing() -> None:
    grid = items(games=("prison",), payoffs=("published", "doubled", "shifted"))
    chance = {"published": 0.4, "doubled": 0.3, "shifted": 0.45}
    cells = rates_of([
        exact(item, p := chance[item.condition["payoffs"]], 1 - p) for item in grid.values()
    ])  # fmt: skip
    found = shifts(cells)
    assert found["scale_shift"].value == pytest.approx(0.1)
    assert found["origin_shift"].value == pytest.approx(0.05)


def test_what_only_the_context_changes_is_not_the_games() -> None:
    cells = rates_of([
        exact(item, p := 0.8 if item.condition["context"] == "team" else 0.3, 1 - p)
        for item in PLACES.values()
    ])  # fmt: skip
    found = dependence(cells)
    assert found is not None
    shares = found.shapley
    assert shares.column.value == pytest.approx(1, abs=1e-9)
    assert shares.row.corrected == pytest.approx(0, abs=1e-9)
    assert dependence(cells[:3]) is None  # not crossed


def test_an_exact_probability_counts_as_300_draws() -> None:
    """One cell at .25: a constant of .25, and 300 choices of log-likelihood −.5623 each."""
    found, choices = fitted(rates_of([exact(PLACES[PRISON], 0.25, 0.75)]), PLACES)
    laws = {fit.model: fit for fit in found}
    assert choices == 300
    assert laws["constant"].parameters["share"] == pytest.approx(0.25)
    each = 0.25 * math.log(0.25) + 0.75 * math.log(0.75)
    assert laws["constant"].log_likelihood == pytest.approx(300 * each, rel=1e-6)


def test_metrics_by_split_and_in_the_file() -> None:
    grid = items(contexts=("business", "team", "sports"), games=("prison", "delight"))
    records = [exact(item, 0.2, 0.7) for item in grid.values()]
    found = games_metrics(records, grid, "someone")
    assert "fit/quantal_response_rate" in found.metrics
    assert "awareness/game" not in found.metrics  # all cells are alike: nothing to explain
    assert found.metrics["invalid"].value == pytest.approx(0.1)
    assert set(found.groups["split"]) == {"in_sample", "new_context"}
    assert "equilibrium_agreement" in found.groups["game_class"]["concord"]
    row = found.extra["games"]["cells"][0]
    assert (row["game"], row["n"]) == ("delight", 0)
    assert (row["cooperate"], row["defect"]) == pytest.approx((0.2, 0.7))
    assert found.extra["games"]["learnt"] == []
