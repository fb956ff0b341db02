"""Published answers: the three forms, doubled lists, keys, names of models, and what is refused."""

import json
import os
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tombench.errors import UserError
from tombench.tasks.games_answers import Answers, Reading, first_integer, letter, read_answers
from tombench.tasks.games_cells import CellKey, cell_key, model_of
from tombench.tasks.games_files import answer_files
from tombench.tasks.games_repeats import pairs, stored_twice

C, D = "  C", "  D"
ANY = Reading(draws=None)


def drawn(number: int, seed: int = 0) -> list[str]:
    """Independent answers, C with probability .7."""
    return [C if one < 0.7 else D for one in np.random.default_rng(seed).random(number)]


def twice(answers: Sequence[str]) -> list[str]:
    return [answer for answer in answers for _ in range(2)]


def write(path: Path, content: object) -> str:
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def read(path: Path, content: object, reading: Reading = ANY) -> Answers:
    return read_answers([write(path, content)], reading)


def test_three_forms_say_the_same(tmp_path: Path) -> None:
    raw = {"IR_prison": [C, D, C], "team_delight_d": [D]}
    json_file, pickled, counts = (tmp_path / f"7b_results.{e}" for e in ("json", "pickle", "txt"))
    json_file.write_text(json.dumps(raw))
    pickled.write_bytes(pickle.dumps(raw))
    counts.write_text("IR_prison: {'  C': 2, '  D': 1}\r\n\r\nteam_delight_d: {'D': 1}\r\n")
    for path in (json_file, pickled, counts):
        cells = read_answers([str(path)], ANY).cells
        assert [(c.model, c.key, c.cooperate, c.defect, c.draws) for c in cells] == [
            ("7b", CellKey("IR", "prison"), 2, 1, 3),
            ("7b", CellKey("team", "delight", "doubled"), 0, 1, 1),
        ]
    assert read_answers([str(tmp_path)], ANY).cells == read_answers([str(json_file)], ANY).cells


def test_text_of_a_pickles_name_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "7b_results.txt"
    path.write_bytes(pickle.dumps({"IR_prison": [C]}))
    assert read_answers([str(path)], ANY).cells[0].cooperate == 1


def test_a_pickle_that_runs_something_is_refused(tmp_path: Path) -> None:
    class Planted:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "planted"),)

    path = tmp_path / "7b_results.txt"
    path.write_bytes(pickle.dumps({"IR_prison": [Planted()]}))
    with pytest.raises(UserError, match="refused"):
        read_answers([str(path)])
    assert not (tmp_path / "planted").exists()


def test_strict_letters_and_what_is_invalid(tmp_path: Path) -> None:
    answers = [C, "D\n", "I choose C", "", "c", "CD"]
    found = read(tmp_path / "m.json", {"IR_prison": answers})
    cell = found.cells[0]
    assert (cell.cooperate, cell.defect, cell.invalid, cell.parsed, cell.draws) == (1, 1, 4, 2, 6)
    assert found.warnings == ("4 answers could not be parsed: m IR_prison 4",)
    loose = Reading(lambda text: next((one for one in text if one in "CD"), None), draws=None)
    cell = read(tmp_path / "m.json", {"IR_prison": answers}, loose).cells[0]
    assert (cell.cooperate, cell.defect, cell.invalid) == (3, 1, 2)


def test_counts_keep_their_own_texts_apart(tmp_path: Path) -> None:
    path = tmp_path / "llama3_8b_distribution.txt"
    path.write_text("biz_prison: {'C': 1632, 'D': 1326, 'I choose D.': 1, 'I choose:\\n\\nC': 1}\n")
    cell = read_answers([str(path)], ANY).cells[0]
    assert (cell.model, cell.cooperate, cell.defect, cell.invalid) == ("llama3_8b", 1632, 1326, 2)


def test_a_doubled_list_is_halved_and_told(tmp_path: Path) -> None:
    once = drawn(300)
    found = read(tmp_path / "7b.json", {"IR_prison_d": twice(once)}, Reading())
    cell = found.cells[0]
    assert (cell.cooperate, cell.draws) == (once.count(C), 300)
    share = (once.count(C) / 300) ** 2 + (once.count(D) / 300) ** 2
    assert f"300 of 300 pairs equal, {100 * share:.0f} % expected" in cell.notes[0]
    assert len(found.warnings) == 1
    assert "every draw is stored twice in 1 of 1 lists" in found.warnings[0]


def test_independent_answers_are_not_halved(tmp_path: Path) -> None:
    found = read(tmp_path / "7b.json", {"IR_prison": drawn(600)})
    assert found.cells[0].draws == 600 and not found.warnings


