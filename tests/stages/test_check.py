"""stage.check=true: what was changed after a run is found and told, what was not is equal."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import CONFIGS, run_json

from tombench import cli
from tombench.config import identity_hash
from tombench.errors import RunFailed
from tombench.models import digest
from tombench.models.locate import find
from tombench.stages.check import ASPECTS, Checked, check, checked_grid, refuse_differences
from tombench.summary.collect import collect

Change = Callable[[dict[str, Any]], Any]

EVAL = Path("outputs/eval")
VIGNETTES, TINY = EVAL / "vignettes/tiny/v0001", EVAL / "vignettes/local/v0001"
STORIES, APARTMENT = EVAL / "vignettes/tiny/v0002", EVAL / "mmtom/observer/v0001"
GAMES, JUDGE = EVAL / "games/tiny/v0001", EVAL / "judge/tiny/v0001"
MASKS, OWN = EVAL / "sparsity/tiny/v0001", EVAL / "dying/tiny/v0001"
FILES = EVAL / "vignettes/answers/v0001"
ALL = (VIGNETTES, TINY, STORIES, APARTMENT, GAMES, JUDGE, MASKS, OWN, FILES)

COMMANDS = (
    ("task.data=scenarios.jsonl", "task.repetitions=2", "backend=mock"),
    ("task.suite=generated", "task.sets=1", "backend=mock"),
    ("model=local", "model.path=weights", "limit=2", "task.repetitions=0", "backend.device=cpu"),
    ("task=mmtom", "policy=observer", "task.per_type=1"),
    ("task=games", "backend=behaviour", "task.games=[prison,delight]"),
    ("task=judge", f"task.run={VIGNETTES}", "backend=mock"),
    ("task=sparsity", "backend=mock", "limit=6"),
    ("task=dying", "backend=mock", "limit=2"),
    ("task.answers=answers.json", "task.data=scenarios.jsonl"),
)

SCENARIOS = [
    {"id": f"s{n}", "context": f"Ann has box {n}.", "question": "Is it hers?", "answer": answer}
    for n, answer in enumerate(["yes", "no", "yes", "no"])
]
ANSWERS = {  # of the published form, its misspelt key included
    "model": "m",
    "step-by_step reasoning": False,
    "chain-of-thougth examples": False,
    "scenarios": [
        {"scenario id": f"s{n}", "answers": [{"repetition": 0, "output": text}]}
        for n, text in enumerate(["Yes.", "Yes.", "No.", "No."])
    ],
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished runs of every kind of task, in the folder that their commands were given in."""
    root = tmp_path_factory.mktemp("whole")
    (root / "scenarios.jsonl").write_text("".join(json.dumps(one) + "\n" for one in SCENARIOS))
    (root / "answers.json").write_text(json.dumps(ANSWERS))
    shutil.copytree(find("data:models/tiny", None, "").folder, root / "weights")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for words in COMMANDS:
            assert cli.run([CONFIGS, *words, "quiet=true"]) == 0, words
    return root


