"""Task files of the false-belief suite: literals are read, code and malformed tasks are refused."""

import re
from pathlib import Path

import pytest
from false_belief_samples import CONTENTS, IRONY, TRANSFER, tasks_file

from tombench.errors import UserError
from tombench.tasks.false_belief import read_tasks

PYTHON = ("s1 = {s1!r}\ns2 = {s2!r}", "'''Tasks.'''\na: list = {s1!r}\nb = {s2!r}\nsize = 3",
          "all = {{'s1': {s1!r}, 's2': {s2!r}}}")  # fmt: skip


@pytest.mark.parametrize("code", PYTHON)
def test_python_literals_are_read(tmp_path: Path, code: str) -> None:
    path = tmp_path / "tasks.py"
    path.write_text(code.format(s1=[CONTENTS], s2=[TRANSFER]))
    json_path = tasks_file(tmp_path / "t.json", s1=[CONTENTS], s2=[TRANSFER])
    assert read_tasks(path) == read_tasks(json_path)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("s1 = []\nimport os", "line 1: s1 must be a list of tasks"),
        ("import os\ns1 = [{}]", "line 1: this is code"),
        ("x = 1\ns1 = [{'txt':\n open('ran', 'w')}]", "line 3: this is no literal"),
        ("s1 = [{'txt': f'{1}'}]", "line 1: this is no literal"),
        ("s1 = [x for x in ()]", "line 1: this is no literal"),
        ("s1 = [\n {},\n 'text']", 'line 3: "text" is no dict'),
        ("s1 = [{1: 2}]", 'line 1: {"1": 2} is no dict'),
        ("s1 = [{'txt': b'x'}]", "line 1: not a task"),
        ("s1 = [{'txt': '\\ud800'}]", "line 1: not a task"),
        ("s1 = [{}]\ns1 = [{}]", "line 2: a second list of contents tasks"),
        ("s1 = [", "line 1: not Python"),
        ("other = [1]", "no list of tasks"),
    ],
)
def test_code_is_refused_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tasks.py").write_text(code)
    with pytest.raises(UserError, match=re.escape(message)):
        read_tasks(tmp_path / "tasks.py")
    assert [path.name for path in tmp_path.iterdir()] == ["tasks.py"]


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ({"s1": [{**CONTENTS, "c": None}]}, "line 3: field 'c' is missing"),
        ({"s1": [{**CONTENTS, "c": 3}]}, "line 3: field 'c' is 3; it must be text"),
        ({"s1": [{**CONTENTS, "o2": "Pens, old"}]}, "line 3: fields 'o1' and 'o2' both begin with"),
        ({"s1": [{**CONTENTS, "o2": "Pens too"}]}, "both begin with 'pens'"),
        ({"s1": [CONTENTS, CONTENTS]}, "id 'contents-03' stands on line 3 already"),
        ({"s2": [{**TRANSFER, "NUMBER": "1"}]}, "field 'NUMBER' is '1'"),
        ({"s2": [{**TRANSFER, "o1": "chest"}]}, "field 'txt' does not name 'chest' (field 'o1')"),
        ({"s2": ["text"]}, "is no JSON object"),
        ({"s3": [{**IRONY, "txt_reverse": "Sun."}]}, "field 'txt_reverse' has no question"),
        ({"tasks": [CONTENTS]}, "no list under 's1'"),
    ],
)
def test_malformed_tasks_are_named(tmp_path: Path, lists: dict, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        read_tasks(tasks_file(tmp_path / "t.json", **lists))