@pytest.mark.parametrize(
    ("lists", "halved"),
    [
        ({"a": twice(drawn(300))}, {"a"}),
        ({"a": twice(drawn(300)), "b": [D] * 600}, {"a", "b"}),  # goes by its neighbour
        ({"a": drawn(600), "b": [D] * 600}, set()),
        ({"b": [D] * 600}, {"b"}),  # twice the draws of a cell
        ({"b": [D] * 300}, set()),
        ({"a": [C] * 260 + [D] * 40}, set()),  # in order
        ({"a": twice(drawn(300))[:-1]}, set()),  # an odd number
        ({"a": twice(drawn(49))}, set()),  # too few to tell
        ({"a": twice(drawn(50))}, {"a"}),
    ],
)  # fmt: skip
def test_which_lists_are_doubled(lists: dict[str, list[str]], halved: set[str]) -> None:
    assert stored_twice(lists, 300) == halved


def test_pairs_by_hand() -> None:
    found = pairs(["C", "C", "C", "D", "D", "D", "C", "C"])  # 5 C, 3 D
    assert (found.equal, found.number, found.shifted, found.even) == (3, 4, 2, True)
    assert found.expected == pytest.approx((25 + 9) / 64)


def test_nearly_doubled_is_told_and_kept(tmp_path: Path) -> None:
    answers = twice(drawn(300))
    answers[7] = D if answers[7] == C else C
    found = read(tmp_path / "llama3.json", {"IR_prison": answers})
    assert found.cells[0].draws == 600
    assert "nearly every draw stored twice (299 of 300 pairs equal" in found.cells[0].notes[0]
    assert len(found.warnings) == 1 and "answers count for about half" in found.warnings[0]


def test_totals_that_are_not_300_are_told(tmp_path: Path) -> None:
    path = tmp_path / "70b_distribution.txt"
    path.write_text("team_prison: {'C': 231, 'D': 68}\nteam_delight: {'C': 150, 'D': 150}\n")
    found = read_answers([str(path)])
    assert found.cells[0].notes == ("299 answers, not 300",)
    assert found.warnings == (
        f"{path}: 1 of 2 cells do not have 300 answers: team_prison 299",
    )  # fmt: skip


def test_counts_that_contradict_the_answers_are_told(tmp_path: Path) -> None:
    counts = tmp_path / "7b_distribution.txt"
    counts.write_text("roomsharing_prison: {'  C': 261, '  D': 34}\n")
    raw = write(tmp_path / "7b_results.json", {"roomsharing_prison": [C] * 261 + [D] * 39})
    for order in ([str(counts), raw], [raw, str(counts)]):
        found = read_answers(order, ANY)
        assert [(c.cooperate, c.defect) for c in found.cells] == [(261, 39)]
        assert len(found.warnings) == 1
        assert "261/34 are not those of the answers 261/39" in found.warnings[0]


def test_two_files_with_unlike_answers_of_a_cell_are_refused(tmp_path: Path) -> None:
    first = write(tmp_path / "7b_results.json", {"IR_prison": [C, D]})
    second = write(tmp_path / "7b-new-results.json", {"IR_prison": [D, C]})
    with pytest.raises(UserError, match=r"key IR_prison: other answers of 7b than in .*MODEL=PATH"):
        read_answers([first, second], ANY)
    found = read_answers([first, f"again={second}"], ANY)
    assert [cell.model for cell in found.cells] == ["7b", "again"]


def test_one_run_under_two_names_is_told(tmp_path: Path) -> None:
    lines = [
        f"biz_{game}{end}: {{'C': {number}, 'D': {300 - number}}}"
        for end in ("", "_d")
        for game, number in (("prison", 252), ("delight", 261), ("snowdrift", 254))
    ]
    path = tmp_path / "7b_distribution.txt"
    path.write_text("\n".join([*lines, "biz_staghunt: {'C': 1}", "biz_staghunt_d: {'C': 2}"]))
    assert read_answers([str(path)], ANY).warnings == (
        "7b biz: the payoffs published and doubled have the same counts in "
        "delight, prison, snowdrift",
    )


def test_donations_by_the_studys_rule_and_by_another(tmp_path: Path) -> None:
    texts = ["I give $7.", "2.5 times 5 pays, so 5", "nothing", "10"]
    found = read(tmp_path / "70b-results-pgg.json", {"poolparty": texts})
    assert not found.cells
    donations = found.donations[0]
    assert (donations.model, donations.key.game) == ("70b", "poolparty")
    assert sorted(donations.amounts) == [2, 7, 10] and donations.invalid == 1
    assert donations.key.split == "public_goods" and donations.draws == 4
    last = Reading(donation=lambda text: 5.0 if text.endswith("5") else None, draws=None)
    found = read(tmp_path / "70b-results-pgg.json", {"poolparty": texts}, last)
    assert found.donations[0].amounts == (5,) and found.donations[0].invalid == 3


def test_donations_as_numbers_and_counts(tmp_path: Path) -> None:
    assert read(tmp_path / "a.json", {"poolparty": [5, 7, 7]}).donations[0].amounts == (5, 7, 7)
    path = tmp_path / "b.txt"
    path.write_text("poolparty: {5: 2, 7: 1}\n")
    assert read_answers([str(path)], ANY).donations[0].amounts == (5, 5, 7)


