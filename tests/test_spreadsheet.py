"""A spreadsheet runs nothing that a model wrote."""

import csv
import io
import json

import pytest

from tombench.cli import run
from tombench.spreadsheet import csv_text, guarded, unguarded


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_texts_like_formulas_are_marked_as_text(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(csv_text([{"a": text, text: "b"}]), newline=""))
    assert row == {"a": f"'{text}", f"'{text}": "b"}


@pytest.mark.parametrize("text", ["=a", "+1", "-1", "@x", "\ta", "'=a", "''-", "'a", "a=", "", "'"])
def test_what_is_guarded_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in tuple("=+-@\t")


def test_numbers_and_other_texts_stay() -> None:
    text = csv_text([{"a": -1.5, "b": -2, "c": "a=b", "d": None, "e": True, "f": ""}])
    assert text == "a,b,c,d,e,f\n-1.5,-2,a=b,,True,\n"


def test_line_breaks_in_an_answer_begin_no_row() -> None:
    rows = [{"a": "x\r=1", "b": 1}, {"a": 'y\n"=2"\r\n', "b": 2}]
    read = list(csv.DictReader(io.StringIO(csv_text(rows), newline="")))
    assert [row["a"] for row in read] == [row["a"] for row in rows]


def test_columns_are_those_of_all_rows() -> None:
    assert csv_text([{"a": 1}, {"b": 2, "a": 3}]) == "a,b\n1,\n3,2\n"


def test_records_of_a_run_are_guarded(tmp_path) -> None:
    assert run(["backend=mock", "limit=2", f"output_root={tmp_path}"]) == 0
    records = tmp_path / "eval" / "vignettes" / "tiny" / "v0001" / "records.jsonl"
    formula = '=HYPERLINK("http://example.org","Yes.")'
    records.write_text(records.read_text().replace('"Yes."', json.dumps(formula)))
    assert formula in records.read_text().replace("\\", "")
    assert run(["stage=summarize", f"output_root={tmp_path}"]) == 0
    table = tmp_path / "summarize" / "v0001" / "tables" / "records.csv"
    rows = list(csv.DictReader(table.open(encoding="utf-8", newline="")))
    assert f"'{formula}" in {row["response"] for row in rows}
    assert not any(row["response"].startswith("=") for row in rows)
    assert float(rows[0]["log_prob_no"]) < 0  # a number: no apostrophe
