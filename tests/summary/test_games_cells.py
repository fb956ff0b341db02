"""Records of games as cells, rates and effects."""

from dataclasses import replace
from pathlib import Path

import pytest
from summary.games_toy import cell, drawn, exact, run_folder, shares

from tombench.errors import UserError
from tombench.schema import Metric, Score
from tombench.strategy.payoffs import DILEMMAS
from tombench.summary.collect import collect
from tombench.summary.games import Choices, read_cells
from tombench.summary.games_rates import amounts, invalid_share, rate
from tombench.summary.games_roles import Chooser, choosers
from tombench.summary.games_sensitivity import dependences, shifts
from tombench.summary.games_theory import agreement, dominant_action, equilibrium_action


def cells_of(records, model: str = "") -> tuple[Choices, ...]:
    return read_cells(records, Path("records.jsonl"))[model]


def chooser_of(root: Path, records) -> Chooser:
    run_folder(root, "tiny", records, "data:models/tiny")
    (found,) = choosers(collect([], root / "eval"))
    return found


def test_an_exact_record_is_a_cell_of_probabilities():
    (own,) = cells_of(exact({cell("business", "prison"): 0.75}, invalid=0.2))
    assert own.exact and own.draws == 0 and own.share == 0.75
    assert own.weights == pytest.approx({"C": 0.6, "D": 0.2, "invalid": 0.2})
    assert own.parsed == pytest.approx(0.8) and own.part == "in-sample"
    assert rate([own]) == Metric(0.75, 0.75, 0.75, 1, 1)
    assert invalid_share([own]) == pytest.approx(0.2)


def test_drawn_records_are_counted():
    (own,) = cells_of(drawn({cell("business", "prison"): 0.25}, draws=8, invalid=2))
    assert (own.draws, own.parsed, own.invalid, own.share) == (10, 8, 2, 0.25)
    found = rate([own])
    assert (found.value, found.n) == (0.25, 8)
    assert (found.low, found.high) == pytest.approx((0.0715, 0.5907), abs=1e-4)  # Wilson 1927


def test_cells_of_several_games_are_clusters():
    own = cells_of(drawn(shares(0.0, 1.0, 0.0, 1.0), draws=100))
    found = rate(own)
    assert (found.value, found.n, found.clusters) == (0.5, 400, 4)
    assert found.high - found.low > 0.7  # four cells, not 400 answers: Wilson of 400 has 0.1


def test_models_in_one_file_are_told_apart_and_errors_are_invalid():
    item = cell("business", "prison")
    records = [*drawn({item: 1.0}, 2, model="7b"), *drawn({item: 0.0}, 2, model="70b")]
    found = read_cells(records, Path("x"))
    assert {model: cells[0].share for model, cells in found.items()} == {"7b": 1.0, "70b": 0.0}
    (answer,) = drawn({item: 1.0}, 1)
    (own,) = cells_of([replace(answer, error="timed out")])
    assert not own.known and own.invalid == 1 and rate([own]) is None


def test_a_record_of_no_cell_is_refused():
    (record,) = drawn({cell("business", "prison"): 1.0}, 1)
    bare = replace(record, condition={"game": "prison"})
    with pytest.raises(UserError, match=r"records\.jsonl: record .* names no game, context"):
        read_cells([bare], Path("records.jsonl"))


def test_parts_name_split_and_payoffs(tmp_path: Path):
    ids = [cell("business", "prison", "doubled"), cell("sharing_a_room", "prison")]
    ids += [cell("business", "prison"), cell("none", "r1234-1234")]
    found = chooser_of(tmp_path, exact(dict.fromkeys(ids, 0.5)))
    assert list(found.parts) == ["in-sample", "new contexts", "new payoffs: doubled", "new games"]
    assert [own.held_out for own in found.cells].count(True) == 1


def test_amounts_weigh_every_cell_alike():
    pots = {cell(name, "public_goods", told="amount"): share
            for name, share in (("business", 0.5), ("team", 1.0))}  # fmt: skip
    found = amounts(cells_of(exact(pots, invalid=0.5)))
    assert found == pytest.approx({"0": 0.25, "10": 0.75})
    assert rate(cells_of(exact(pots))) is None  # donations are no cooperation rate


def test_theory_knows_the_four_games():
    assert {name: equilibrium_action(name) for name in DILEMMAS} == {
        **{"prison": 1, "delight": 0},
        **{"staghunt": None, "snowdrift": None},
    }
    assert (dominant_action("prison"), dominant_action("snowdrift")) == (1, None)
    own = cells_of(exact(shares(0.2, 0.7, 0.4, 0.9)))
    found = agreement(own, equilibrium_action)
    assert found.value == pytest.approx((0.8 + 0.7 + 0.6 + 0.9) / 4)
    assert agreement(own[:0], equilibrium_action) is None


def test_a_chooser_of_the_game_alone(tmp_path: Path):
    found = chooser_of(tmp_path, exact(shares(0.2, 0.9, 0.2, 0.9)))
    (own,) = dependences(found)
    assert (own.games, own.contexts, own.exact) == (2, 2, True)
    assert own.shares.alone.row.value == pytest.approx(1.0)
    assert own.shares.alone.column.value == pytest.approx(0.0)


def test_what_is_not_crossed_has_no_dependence(tmp_path: Path):
    found = shares(0.2, 0.9, 0.2, 0.9)
    found.popitem()
    assert dependences(chooser_of(tmp_path, exact(found))) == []


def test_changes_that_should_not_matter(tmp_path: Path):
    prison = {
        cell("business", "prison"): 0.5,
        cell("business", "prison", "doubled"): 0.25,
        cell("business", "prison", told="dc.first"): 0.6,
        cell("business", "prison", told="xy.first"): 0.9,  # no pair: neither labels exchanged
        cell("business", "prison", told="cd.second"): 0.4,
        cell("team", "prison"): 0.5,
        cell("team", "prison", "doubled"): 0.6,
    }
    found = {one.change: one for one in shifts(chooser_of(tmp_path, exact(prison)))}
    assert set(found) == {"payoffs doubled", "labels exchanged", "order exchanged"}
    doubled = found["payoffs doubled"]
    assert doubled.moved.value == pytest.approx((0.25 + 0.1) / 2) and doubled.moved.n == 2
    assert doubled.signed == pytest.approx((-0.25 + 0.1) / 2)
    assert found["labels exchanged"].signed == pytest.approx(0.1)
    assert found["order exchanged"].moved.value == pytest.approx(0.1)


def test_a_tie_is_an_answer():
    (record,) = exact({cell("business", "prison"): 0.5})
    tie = replace(record, score=Score(0.5, "tie", ""))
    assert cells_of([tie])[0].share == 0.5