@pytest.fixture
def copied(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of all that, to change things in."""
    root = tmp_path / "copy"
    shutil.copytree(whole, root, symlinks=True)
    monkeypatch.chdir(root)
    return root


def checked(folder: Path) -> Checked:
    (found,) = check(collect([str(folder)], EVAL))
    return found


def change_json(path: Path, change: Change) -> None:
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))


def change_record(folder: Path, number: int, change: Change) -> None:
    path = folder / "records.jsonl"
    lines = path.read_text().splitlines()
    record = json.loads(lines[number])
    change(record)
    lines[number] = json.dumps(record)
    path.write_text("\n".join(lines) + "\n")


def differing(found: Checked) -> set[str]:
    return {aspect for aspect in ASPECTS if found.verdicts[aspect] == "differs"}


@pytest.mark.parametrize("folder", ALL, ids=str)
def test_an_unchanged_run_is_equal_throughout(copied: Path, folder: Path) -> None:
    found = checked(folder)
    assert (found.differences, found.unchecked) == ((), ())
    weights = "equal" if folder == TINY else "–"
    assert found.verdicts == {**dict.fromkeys(ASPECTS, "equal"), "weights": weights}


@pytest.mark.parametrize("folder", ALL, ids=str)
def test_a_changed_metric_is_told_with_both_values(copied: Path, folder: Path) -> None:
    path = copied / folder / "metrics.json"
    name = next(iter(json.loads(path.read_text())["metrics"]))
    value = json.loads(path.read_text())["metrics"][name]["value"]
    change_json(path, lambda values: values["metrics"][name].update(value=0.123))
    found = checked(folder)
    assert differing(found) == {"metrics"}
    assert found.differences[0] == f"metrics: metrics.{name}.value: 0.123 → {value}"


def test_a_metric_that_was_added_and_one_that_was_taken(copied: Path) -> None:
    def change(values: dict[str, Any]) -> None:
        values["metrics"]["invented"] = values["metrics"]["ties"] | {"value": 0.5}
        del values["metrics"]["ties"]

    change_json(copied / VIGNETTES / "metrics.json", change)
    lines = checked(VIGNETTES).differences
    assert "metrics: metrics.invented.value: 0.5 → nothing" in lines
    assert any(line.startswith("metrics: metrics.ties.value: nothing → ") for line in lines)


@pytest.mark.parametrize("folder", [VIGNETTES, TINY, STORIES, APARTMENT, JUDGE, MASKS, OWN])
def test_a_changed_score_is_found_by_what_it_comes_to(copied: Path, folder: Path) -> None:
    change_record(folder, 0, lambda r: r["score"].update(value=1.0 - r["score"]["value"]))
    found = checked(folder)
    assert differing(found) == {"metrics", "records"}
    told = [line for line in found.differences if ".value: " in line]
    assert told, found.differences


def test_a_changed_text_that_scores_alike_is_found(copied: Path) -> None:
    change_record(VIGNETTES, 0, lambda r: r.update(response=r["response"] + " I am sure."))
    found = checked(VIGNETTES)
    assert differing(found) == {"records"}
    assert found.differences[0].startswith("records: sha256: ")


def test_a_changed_choice_in_a_game_is_found(copied: Path) -> None:
    change_record(GAMES, 0, lambda r: r.update(log_probs={}))
    assert "metrics" in differing(checked(GAMES))


def test_a_changed_reading_of_a_file_is_found_by_reading_it_again(copied: Path) -> None:
    change_record(FILES, 1, lambda r: r["score"].update(category="invented"))
    found = checked(FILES)
    assert "records" in differing(found)
    assert "1 are not as the files are read now; the first: m/base/s1/00" in found.differences[0]


def test_a_lost_a_doubled_and_a_torn_record(copied: Path) -> None:
    path = copied / VIGNETTES / "records.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    assert "records: number: 8 → 7" in checked(VIGNETTES).differences
    path.write_text("".join([*lines[:-1], lines[0]]))
    assert "records: 1 ids stand there more than once" in checked(VIGNETTES).differences
    path.write_text("".join([*lines[:3], "{torn\n", *lines[4:]]))
    found = checked(VIGNETTES)
    assert "line 4: not a record" in found.differences[0]
    assert found.verdicts["metrics"] == "not checked"


def test_bytes_of_the_records_where_their_digest_was_kept(copied: Path) -> None:
    path = copied / VIGNETTES / "records.jsonl"
    kept = hashlib.sha256(path.read_bytes()).hexdigest()
    change_json(copied / VIGNETTES / "run.json", lambda run: run.update(records_sha256=kept))
    assert checked(VIGNETTES).differences == ()
    change_record(VIGNETTES, 0, lambda record: record.update(response="Another text."))
    (line,) = checked(VIGNETTES).differences
    assert line.startswith(f"records: sha256: {kept[:12]}… → ")


@pytest.mark.parametrize("folder", [VIGNETTES, FILES])
def test_changed_data(copied: Path, folder: Path) -> None:
    data = copied / "scenarios.jsonl"
    data.write_text(data.read_text().replace("Is it hers?", "Is it his?", 1))
    found = checked(folder)
    assert differing(found) == {"data"}
    assert found.differences[0].startswith("data: task.data: ")
    assert found.unchecked == ("metrics: the data are not those of the run",)


def test_data_that_are_not_here_are_not_called_equal(copied: Path) -> None:
    (copied / "scenarios.jsonl").unlink()
    found = checked(VIGNETTES)
    assert found.differences == ()
    assert found.verdicts["data"] == found.verdicts["metrics"] == "not checked"
    assert found.verdicts["settings"] == "equal"
    assert found.unchecked[0].startswith("data: not found from here: scenarios.jsonl: no such file")


def test_the_judged_run_is_data_too(copied: Path) -> None:
    change_record(VIGNETTES, 0, lambda record: record.update(response="No."))
    assert "data" in differing(checked(JUDGE))


def test_changed_weights(copied: Path) -> None:
    path = copied / "weights/model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    found = checked(TINY)
    assert differing(found) == {"weights"}
    (line,) = found.differences
    assert line.startswith("weights: model.digest: ") and " → " in line


def test_weights_that_are_gone(copied: Path) -> None:
    shutil.rmtree(copied / "weights")
    found = checked(TINY)
    assert found.differences == ()
    assert found.verdicts["weights"] == "not checked"
    assert found.verdicts["metrics"] == found.verdicts["data"] == "equal"


def test_weights_are_not_equal_behind_a_server(copied: Path) -> None:
    def change(run: dict[str, Any]) -> None:
        backend = {"_target_": "tombench.backends.api.backend.ApiBackend"}
        run["configuration"]["backend"] = backend
        run["identity"]["model"] = {"served": "tiny"}

    change_json(copied / VIGNETTES / "run.json", change)
    assert checked(VIGNETTES).verdicts["weights"] == "not checked"


def test_a_precision_that_this_machine_does_not_have(copied: Path) -> None:
    def change(run: dict[str, Any]) -> None:
        run["identity"]["model"]["dtype"] = "auto"
        run["identity_hash"] = identity_hash(run["identity"])
        run["configuration"]["backend"]["device"] = "cuda:7"

    change_json(copied / TINY / "run.json", change)
    found = checked(TINY)
    assert found.differences == ()
    assert found.unchecked == ("precision: the run was on another kind of device than this one",)


def test_a_changed_configuration(copied: Path) -> None:
    def change(run: dict[str, Any]) -> None:
        run["configuration"]["seed"] = 7
        run["configuration"]["generation"]["temperature"] = 0.9

    change_json(copied / VIGNETTES / "run.json", change)
    assert checked(VIGNETTES).differences == (
        "settings: generation.temperature: 0.4 → 0.9",
        "settings: seed: 0 → 7",
    )


def test_a_changed_identity(copied: Path) -> None:
    change_json(copied / VIGNETTES / "run.json", lambda run: run["identity"].update(seed=7))
    found = checked(VIGNETTES)
    assert differing(found) == {"identity", "settings"}
    assert "settings: seed: 7 → 0" in found.differences


def test_another_version(copied: Path) -> None:
    def change(run: dict[str, Any]) -> None:
        run["identity"]["version"] = "0.0.1"
        run["identity_hash"] = identity_hash(run["identity"])

    change_json(copied / VIGNETTES / "run.json", change)
    (line,) = checked(VIGNETTES).differences
    assert line.startswith("settings: version: 0.0.1 → ")


def test_a_configuration_that_does_not_build(copied: Path) -> None:
    def change(run: dict[str, Any]) -> None:
        run["configuration"]["task"]["invented"] = 1

    change_json(copied / VIGNETTES / "run.json", change)
    found = checked(VIGNETTES)
    assert found.verdicts["settings"] == found.verdicts["metrics"] == "not checked"
    assert "task.invented: no such key" in found.unchecked[0]


def test_a_hidden_secret_is_no_difference(copied: Path) -> None:
    def change(run: dict[str, Any]) -> None:
        run["identity"]["backend"]["mind"] = "(hidden)"

    change_json(copied / VIGNETTES / "run.json", change)
    found = checked(VIGNETTES)
    assert found.differences == ()
    assert found.verdicts["identity"] == "not checked"


def test_many_runs_of_one_model_hash_it_once(copied: Path) -> None:
    for number in range(2, 6):
        shutil.copytree(copied / TINY, copied / TINY.with_name(f"v{number:04d}"))
    runs = collect([str(TINY.parent)], EVAL)
    (run,) = runs  # of several in one cell the newest
    digest._hash.cache_clear()
    check([run])
    read = digest._hash.cache_info().misses
    check([run] * 5)
    assert read > 0 and digest._hash.cache_info().misses == read


def test_what_is_shown_and_what_is_raised(copied: Path) -> None:
    change_json(copied / VIGNETTES / "run.json", lambda run: run["configuration"].update(seed=7))
    (copied / "weights/model.safetensors").unlink()
    found = check(collect([str(VIGNETTES), str(APARTMENT)], EVAL))
    grid = checked_grid(found)
    assert grid.header == ("Folder", "Run", *ASPECTS)
    by_run = {row[0].split("/")[-2]: row[2:] for row in grid.rows}
    assert by_run["mmtom"] == ("equal", "equal", "–", "equal", "equal", "equal")
    assert by_run["vignettes"] == ("equal", "equal", "–", "differs", "equal", "equal")
    with pytest.raises(RunFailed) as failed:
        refuse_differences(found)
    (line,) = failed.value.mistakes
    assert line.endswith("v0001: settings: seed: 0 → 7") and failed.value.status == 1
    refuse_differences([one for one in found if "mmtom" in str(one.folder)])


def test_nothing_is_written(copied: Path) -> None:
    def listing() -> dict[Path, tuple[int, int]]:
        found = (path for path in copied.rglob("*") if path.is_file())
        return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in found}

    before = listing()
    check(collect([], EVAL))
    assert listing() == before


def test_run_json_is_what_the_tests_take_it_for(copied: Path) -> None:
    assert run_json(copied / VIGNETTES)["records"] == 8
