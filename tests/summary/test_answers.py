"""Records are read once: scores by item, and columns that hold all that a line does."""

import json
from dataclasses import replace

import pytest
from record_runs import line, made, put_aside

from tombench.errors import RunFailed, UserError
from tombench.runs import read_records
from tombench.summary import answers
from tombench.summary.answers import item_scores, read_answers
from tombench.summary.columns import CONDITION, Shelf, shelf


@pytest.fixture
def aside():
    with shelf() as found:
        yield found


def test_a_piece_holds_all_that_a_line_does(tmp_path, aside) -> None:
    lines = [
        line("a.1", value=0.5, answer="tie", needs_review=True, error="late", thinking="Hm."),
        line("a.1", 2, target=None, log_probs={}, condition={"m": "2e-06"}, truncated=True),
    ]
    (columns,) = put_aside(aside, [made(tmp_path, lines)])
    (table,) = columns.tables()
    for row, record in zip(table.to_pylist(), lines, strict=True):
        score, condition = record.pop("score"), record.pop("condition")
        assert json.loads(row.pop("log_probs")) == record.pop("log_probs")
        assert row.pop("score") == score.pop("value")
        factors = {name: row.pop(f"{CONDITION}{name}") for name in ("cell", "m")}
        assert {name: level for name, level in factors.items() if level} == condition
        assert row == record | score


def test_pieces_are_small_and_in_order(tmp_path, aside, monkeypatch) -> None:
    monkeypatch.setattr(answers, "ROWS", 3)
    (columns,) = put_aside(aside, [made(tmp_path, [line("a", n) for n in range(7)])])
    assert [len(table) for table in columns.tables()] == [3, 3, 1]
    numbers = [row["repetition"] for table in columns.tables() for row in table.to_pylist()]
    assert numbers == list(range(7)) and columns.records == 7


def test_long_lines_make_short_pieces(tmp_path, aside, monkeypatch) -> None:
    monkeypatch.setattr(answers, "BYTES", 10_000)
    lines = [line("a", n, response="x" * 6_000) for n in range(4)]
    (columns,) = put_aside(aside, [made(tmp_path, lines)])
    assert [len(table) for table in columns.tables()] == [2, 2]


def test_scores_do_not_depend_on_pieces(tmp_path, aside, monkeypatch) -> None:
    """Two wordings of four items, twice answered, with wording variance."""
    lines = [
        line(f"{item}.{wording}", n, cluster=item, value=float((place + n * wording) % 3 > 0),
             condition={"paraphrase": str(wording)})
        for place, item in enumerate("abcd") for wording in range(2) for n in range(2)
    ]  # fmt: skip
    run = made(tmp_path, lines)
    whole = item_scores(read_records(run.folder))
    assert whole.wording is not None and whole.answers["a.0"] == 2
    assert whole.means["a"] == sum(one["score"]["value"] for one in lines[:4]) / 4
    monkeypatch.setattr(answers, "ROWS", 3)
    assert read_answers([run], aside).scores == [whole]


def test_each_cell_of_a_folder_has_its_own(tmp_path, aside) -> None:
    conditions = [{"model": m, "prompting": p} for m in "xy" for p in ("base", "cot")]
    lines = [line("a", n, condition=one) for n, one in enumerate(conditions)]
    run = made(tmp_path, lines, one_of_several=True)
    runs = [
        replace(run, model=m, prompting=p) for m, p in (("y", "cot"), ("x", "base"), ("z", "base"))
    ]
    found = read_answers(runs, aside)
    numbers = [[row["repetition"] for t in one.tables() for row in t.to_pylist()]
               for one in found.columns]  # fmt: skip
    assert numbers == [[3], [0], []]
    assert [len(scores.means) for scores in found.scores] == [1, 1, 0]


def test_answers_that_name_no_prompting(tmp_path, aside) -> None:
    """Of games whose answers are given."""
    lines = [line("a", n, condition={"model": "x"}) for n in range(2)]
    run = made(tmp_path, lines, one_of_several=True, model="x", prompting="none")
    assert read_answers([run], aside).columns[0].records == 2


def test_runs_under_masks_have_no_scores_and_are_put_aside(tmp_path, aside) -> None:
    run = made(tmp_path, [line("a")], sparsity=object())
    assert read_answers([run]).scores == [None] and read_answers([run]).columns[0].records == 0
    assert put_aside(aside, [run])[0].records == 1


def test_a_changed_line_is_told(tmp_path, aside) -> None:
    run = made(tmp_path, [line("a")])
    with (tmp_path / "records.jsonl").open("a") as file:
        file.write("{\n")
    with pytest.raises(UserError, match=r"records\.jsonl line 2: not a record"):
        read_answers([run], aside)


@pytest.mark.parametrize("change", [{"value": "high"}, {"tokens": "x"}, {"response": 3}])
def test_a_value_of_another_type_is_told(tmp_path, aside, change) -> None:
    with pytest.raises(UserError, match=r"among records a/0. to b/01 a value is of another type"):
        read_answers([made(tmp_path, [line("a", **change), line("b")])], aside)


def test_what_is_no_number_is_null(tmp_path, aside) -> None:
    log_probs = {"yes": float("nan"), "no": float("-inf"), "maybe": None, "so": -1}
    (columns,) = put_aside(aside, [made(tmp_path, [line("a", log_probs=log_probs)])])
    (row,) = next(columns.tables()).to_pylist()
    assert json.loads(row["log_probs"]) == {"yes": None, "no": None, "maybe": None, "so": -1}


def test_lone_surrogates_are_written_out(tmp_path, aside) -> None:
    lines = [line("a", response="half \ud83d of", prompt="\udc00"), line("b", response="é\x00")]
    (columns,) = put_aside(aside, [made(tmp_path, lines)])
    rows = next(columns.tables()).to_pylist()
    assert [row["response"] for row in rows] == ["half \\ud83d of", "é\x00"]
    assert rows[0]["prompt"] == "\\udc00"


def test_secrets_are_hidden(tmp_path, aside, monkeypatch) -> None:
    monkeypatch.setenv("MY_API_KEY", "quite-a-secret")
    lines = [
        line("a", response="it is quite-a-secret"),
        line("b", prompt="hf_" + "a1" * 10, condition={"k": "https://me:pw@host/"}),
        line("c", response="nothing"),
    ]
    (columns,) = put_aside(aside, [made(tmp_path, lines)])
    rows = next(columns.tables()).to_pylist()
    assert [row["response"] for row in rows] == ["it is (hidden)", "Yes.", "nothing"]
    assert rows[1]["prompt"] == "(hidden)" and rows[1]["condition_k"] == "https://(hidden)@host/"


def test_no_room_is_told(tmp_path) -> None:
    with pytest.raises(RunFailed, match="name another folder for what is temporary in TMPDIR"):
        put_aside(Shelf(tmp_path / "gone"), [made(tmp_path, [line("a")])])


def test_nothing_is_left_behind(tmp_path) -> None:
    with shelf() as aside:
        put_aside(aside, [made(tmp_path, [line("a")])])
        assert list(aside.folder.iterdir())
    assert not aside.folder.exists()