def test_parsers() -> None:
    assert [letter(text) for text in (" C\n", "D", "C.", "either C or D", "")] == [
        "C", "D", None, None, None
    ]  # fmt: skip
    assert [first_integer(text) for text in ("$7", "2.5 and 7", "none")] == [7, 2, None]


@pytest.mark.parametrize(
    ("key", "expected", "split"),
    [
        ("IR_prison", CellKey("IR", "prison"), "in_sample"),
        ("team_staghunt_d", CellKey("team", "staghunt", "doubled"), "doubled"),
        ("team_delight_oos", CellKey("team", "delight", "oos"), "oos"),
        ("ventcap_snowdrift", CellKey("ventcap", "snowdrift"), "new_contexts"),
        ("no_context_prison", CellKey("no_context", "prison"), "in_sample"),
    ],
)
def test_keys(key: str, expected: CellKey, split: str) -> None:
    assert cell_key(key) == expected
    assert cell_key(key).split == split


@pytest.mark.parametrize("key", ["prison", "IR-prison", "IR_chess", "_prison", "IR_prison_a_b"])
def test_keys_that_are_none(key: str) -> None:
    with pytest.raises(UserError, match=f"key '{key}' is no CONTEXT_GAME with a game of prison"):
        cell_key(key)


def test_other_games_may_be_named() -> None:
    assert cell_key("IR_chess_d", ("chess",)) == CellKey("IR", "chess", "doubled")


@pytest.mark.parametrize(
    ("stem", "model"),
    [
        ("results__7b_org_results", "7b"),
        ("7b-results (1)", "7b"),
        ("results__7b_finetuned_results", "7bF"),
        ("7b-fined_distribution", "7bF"),
        ("ood_game__7bF-results-ood", "7bF"),
        ("results__70b_non_distribution", "70b_non"),
        ("70b_reasoning_distribution", "70b"),
        ("llama3_70b_results", "llama3_70b"),
        ("70b-results-pgg", "70b"),
        ("results", "results"),
    ],
)
def test_whose_answers_a_file_holds(stem: str, model: str) -> None:
    assert model_of(stem) == model


def test_which_files_a_name_stands_for(tmp_path: Path) -> None:
    for name in ("7b_results.json", "7bF_distribution.txt", "prompt.txt", "improvement.csv"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "more").mkdir()
    found = answer_files([str(tmp_path), str(tmp_path / "7b_results.json")])
    assert [(file.path.name, file.model) for file in found] == [
        ("7bF_distribution.txt", "7bF"),
        ("7b_results.json", "7b"),
    ]
    assert [file.model for file in answer_files([f"mine={tmp_path}"])] == ["mine", "mine"]
    with pytest.raises(UserError, match="no such file, nor a folder of answer files; did you mean"):
        answer_files([str(tmp_path / "7b_result.json")])
    with pytest.raises(UserError, match="nor a folder of answer files"):
        answer_files([str(tmp_path / "more")])


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.json", '{"IR_prison": ["C",\n "D"', r"a\.json line 2: not JSON .*cut off\?"),
        ("a.json", '{"IR_prison": ["C"], "IR_prison": ["D"]}', "key IR_prison: stands there 2"),
        ("a.json", '{"IR_prison": []}', r"key IR_prison: \[\] is no list of answers"),
        ("a.json", '{"IR_prison": ["C", null]}', "key IR_prison: answer 2 is None; it must be"),
        ("a.json", '{"IR_prison": {"C": 1.5}}', "key IR_prison: the count of 'C' is 1.5"),
        ("a.json", '{"IR_prison": {"C": -1}}', "the count of 'C' is -1"),
        ("a.json", '["C"]', "no answer file; it must be an object"),
        ("a.json", "{}", "it holds no answers"),
        ("a.json", '{"IR_chess": ["C"]}', r"a\.json: key 'IR_chess' is no CONTEXT_GAME"),
        ("a.txt", "IR_prison: {'C': 1}\nIR_delight: {'C': 1", r"a\.txt line 2: the counts of IR_d"),
        ("a.txt", "IR_prison: {'C': 1}\n\nIR_prison: {'C': 1}", "line 3: key IR_prison stands on"),
        ("a.txt", "IR_prison: {'C': open('x')}", "line 1: the counts of IR_prison are no dict"),
        ("a.txt", "IR_prison: {'C', 'D'}", "line 1: the counts of IR_prison must be a dict"),
        ("a.txt", "You are a president.", "line 1: no line of counts such as IR_prison"),
        ("a.txt", " \n", "the file is empty"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, name: str, content: str, problem: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=problem) as caught:
        read_answers([str(tmp_path / name)], ANY)
    assert "\n" not in str(caught.value)
