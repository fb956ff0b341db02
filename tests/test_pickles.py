"""Plain pickles are read; whatever names something is refused without being run."""

import os
import pickle
from collections import Counter
from pathlib import Path

import pytest

from tombench.errors import UserError
from tombench.pickles import is_pickle, read_pickle

PLAIN = {"a": ["  C", "  D"], "b": [1, 2.5, None, True, "é"]}


class Planted:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_values_are_read(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "plain.txt"
    path.write_bytes(pickle.dumps(PLAIN, protocol))
    assert is_pickle(path)
    assert read_pickle(path) == PLAIN


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_pickle_that_names_anything_is_refused(tmp_path: Path, protocol: int) -> None:
    path, planted = tmp_path / "bad.pickle", tmp_path / "planted"
    for value in (Planted(planted), Counter("ab")):
        path.write_bytes(pickle.dumps({"a": value}, protocol))
        with pytest.raises(UserError, match=r"bad\.pickle: refused.*it names .*convert it to JSON"):
            read_pickle(path)
    assert not planted.exists()


def test_a_damaged_pickle_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "cut.pickle"
    path.write_bytes(pickle.dumps(PLAIN)[:-9])
    with pytest.raises(UserError) as caught:
        read_pickle(path)
    assert len(caught.value.mistakes) == 1 and "\n" not in str(caught.value)


def test_text_is_no_pickle(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": []}')
    assert not is_pickle(path)
    with pytest.raises(UserError, match=r"none\.json: No such file"):
        is_pickle(tmp_path / "none.json")
