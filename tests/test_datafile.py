"""Every bad data file: one line that names file, line and field, and nothing written."""

import json
from pathlib import Path

import pytest

from tombench.datafile import has_list, read_entries
from tombench.errors import UserError
from tombench.tasks.vignettes import Vignettes

GOOD = [
    {"id": n, "context": f"Scene {n}.", "question": "Does she know?", "answer": "yes"}
    for n in range(1, 10)
]


def lines(entries: list) -> str:
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def changed(number: int, **fields: object) -> str:
    """The good entries as JSON Lines, that on line `number` with other fields; None drops one."""
    entry = GOOD[number - 1] | fields
    entry = {key: value for key, value in entry.items() if value is not None}
    return lines([*GOOD[: number - 1], entry, *GOOD[number:]])


def mistake(path: Path) -> str:
    with pytest.raises(UserError) as told:
        Vignettes(data=str(path)).items()
    (line,) = told.value.mistakes
    assert "\n" not in line
    assert line.startswith(str(path))
    return line.removeprefix(str(path))


FORMS = {
    "lines": lines(GOOD),
    "lines with blank ones": "\n" + lines(GOOD).replace("\n", "\n\n"),
    "lines, CRLF": lines(GOOD).replace("\n", "\r\n"),
    "list": json.dumps(GOOD),
    "list, indented": json.dumps(GOOD, indent=2),
    "object": json.dumps({"name": "x", "scenarios": GOOD}),
    "object, indented": json.dumps({"name": "x", "scenarios": GOOD}, indent=2),
    "object with the key nested too": json.dumps(
        {"about": {"scenarios": [{"id": 0}]}, "scenarios": GOOD, "examples": []}
    ),
    "object with the key in a text": json.dumps({"note": '"scenarios": [', "scenarios": GOOD}),
    "byte order mark": "\ufeff" + lines(GOOD),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_items(tmp_path: Path, form: str) -> None:
    path = tmp_path / "data.json"
    path.write_text(FORMS[form], encoding="utf-8", newline="")
    items = Vignettes(data=str(path)).items()
    assert [item.id for item in items] == [str(entry["id"]) for entry in GOOD]
    assert items[8].content.context == "Scene 9."


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text('{\n "scenarios": [\n  {"a": 1},\n\n  {"a":\n 2}]}')
    assert [entry.line for entry in read_entries(path, "scenarios")] == [3, 5]


def test_other_separators_do_not_end_a_line(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"a": "x\u2028y\x85z"}\n{"a": "b"}\n', encoding="utf-8")
    assert [entry.text("a") for entry in read_entries(path, "scenarios")] == ["x\u2028y\x85z", "b"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ": the file is empty"),
        (" \n\t\n", ": the file is empty"),
        ("hello", " line 1: not JSON (Expecting value)"),
        ("5", " line 1: 5 is no JSON object"),
        ("[]", ": it has no scenarios"),
        ('{"scenarios": []}', ": it has no scenarios"),
        ('{\n"scenarioes": []}', "no list under 'scenarios'; did you mean 'scenarioes'?"),
        ('{\n"scenarios": {}}', "no list under 'scenarios'; it has scenarios"),
        ('[{"id": 1}, 7]', " line 1: 7 is no JSON object"),
        (json.dumps(GOOD, indent=0)[:200], "; is the file cut off?"),
        (json.dumps({"scenarios": GOOD})[:-40], " line 1: not JSON ("),
        (json.dumps({"scenarios": GOOD}, indent=1)[:-2], " line 57: not JSON ("),
        (lines(GOOD)[:-20], " line 9: not JSON ("),
        ("[]" + lines(GOOD), " line 1: not JSON (Extra data)"),
        ("[" * 100_000, " line 1: not JSON that can be read"),
        ('[{"id": 1' + "0" * 5_000 + "}]", " line 1: not JSON that can be read"),
        (changed(7, question=None), " line 7: field 'question' is missing; it has id, context"),
        (changed(7, question=None, questoin="?"), "'question' is missing; did you mean 'questoin'"),
        (changed(7, context=["a"]), ' line 7: field \'context\' is ["a"]; it must be text'),
        (changed(7, context="  "), " line 7: field 'context' is \"  \"; it must be text"),
        (changed(7, answer="perhaps"), " line 7: field 'answer' is 'perhaps'; one of yes, no"),
        (changed(7, answer=True), " line 7: field 'answer' is true; it must be text"),
        (changed(7, reality="x"), " line 7: field 'reality' is 'x'; one of yes, no"),
        (changed(7, id=2), " line 7: id '2' stands on line 2 already; ids must differ"),
        (changed(7, id="2"), " line 7: id '2' stands on line 2 already; ids must differ"),
        (changed(7, id=True), " line 7: field 'id' is true; it must be text"),
        (changed(7, context="\ud83d"), " line 7: \\ud83d is half a character"),
    ],
)  # fmt: skip
def test_a_bad_file_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "data.json"
    path.write_text(text)
    assert told in mistake(path)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (lines(GOOD).replace("Scene 3", "Scène 3").encode("latin-1"), " line 3: not UTF-8 text"),
        (lines(GOOD).encode("utf-16"), " line 1: not UTF-8 text; save the file as UTF-8"),
        (b"\x80\x04\x95", " line 1: not UTF-8 text"),
    ],
)
def test_another_encoding_is_told(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "data.json"
    # json.dumps writes escapes; the first case must hold the byte itself
    path.write_bytes(data)
    assert told in mistake(path)


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "scenarios.json").touch()
    assert mistake(tmp_path / "scenario.json") == ": no such file; did you mean 'scenarios.json'?"


def test_a_folder_and_a_path_below_a_file_are_told(tmp_path: Path) -> None:
    assert mistake(tmp_path) == ": is a folder; give a file in it"
    (tmp_path / "file").touch()
    assert mistake(tmp_path / "file" / "below") == ": Not a directory"


def test_lists_beside_the_items(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"scenarios": [{"examples": [1]}], "examples": [{}]}))
    assert has_list(path, "examples")
    path.write_text(json.dumps({"scenarios": [{"examples": [1]}]}))
    assert not has_list(path, "examples")
    path.write_text(lines([{"examples": [1]}, {"examples": [2]}]))
    assert not has_list(path, "examples")
