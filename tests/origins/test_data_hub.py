"""Data sets of the Hub and of folders; no network: the Hub's answers are made up."""

import json
from types import SimpleNamespace

import pytest
from datasets import Dataset, DatasetDict
from datasets.exceptions import DatasetNotFoundError
from huggingface_hub import constants, errors

from tombench.errors import UserError
from tombench.recipes.data.rows import Completion
from tombench.recipes.data.settings import DataSettings
from tombench.recipes.data.sources import check_data, data_digest, read_data

ROWS = [{"prompt": "p ", "completion": "c"}, {"prompt": "q ", "completion": "d"}]
EXPECTED = (Completion("p ", "c"), Completion("q ", "d"))
COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = COMMIT[::-1]
RESPONSE = SimpleNamespace(status_code=404, headers={}, request=None)
SETTINGS = DataSettings(data="some/set")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A Hub with one data set; what it is asked for, and what of it can be changed."""
    state = SimpleNamespace(newest=COMMIT, cache=tmp_path / "hub", error=None, asked=[])

    def load_dataset(name, configuration=None, *, split, revision=None):
        state.asked.append((name, configuration, split, revision, constants.HF_HUB_OFFLINE))
        if state.error:
            raise state.error
        return Dataset.from_list(ROWS)

    def dataset_info(self, name, **_):
        if isinstance(state.newest, Exception):
            raise state.newest
        return SimpleNamespace(sha=state.newest)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", dataset_info)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(state.cache))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    return state


def cached(state, commit):
    """Put a commit of the data set into the Hub's cache."""
    repository = state.cache / "datasets--some--set"
    (repository / "snapshots" / commit).mkdir(parents=True)
    (repository / "snapshots" / commit / "README.md").write_text("A card.")
    (repository / "refs").mkdir(exist_ok=True)
    (repository / "refs" / "main").write_text(commit)


def test_rows_of_the_hub(hub):
    data = read_data(DataSettings(data="some/set:main", split="test"), "completions", seed=0)
    assert data.rows == EXPECTED
    assert hub.asked == [("some/set", "main", "test", None, False)]
    assert data.told == ("data   some/set:main: 2 completions (prompt, completion)",)


def test_a_cached_commit_is_not_moved_on(hub):
    cached(hub, OTHER)
    read_data(SETTINGS, "completions", seed=0)
    assert hub.asked == [("some/set", None, "train", OTHER, False)]


def test_without_a_network_the_cache_is_read(hub):
    cached(hub, COMMIT)
    online = data_digest(SETTINGS)
    hub.newest = OSError("Name or service not known")
    data = read_data(SETTINGS, "completions", seed=0)
    assert data.rows == EXPECTED and data.digest == online
    assert hub.asked == [("some/set", None, "train", COMMIT, True)]
    assert constants.HF_HUB_OFFLINE is False


def test_the_digest_is_that_of_commit_configuration_and_split(hub):
    before = data_digest(SETTINGS)
    assert data_digest(SETTINGS) == before
    assert data_digest(DataSettings(data="some/set:other")) != before
    assert data_digest(DataSettings(data="some/set", split="test")) != before
    hub.newest = OTHER
    moved = data_digest(SETTINGS)
    assert moved != before
    cached(hub, COMMIT)
    assert data_digest(SETTINGS) == before
    assert hub.asked == []


def test_the_digest_is_that_of_the_rows_where_no_commit_is_known(hub, monkeypatch):
    hub.newest = OSError("no network")
    before = data_digest(SETTINGS)
    assert read_data(SETTINGS, "completions", seed=0).digest == before
    monkeypatch.setitem(ROWS[0], "completion", "another")
    assert data_digest(SETTINGS) != before


@pytest.mark.parametrize(
    "error, words",
    [
        (DatasetNotFoundError("Dataset 'some/set' is a gated dataset on the Hub."), "licence at"),
        (DatasetNotFoundError("Dataset 'some/set' doesn't exist"), "neither a file or folder"),
        (ConnectionError("Couldn't reach 'some/set'"), "the Hub cannot be reached; fetch it on"),
        (
            RuntimeError("Dataset scripts are no longer supported, but found set.py"),
            "is read by a script, which is never run",
        ),
        (
            ValueError("Unknown split \"train\". Should be one of ['trian', 'test']."),
            "it has no split 'train' (recipe.split); did you mean 'trian'?; one of trian, test",
        ),
        (
            ValueError(
                "Config name is missing.\nPlease pick one among the available configs: "
                "['main', 'socratic']\nExample of usage:"
            ),
            "name one of main, socratic: recipe.data=some/set:main",
        ),
        (OSError(28, "No space left on device"), "cannot be read: [Errno 28] No space left"),
    ],
)
def test_what_loading_says(hub, error, words):
    hub.error = error
    with pytest.raises(UserError) as told:
        check_data(SETTINGS, "completions")
    (line,) = told.value.mistakes
    assert line.startswith("some/set: ") and words in line and "\n" not in line


