"""Rules that change are other rules: the digest is of the sources, all of them."""

import shutil
from pathlib import Path

import pytest

from tombench.scorers import digest
from tombench.scorers.digest import rules_digest
from tombench.tasks.judge import Judge
from tombench.tasks.vignettes import Vignettes

SOURCES = Path(digest.__file__).parent


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(SOURCES, tmp_path / "scorers")
    monkeypatch.setattr(digest, "__file__", str(tmp_path / "scorers" / "digest.py"))
    return tmp_path / "scorers"


def test_the_same_sources_elsewhere_are_the_same_rules(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = rules_digest()
    monkeypatch.undo()
    assert there == rules_digest()


@pytest.mark.parametrize("name", sorted(path.name for path in SOURCES.glob("*.py")))
def test_a_byte_of_any_source_is_another_digest(copied: Path, name: str) -> None:
    before = rules_digest()
    with (copied / name).open("a") as file:
        file.write("\n")
    assert rules_digest() != before


def test_tasks_that_read_in_other_ways_differ() -> None:
    digests = [
        task.rules_digest() for task in (Vignettes(), Vignettes(answers="x"), Judge(run="x"))
    ]
    assert len(set(digests)) == 3
