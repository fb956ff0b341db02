"""Every word is checked before anything runs, and all mistakes are told at once."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome, names_in, run_json
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tombench.datafile import EMBEDDED
from tombench.overrides import _quoted

Command = Callable[..., Outcome]

QUICK = ("backend=mock", "task.repetitions=1", "limit=1")
OWN = EMBEDDED / "vignettes" / "scenarios.json"


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("model=tinny", "model=tinny: no such option; did you mean 'tiny'?"),
        ("task=null", "task=null: no such option; one of "),
        ("~task", "~task: a group cannot be taken out; give one of "),
        ("modl=tiny", "modl=tiny: no such key 'modl'; did you mean 'model'?"),
        ("task.familly=x", "no such key 'task.familly'; did you mean 'family'?"),
        ("+task.qqq=1", "no such key 'task.qqq'; one of data, label_sheet, sheet_size"),
        ("backend.mind=yes", "backend.mind=yes: not allowed; did you mean 'yes_sayer'?"),
        ("seed=abc", "seed=abc: should be a valid integer"),
        ("seed=-1", "seed=-1: should be greater than or equal to 0"),
        ("seed=1.5", "seed=1.5: should be a valid integer"),
        ("limit=0", "limit=0: should be greater than or equal to 1"),
        ("quiet=perhaps", "quiet=perhaps: should be a valid boolean"),
        ("task.repetitions=-1", "task.repetitions=-1: should be greater than or equal to 0"),
        ("generation.top_p=1.1", "generation.top_p=1.1: should be less than or equal to 1"),
        ("generation.temperature=hot", "generation.temperature=hot: should be a valid number"),
        ("generation.temp=1", "did you mean 'temperature'?"),
        ("cache=yess", "cache=yess: true, false or a folder; did you mean 'yes'?"),
        ("backend.temperature=1", "did you mean 'generation.temperature'?"),
        ("model.path=12", "quotes make text of a number: model.path=\"'12'\""),
        ("seed=1,2", "seed=1,2: several values need --multirun"),
        ("seed", "seed: not understood; write key=value"),
        ("=3", "=3: not understood; write key=value"),
        ("", ": not understood; write key=value"),
        ("task.data.foo=1", "task.data={'foo': 1}: should be a valid string"),
    ],
)
def test_one_mistake_is_one_line(command: Command, tmp_path: Path, word: str, told: str) -> None:
    said = command(*QUICK, word)
    assert (said.status, said.out) == (2, "")
    (line,) = said.lines
    assert told in line
    assert names_in(tmp_path) == set()


def test_all_mistakes_are_told_at_once(command: Command, tmp_path: Path) -> None:
    said = command("modl=x", "model=tinny", "model.what=1", "task.family=contxt", "seed=x", "oh")
    assert said.status == 2
    starts = ["oh: not understood", "modl=x: no such key", "model=tinny: no such option"]
    starts += ["seed=x: should be", "task.family=contxt: not allowed; did you mean 'context'?"]
    assert len(said.lines) == len(starts)  # model.what is not judged by another model's class
    for line, beginning in zip(said.lines, starts, strict=True):
        assert line.startswith(f"tombench: {beginning}")
    assert names_in(tmp_path) == set()


def test_one_bad_value_of_a_sweep_stops_it_before_it_starts(
    command: Command, tmp_path: Path
) -> None:
    said = command("--multirun", *QUICK, "seed=1,2,-3", "prompting=base,bse")
    assert said.status == 2
    assert said.lines[0].startswith("tombench: prompting=bse: no such option; did you mean 'base'?")
    assert said.lines[1] == "tombench: seed=-3: should be greater than or equal to 0"
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize("sweep", ["seed=1,2", "seed=range(1,3)", "prompting=glob(*cot)"])
def test_every_form_of_a_sweep(command: Command, sweep: str) -> None:
    said = command("--multirun", *QUICK, sweep)
    assert (said.status, said.out.count("results: ")) == (0, 2)


@pytest.mark.parametrize(
    "name",
    ["my file.json", "a=b.json", "it's.json", 'say "hi".json', "Łódź 東京.json", "(1) [x] {y}.json",
     "a;b&c.json", "back\\slash.json", "~tilde#.json", "100%.json"],
)  # fmt: skip
def test_a_path_works_as_it_is_typed(command: Command, tmp_path: Path, name: str) -> None:
    shutil.copy(OWN, tmp_path / name)
    done = command(*QUICK, f"task.data={tmp_path / name}")
    assert done.status == 0
    assert run_json(done.folder)["configuration"]["task"]["data"] == str(tmp_path / name)


def test_a_model_path_works_as_it_is_typed(command: Command) -> None:
    done = command(*QUICK, "model=local", "model.path=/x/my models/a=b")
    assert run_json(done.folder)["configuration"]["model"]["path"] == "/x/my models/a=b"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\n\r$"), min_size=1))
def test_quotes_keep_every_value(value: str) -> None:
    """`$` aside, which begins an interpolation."""
    override = OverridesParser.create().parse_override(_quoted(f"task.data={value}"))
    assert override.value() == value


def test_a_key_that_the_file_leaves_to_the_class(command: Command) -> None:
    done = command(*QUICK, "model=llama3-8b", "model.architecture.hidden_size=8")
    assert run_json(done.folder)["configuration"]["model"]["architecture"] == {"hidden_size": 8}