@pytest.mark.parametrize(
    "error, words",
    [
        (errors.RepositoryNotFoundError("no", response=RESPONSE), "neither a file or folder"),
        (errors.GatedRepoError("no", response=RESPONSE), "huggingface.co/datasets/some/set"),
        (errors.HfHubHTTPError("busy", response=RESPONSE), "cannot be read: busy"),
    ],
)
def test_what_the_hub_says(hub, error, words):
    hub.newest = error
    with pytest.raises(UserError) as told:
        check_data(SETTINGS, "completions")
    assert words in str(told.value) and "\n" not in str(told.value)
    cached(hub, COMMIT)
    check_data(SETTINGS, "completions")
    assert hub.asked == [("some/set", None, "train", COMMIT, True)]


def test_one_who_meant_a_file_gets_a_hint(hub, tmp_path):
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "set.json").write_text('{"text": "a"}')
    hub.newest = errors.RepositoryNotFoundError("no", response=RESPONSE)
    with pytest.raises(UserError, match=r"did you mean 'set\.json'"):
        check_data(SETTINGS, "completions")
    with pytest.raises(UserError, match=r"some/set\.jsonl: no such file; did you mean 'set\.json'"):
        check_data(DataSettings(data="some/set.jsonl"), "completions")


def test_no_network_at_all_is_told_at_once(monkeypatch, tmp_path):
    def unreachable(*_, **__):
        raise OSError("Name or service not known")

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", unreachable)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path))
    with pytest.raises(UserError) as told:
        check_data(SETTINGS, "completions")
    assert "not in the local cache, and the Hub cannot be reached" in str(told.value)


def test_a_saved_data_set(tmp_path):
    Dataset.from_list(ROWS).save_to_disk(tmp_path / "one")
    DatasetDict({"train": Dataset.from_list(ROWS)}).save_to_disk(tmp_path / "dict")
    for name in ("one", "dict"):
        data = read_data(DataSettings(data=str(tmp_path / name)), "completions", seed=0)
        assert data.rows == EXPECTED
    with pytest.raises(UserError) as told:
        check_data(DataSettings(data=str(tmp_path / "dict"), split="test"), "completions")
    assert "it has no split 'test' (recipe.split); one of train" in str(told.value)


def test_a_saved_data_set_has_the_digest_of_its_rows(tmp_path):
    for name in ("one", "again"):
        Dataset.from_list(ROWS).save_to_disk(tmp_path / name)
    state = tmp_path / "again" / "state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"_fingerprint": "another"}))
    Dataset.from_list(ROWS[:1]).save_to_disk(tmp_path / "other")
    one, again, other = (
        data_digest(DataSettings(data=str(tmp_path / name))) for name in ("one", "again", "other")
    )
    assert one == again != other


def test_a_folder_of_data_files(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "files"
    folder.mkdir()
    for name, row in zip(("train", "test"), ROWS, strict=True):
        (folder / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    for split, row in zip(("train", "test"), EXPECTED, strict=True):
        settings = DataSettings(data=str(folder), split=split)
        assert read_data(settings, "completions", seed=0).rows == (row,)
    before = data_digest(DataSettings(data=str(folder)))
    (folder / ".note").write_text("hidden")
    assert data_digest(DataSettings(data=str(folder))) == before
    (folder / "train.jsonl").write_text(json.dumps(ROWS[1]) + "\n")
    assert data_digest(DataSettings(data=str(folder))) != before
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError) as told:
        check_data(DataSettings(data=str(tmp_path / "empty")), "completions")
    assert str(told.value).startswith(f"{tmp_path / 'empty'}: cannot be read: ")


def test_wrong_types_are_told_by_row(hub, monkeypatch):
    monkeypatch.setitem(ROWS[1], "completion", None)
    with pytest.raises(UserError) as told:
        check_data(SETTINGS, "completions")
    assert str(told.value) == "some/set row 2: field 'completion' is null; it must be text"
