"""A sheet shows answers and tells nothing else, whatever a spreadsheet program does to it."""

import csv
import io
from pathlib import Path

import pytest
from labels.runs import recorded_run

from tombench.errors import UserError
from tombench.labels.reading import read_labels
from tombench.labels.recorded import RecordedAnswer, recorded_answers
from tombench.labels.sheet import (
    LABELS,
    Row,
    draw_sheet,
    key_text,
    read_key,
    sheet_text,
)
from tombench.tasks.vignettes import Vignettes


@pytest.fixture
def answers(tmp_path: Path) -> list[RecordedAnswer]:
    """The eight free answers of a run; two of them alike."""
    return recorded_answers(recorded_run(tmp_path / "run"), lambda data: Vignettes(data).items())


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_alike_answers_share_a_row_and_empty_ones_have_none(answers: list[RecordedAnswer]) -> None:
    sheet = draw_sheet(answers, None, seed=0)
    assert (len(sheet.rows), len(sheet.answers)) == (7, 8)
    (shared,) = [row for row in sheet.rows if row.answer == "Yes."]
    assert [a.record for a in sheet.answers if a.id == shared.id] == ["door/00", "door/01"]
    assert "coat/02" not in {answer.record for answer in sheet.answers}


def test_the_sheet_is_blind(answers: list[RecordedAnswer]) -> None:
    text = sheet_text(draw_sheet(answers, None, seed=0))
    assert text.startswith("\ufeffrow,id,scene,question,answer,label,note\r\n")
    for hidden in ("door/", "base", "belief", "question_evasion", "as the rules say", "m:"):
        assert hidden not in text
    assert all(row["label"] == row["note"] == "" for row in cells(text))


def test_cells_are_no_formulas_and_no_control_characters(answers: list[RecordedAnswer]) -> None:
    said = {row["answer"] for row in cells(sheet_text(draw_sheet(answers, None, seed=0)))}
    assert said >= {"'=1+1, she cannot say", "\\x1b[31mno", "No, he saw\nit fall."}


def test_order_and_ids_follow_from_the_seed(answers: list[RecordedAnswer]) -> None:
    first, again, other = (draw_sheet(answers, None, seed) for seed in (0, 0, 1))
    assert first == again
    assert [row.answer for row in first.rows] != [row.answer for row in other.rows]
    assert not {row.id for row in first.rows} & {row.id for row in other.rows}


def test_a_sample_is_simple_and_random(answers: list[RecordedAnswer]) -> None:
    """Each of eight answers is drawn into five of eight samples of five."""
    drawn = [a.record for seed in range(800) for a in draw_sheet(answers, 5, seed).answers]
    counts = [drawn.count(answer.record.id) for answer in answers]
    assert sum(counts) == 4000
    assert all(440 < count < 560 for count in counts)  # 500 ± 4.4 standard deviations
    assert len(draw_sheet(answers, 99, 0).answers) == 8


def test_the_key_is_read_as_it_was_written(answers: list[RecordedAnswer], tmp_path: Path) -> None:
    sheet = draw_sheet(answers, None, seed=0)
    (tmp_path / "key.json").write_text(key_text(sheet))
    assert read_key(tmp_path / "key.json") == sheet
    (tmp_path / "key.json").write_text('{"rows": []}')
    with pytest.raises(UserError, match=r"key\.json: not the key of a label sheet"):
        read_key(tmp_path / "key.json")


ROWS = {
    "bbb": Row("bbb", "S", "Q?", "It's – open;\nhe said"),
    "ccc": Row("ccc", "S", "Q?", "=no"),
}


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("id,label\nbbb,yes\nccc,no\n", {"bbb": "yes", "ccc": "no"}),
        ("\ufeffID;Label\r\nccc; NO \r\nbbb;Question evasion\r\n;\r\n\r\n",
         {"bbb": "question_evasion", "ccc": "no"}),
        ("sep=;\nid;answer;label\nccc;'=no;\n", {}),
        ("label\tnote\tid\nexample-repetition\tx\tbbb\n", {"bbb": "example_repetition"}),
        ('row,id,answer,label\n1,bbb,"It’s - open; he said",rambling\n\n2,ccc,=no\n',
         {"bbb": "rambling"}),
        ("\n,,\nid,label,\nbbb,yes,\n", {"bbb": "yes"}),
    ],
)  # fmt: skip
def test_a_sheet_that_was_saved_again_is_read(
    tmp_path: Path, text: str, labels: dict[str, str]
) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(text.encode())
    assert {name: one.label for name, one in read_labels(path, ROWS).items()} == labels


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,label\nbbb,yes\nccc,ys\n",
         f"line 3: field 'label' is 'ys'; did you mean 'yes'?; one of {', '.join(LABELS)}"),
        ("id,label\nbbb,maybe\n", f"line 2: field 'label' is 'maybe'; one of {', '.join(LABELS)}"),
        ("id,label\nbbb,evasion\n",
         "line 2: field 'label' is 'evasion'; did you mean 'question_evasion'?; "
         f"one of {', '.join(LABELS)}"),
        ('id,answer,label\nbbb,"It\'s open;\nhe said",yes\nccb,x,no\n',
         "line 4: field 'id' is 'ccb': not an id of this sheet; did you mean 'ccc'?; "
         "keep the ids as they are"),
        ("id,label\n,yes\n",
         "line 2: field 'id' is '': not an id of this sheet; keep the ids as they are"),
        ("id,label\nbbb,yes\nbbb,no\n", "line 3: id 'bbb' stands on line 2 already"),
        ("id,answer,label\nbbb,=no,yes\n",
         "line 2: field 'answer' is not the answer of id 'bbb'; were some columns sorted without "
         "the others? Take the sheet as it was"),
        ("id,verdict\nbbb,yes\n",
         "line 1: no column 'label' in the first row; the sheet's columns are row, id, scene, "
         "question, answer, label, note"),
        ('id,label\nbbb,"yes\n', "line 2: not CSV (unexpected end of data); save the sheet as CSV "
         "UTF-8"),
    ],
)  # fmt: skip
def test_a_malformed_sheet_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        read_labels(path, ROWS)
    assert str(error.value) == f"{path} {told}"


def test_an_answer_may_be_of_any_length(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    text = "word " * 40_000  # csv takes 131,072 characters unless told
    path = tmp_path / "sheet.csv"
    path.write_text(f"id,answer,label\nbbb,{text},yes\n")
    assert set(read_labels(path, {"bbb": Row("bbb", "S", "Q?", text)})) == {"bbb"}
    path.write_text('id,label\nbbb,"yes\n')
    with pytest.raises(UserError, match="not CSV"):
        read_labels(path, ROWS)
    assert csv.field_size_limit() == before


def test_scenes_that_were_not_asked_are_refused(tmp_path: Path) -> None:
    run = recorded_run(tmp_path / "run")
    with pytest.raises(UserError, match="does not hold the scene and question of record 'door/00'"):
        recorded_answers(run, lambda data: Vignettes(None).items())
