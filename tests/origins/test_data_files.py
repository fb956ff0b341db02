"""Each format of a data file gives the same rows; each malformed one is told in one line."""

import csv
import gzip
import json
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from tombench.errors import UserError
from tombench.recipes.data.rows import Completion
from tombench.recipes.data.settings import DataSettings
from tombench.recipes.data.sources import check_data, read_data

ROWS = [
    {"prompt": "Where is the ball?", "completion": " In the box.", "id": "1"},
    {"prompt": 'She says "no,\nnever".\nAnd he?', "completion": " Yes, é", "id": "2"},
    {"prompt": " ", "completion": "x" * 200_000, "id": "3"},  # longer than csv's own limit
]
EXPECTED = tuple(Completion(row["prompt"], row["completion"]) for row in ROWS)


def lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def write(path: Path) -> None:
    """`ROWS` in the format that the name says."""
    kind = path.name.partition(".")[2]
    if kind.endswith(".gz"):
        path.write_bytes(gzip.compress(lines(ROWS).encode()))
    elif kind == "parquet":
        parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)
    elif kind in ("csv", "tsv"):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(
                file, list(ROWS[0]), delimiter="," if kind == "csv" else "\t", lineterminator="\n"
            )
            writer.writeheader()
            writer.writerows(ROWS)
    else:
        path.write_text(lines(ROWS) if kind.endswith("l") else json.dumps(ROWS, indent=1))


@pytest.mark.parametrize(
    "name",
    "a.json a.jsonl a.ndjson a.JSONL a.json.gz a.jsonl.gz a.csv a.tsv a.parquet".split(),
)
def test_every_format_gives_the_same_rows(tmp_path, name):
    write(tmp_path / name)
    data = read_data(DataSettings(data=str(tmp_path / name)), "completions", seed=0)
    assert data.rows == EXPECTED
    assert data.told == (f"data   {tmp_path / name}: 3 completions (prompt, completion)",)


def test_a_json_object_with_its_rows_under_data(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"version": 1, "data": ROWS}))
    data = read_data(DataSettings(data=str(tmp_path / "a.json")), "completions", seed=0)
    assert data.rows == EXPECTED


def test_folder_names_are_no_columns_of_parquet(tmp_path):
    path = tmp_path / "text=no" / "a.parquet"
    path.parent.mkdir()
    parquet.write_table(pyarrow.table({"prompt": ["a "], "completion": ["b"]}), path)
    with pytest.raises(UserError, match=r"recipe\.prompt: .* has no column 'text'"):
        check_data(DataSettings(data=str(path), prompt="{text}"), "completions")


HALF = gzip.compress(lines(ROWS).encode())[:-20]
BAD = {
    "a.txt": (b"hello", "data files end in one of .json, .jsonl"),
    "empty.jsonl": (b" \n", "the file is empty"),
    "none.json": (b"[]", "it has no data"),
    "cut.jsonl": (b'{"prompt": "a", "completion": "b"}\n{"prompt": "a', "line 2: not JSON"),
    "number.json": (b'[{"prompt": "a", "completion": "b"},\n3]', "line 2: 3 is no JSON object"),
    "object.json": (b'{"rows": [{"text": "a"}]}\n', "no column 'prompt' or 'completion'"),
    "objects.json": (b'{\n"rows": [{"text": "a"}]}', "no list under 'data'; it has rows"),
    "cut.json.gz": (HALF, "not a whole gzip file"),
    "plain.json.gz": (b"[]", "not a whole gzip file (Not a gzipped file"),
    "none.json.gz": (gzip.compress(b"[]"), "it has no data"),
    "header.csv": (b"prompt,completion\n", "it has no rows"),
    "twice.csv": (b"text,text\na,b\n", "line 1: two columns are called 'text'"),
    "unnamed.csv": (b"text,\na,b\n", "line 1: column 2 has no name"),
    "wide.csv": (b'text,id\n"a\nb",1\n\na,b,c\n', "line 5: 3 fields, and the header has 2"),
    "open.csv": (b'text\na\n"b\n', "line 3: not CSV (unexpected end of data); close each quote"),
    "quote.csv": (b'text\n"b"c\n', "line 2: not CSV"),
    "latin.csv": ("text\né\n".encode("latin-1"), "line 2: not UTF-8 text"),
    "cut.parquet": (b"PAR1", "not a Parquet file that can be read"),
    "blank.jsonl": (b'{"text": " "}\n', "no completions left to learn from"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_malformed_is_told_in_one_line(tmp_path, name):
    content, words = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        check_data(DataSettings(data=str(tmp_path / name)), "completions")
    (line,) = error.value.mistakes
    assert line.startswith(f"{tmp_path / name}") and words in line and "\n" not in line
    assert line.count(str(tmp_path)) == 1


def test_a_long_field_leaves_the_limit_of_the_process_as_it_was(tmp_path):
    before = csv.field_size_limit()
    write(tmp_path / "a.csv")
    check_data(DataSettings(data=str(tmp_path / "a.csv")), "completions")
    assert csv.field_size_limit() == before


def test_a_missing_file_is_told_with_the_nearest(tmp_path):
    write(tmp_path / "train.jsonl")
    with pytest.raises(UserError) as error:
        check_data(DataSettings(data=str(tmp_path / "trian.jsonl")), "completions")
    assert str(error.value) == (
        f"{tmp_path / 'trian.jsonl'}: no such file; did you mean 'train.jsonl'?; "
        "give a file, a folder, or a Hub data set OWNER/NAME"
    )


def test_all_bad_files_are_told_at_once(tmp_path):
    write(tmp_path / "good.jsonl")
    for name in ("empty.jsonl", "none.json"):
        (tmp_path / name).write_bytes(BAD[name][0])
    names = tuple(str(tmp_path / name) for name in ("empty.jsonl", "good.jsonl", "none.json"))
    with pytest.raises(UserError) as error:
        check_data(DataSettings(data=names), "completions")
    assert [line.partition(":")[0] for line in error.value.mistakes] == [names[0], names[2]]
