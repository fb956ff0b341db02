"""One file of a Hub data set; no network: what the Hub says is made up."""

import gzip
import json
from types import SimpleNamespace

import pytest
from huggingface_hub import errors

from tombench.errors import UserError
from tombench.origins.hub_file import HubFile
from tombench.origins.keys import Keys
from tombench.origins.origin import origin

KEYS = Keys(data="task.general_data", split="task.general_split")
NAME = "some/set/en/part.00000-of-00002.json.gz"
RESPONSE = SimpleNamespace(status_code=404, headers={}, request=None)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A Hub with one file of one data set: whether it is in the cache, and what is asked."""
    path = tmp_path / "cache" / "part.00000-of-00002.json.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(b'{"text": "One."}\n{"text": "Two."}\n'))
    state = SimpleNamespace(path=path, cached=False, error=None, asked=[])

    def hf_hub_download(repository, file, *, repo_type, local_files_only=False):
        state.asked.append((repository, file, repo_type, local_files_only))
        if local_files_only and not state.cached:
            raise errors.LocalEntryNotFoundError("not in the cache")
        if not local_files_only and state.error:
            raise state.error
        return str(path)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", hf_hub_download)
    return state


def test_a_long_name_is_a_file_of_a_repository(hub):
    found = origin(NAME, KEYS)
    assert found == HubFile(NAME, "some/set", "en/part.00000-of-00002.json.gz", KEYS)
    assert [row["text"] for row in found.table("train").rows] == ["One.", "Two."]
    file = ("some/set", "en/part.00000-of-00002.json.gz", "dataset")
    assert hub.asked == [(*file, True), (*file, False)]


def test_a_cached_file_is_not_moved_on(hub):
    hub.cached, hub.error = True, OSError("no network")
    found = origin(NAME, KEYS)
    before = found.fingerprint("train")
    assert {online for *_, online in hub.asked} == {True}
    hub.path.write_bytes(gzip.compress(b'{"text": "Other."}\n'))
    assert found.fingerprint("train") != before


@pytest.mark.parametrize(
    "error, words",
    [
        (errors.GatedRepoError("no", response=RESPONSE), "datasets/some/set and set HF_TOKEN"),
        (errors.RepositoryNotFoundError("no", response=RESPONSE), "has no data set some/set that"),
        (
            errors.RemoteEntryNotFoundError("no", response=RESPONSE),
            "some/set has no file en/part.00000-of-00002.json.gz; its files are at https",
        ),
        (errors.LocalEntryNotFoundError("no"), "or give a file of this machine in task.general_da"),
        (errors.OfflineModeIsEnabled("offline"), "the Hub cannot be reached"),
        (OSError("disk\nfull"), "cannot be fetched from the Hub: disk; try again"),
    ],
)
def test_what_the_hub_says(hub, error, words):
    hub.error = error
    with pytest.raises(UserError) as told:
        origin(NAME, KEYS).table("train")
    (line,) = told.value.mistakes
    assert line.startswith(f"{NAME}: ") and words in line and "\n" not in line


@pytest.mark.parametrize("name", ["here/deep/a.json", "/nowhere/deep/a.json", "./x/y/a.json"])
def test_a_file_that_is_missing_here_is_not_looked_for_on_the_hub(hub, tmp_path, name):
    (tmp_path / "here" / "deep").mkdir(parents=True)
    (tmp_path / "here" / "deep" / "b.json").write_text(json.dumps([{"text": "b"}]))
    with pytest.raises(UserError, match=r"a\.json: no such file; "):
        origin(name, KEYS)
    assert hub.asked == []
