"""Which commands are the same run: what can change a result, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome

from tombench import cli
from tombench.datafile import EMBEDDED

Command = Callable[..., Outcome]

BASE = ("backend=mock", "task.repetitions=2", "limit=4")
OWN = EMBEDDED / "vignettes" / "scenarios.json"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root under which BASE has been run, as v0001."""
    root = tmp_path_factory.mktemp("root")
    assert cli.run([*BASE, f"output_root={root}"]) == 0
    return root


@pytest.mark.parametrize(
    "word",
    [
        "seed=1",
        "task.family=context",
        "task.repetitions=3",
        "prompting=sbs",
        "generation.temperature=0.5",
        "generation.top_k=3",
        "generation.top_p=0.5",
        "generation.max_new_tokens=3",
        "backend.mind=yes_sayer",
        "limit=5",
    ],
)
def test_what_changes_a_result_takes_a_new_number(command: Command, first: Path, word: str) -> None:
    changed = command(*BASE, word, f"output_root={first}")
    assert changed.status == 0
    assert changed.folder.name > "v0001"


@pytest.mark.parametrize(
    "words",
    [
        (*BASE, "quiet=true"),
        (*BASE, "debug=true"),
        (*BASE, "model.dtype=bfloat16"),  # a known mind reads no weights
        (*BASE, "recipe=pretrain"),
        (*BASE, "stage=evaluate"),
        (*BASE, "stage=eval"),
        (*BASE, "generation.temperature=0.40"),  # the task's own
        (*BASE, f"task.data={OWN}"),
        (*BASE, "seed=0.0"),
        BASE[::-1],
    ],
)
def test_what_changes_no_result_is_the_same_run(
    command: Command, first: Path, words: tuple[str]
) -> None:
    same = command(*words, f"output_root={first}")
    assert same.folder == first / "eval/vignettes/tiny/v0001"


def test_the_root_may_be_spelled_otherwise(command: Command, tmp_path: Path) -> None:
    one = command(*BASE, "output_root=here")
    other = command(*BASE, f"output_root={tmp_path}/here/../here")
    assert one.folder.samefile(other.folder)


def test_a_tilde_is_the_home_folder(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert command(*BASE, "output_root=~/out").folder.parents[4] == tmp_path / "home"


def test_data_counts_by_its_bytes_and_not_by_its_path(command: Command, tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_bytes(OWN.read_bytes())
    other.write_bytes(OWN.read_bytes())
    assert command(*BASE, f"task.data={one}").folder.name == "v0001"
    assert command(*BASE, f"task.data={other}").folder.name == "v0001"
    other.write_bytes(OWN.read_bytes() + b"\n")
    assert command(*BASE, f"task.data={other}").folder.name == "v0002"
