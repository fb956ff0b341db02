"""The study's folder and its zip: what is in it, and what is refused."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from tombench.errors import UserError
from tombench.planning.study.archive import unpack
from tombench.planning.study.layout import (
    HOME_PAIRS,
    WORLDS,
    content_of,
    pairs_name,
    questions_name,
    study_files,
    theme_of,
)

PAIR = json.dumps({"input": "x", "ref": "y"})
QUESTION = json.dumps({"question": "x", "answer": "a"})
LINE = json.dumps({"question": "x", "state_0": "y", "actions": []})
Zipped = Callable[..., Path]


@pytest.fixture
def zipped(tmp_path: Path) -> Zipped:
    def make(**members: str) -> Path:
        path = tmp_path / "data.zip"
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for name, text in members.items():
                archive.writestr(name, text)
        return path

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for name, text in (
        (HOME_PAIRS[0], PAIR),
        (pairs_name("wild_west"), f"[{PAIR}, {PAIR}]"),
        (questions_name("home"), LINE),
        (questions_name("ancient_egypt"), f"\n{LINE}\n{LINE}"),
        ("other.json", '{"a": 1}'),
        (".hidden.json", PAIR),
        ("notes.txt", PAIR),
        ("broken.json", "{"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "link.json").symlink_to(root / HOME_PAIRS[0])
    return root


FOUND = {
    ("ancient_egyptian.json", "representations", "ancient_egypt"),
    ("formatted_finetuning_data.json", "pairs", "home"),
    ("multimodal_representations_virtual_home.json", "representations", "home"),
    ("wild_west_finetuning_data.json", "pairs", "wild_west"),
}


def test_a_folder_is_read_by_content(folder: Path, tmp_path: Path) -> None:
    found = study_files(folder, tmp_path / "unpacked")
    assert {(one.path.name, one.content, one.theme) for one in found} == FOUND
    assert not (tmp_path / "unpacked").exists()


def test_a_zip_holds_the_same(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "scale.zip"
    with ZipFile(path, "w") as archive:
        for one in folder.rglob("*"):
            if not one.is_symlink():
                archive.write(one, f"data/{one.relative_to(folder)}")
        archive.writestr("__MACOSX/data/._other.json", PAIR)
    found = study_files(path, tmp_path / "unpacked")
    assert {(one.path.name, one.content, one.theme) for one in found} == FOUND
    written = {one.name for one in (tmp_path / "unpacked").rglob("*") if one.is_file()}
    assert written == {name for name, *_ in FOUND} | {"other.json", "broken.json", "unpacked"}


def test_a_zip_is_unpacked_once(zipped: Zipped, tmp_path: Path) -> None:
    path = zipped(**{"a.json": PAIR})
    first = unpack(path, tmp_path / "unpacked")
    (first / "a.json").unlink()
    assert unpack(path, tmp_path / "unpacked") == first
    assert not (first / "a.json").exists()


def test_one_file_may_be_named(folder: Path, tmp_path: Path) -> None:
    path = folder / pairs_name("wild_west")
    (found,) = study_files(path, tmp_path / "unpacked")
    assert (found.path, found.content, found.theme) == (path, "pairs", "wild_west")


@pytest.mark.parametrize("name", ["../a.json", "/a.json", "x/../../a.json", "c:\\a.json", "..\\a"])
def test_a_name_that_leads_outside_is_refused(zipped: Zipped, tmp_path: Path, name: str) -> None:
    path = zipped(**{"good.json": PAIR, name: PAIR})
    with pytest.raises(UserError, match="would lie outside"):
        unpack(path, tmp_path / "in" / "unpacked")
    assert not (tmp_path / "in").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    path, link = tmp_path / "data.zip", ZipInfo("link.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.json", PAIR)
    with pytest.raises(UserError, match=r"'link.json' is a link"):
        unpack(path, tmp_path / "unpacked")


def test_too_much_is_refused_before_anything_is_written(zipped: Zipped, tmp_path: Path) -> None:
    path = zipped(**{"a.json": "x" * 600, "b.json": "x" * 600})
    with pytest.raises(UserError, match="1200 bytes when unpacked; at most 10000 and 1000"):
        unpack(path, tmp_path / "unpacked", largest=1000)
    assert not (tmp_path / "unpacked").exists()


def test_a_size_that_is_not_told_is_refused(zipped: Zipped, tmp_path: Path) -> None:
    path = zipped(**{"a.json": "x" * 600})
    data = path.read_bytes()
    path.write_bytes(data.replace((600).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(UserError, match="not a zip that can be read"):
        unpack(path, tmp_path / "unpacked")


@pytest.mark.parametrize("members", [{}, {"a.txt": "x"}, {".a.json": PAIR}])
def test_a_zip_without_json_is_refused(
    zipped: Zipped, tmp_path: Path, members: dict[str, str]
) -> None:
    with pytest.raises(UserError, match=r"no \.json file is in it"):
        unpack(zipped(**members), tmp_path / "unpacked")


def test_names_that_differ_in_case_alone_are_refused(zipped: Zipped, tmp_path: Path) -> None:
    path = zipped(**{"a.json": PAIR, "A.json": PAIR})
    with pytest.raises(UserError, match=r"'a.json' is in it twice"):
        unpack(path, tmp_path / "unpacked")


def test_a_torn_zip_is_refused(zipped: Zipped, tmp_path: Path) -> None:
    path = zipped(**{"a.json": "".join(map(str, range(9000)))})
    data = bytearray(path.read_bytes())
    data[200:210] = bytes(10)
    path.write_bytes(bytes(data))
    with pytest.raises(UserError, match="fetch it again"):
        unpack(path, tmp_path / "unpacked")
    with pytest.raises(UserError, match="not a zip"):
        unpack(_text(tmp_path / "no.zip"), tmp_path / "unpacked")


def _text(path: Path) -> Path:
    path.write_text("no zip", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (PAIR, "pairs"),
        (f"[\n{PAIR}]", "pairs"),
        (f"\ufeff{LINE}", "representations"),
        (QUESTION, "questions"),
        ("[1]", None),
        ("", None),
    ],
)
def test_content_is_told_by_the_first_object(
    tmp_path: Path, text: str, content: str | None
) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    assert content_of(path) == content


def test_every_theme_has_its_names() -> None:
    for theme in ("home", *WORLDS):
        assert theme_of(Path(pairs_name(theme))) == theme
        assert theme_of(Path(questions_name(theme))) == theme
    assert pairs_name("ancient_egypt") == "post_train/ancient_egyptian_finetuning_data.json"
    assert questions_name("outer_space") == "eval/unseen/outer_space.json"
    assert theme_of(Path("mine.json")) == ""
    with pytest.raises(UserError, match="did you mean 'wild_west'"):
        pairs_name("wild_vest")


def test_nothing_of_the_studys_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file or folder"):
        study_files(tmp_path / "none", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"no file of pairs \(input, ref\)"):
        study_files(tmp_path / "empty", tmp_path / "unpacked")
