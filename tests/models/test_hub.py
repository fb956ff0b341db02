"""What the Hub says, in one line each; no network: the Hub's answers are made up."""

import shutil
from types import SimpleNamespace

import pytest
from hf_models import PROMPTS, drawing, saved
from huggingface_hub import errors

from tombench.backends.hf.backend import HfBackend
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.hub import cached_snapshot, folder_of
from tombench.models.locate import Place

COMMIT = "0123456789abcdef0123456789abcdef01234567"
RESPONSE = SimpleNamespace(status_code=403, headers={}, request=None)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A Hub cache that holds one commit of some/model."""
    repository = tmp_path / "models--some--model"
    shutil.copytree(saved("llama"), repository / "snapshots" / COMMIT)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    return repository / "snapshots" / COMMIT


@pytest.mark.parametrize(
    "error, words",
    [
        (errors.GatedRepoError("no", response=RESPONSE), ("licence", "HF_TOKEN", "huggingface.co")),
        (errors.RepositoryNotFoundError("no", response=RESPONSE), ("neither a folder",)),
        (errors.RevisionNotFoundError("no", response=RESPONSE), ("model.revision",)),
        (errors.LocalEntryNotFoundError("offline"), ("cache", "cannot be reached")),
        (errors.HfHubHTTPError("busy", response=RESPONSE), ("cannot be fetched", "busy")),
        (OSError(28, "No space left on device"), ("cannot be fetched", "No space left")),
    ],
)
def test_refusals(monkeypatch, error, words):
    def snapshot_download(*_, local_files_only=False, **__):
        raise errors.LocalEntryNotFoundError("not cached") if local_files_only else error

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    with pytest.raises(UserError) as told:
        folder_of(Place("meta/gated", None, "main"))
    line = str(told.value)
    assert "\n" not in line and "meta/gated" in line
    assert all(word in line for word in words), line


def test_a_cached_model_runs_offline(cache):
    assert cached_snapshot(Place("some/model", None)) == cache
    backend, model = HfBackend(device="cpu"), Model(name="m", path="some/model")
    backend.check(model)
    assert backend.load(model).generate([drawing(PROMPTS[0])])[0].samples
    assert backend.model_identity(model)["digest"]


def test_weights_that_are_not_in_the_cache_are_fetched_at_the_cached_commit(cache, monkeypatch):
    import huggingface_hub

    asked = []
    own = huggingface_hub.snapshot_download

    def snapshot_download(name, revision=None, **options):
        if options.get("local_files_only"):
            return own(name, revision=revision, **options)
        asked.append((name, revision, "model*.safetensors" in options["allow_patterns"]))
        return str(cache)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    (cache / "model.safetensors").unlink()
    assert folder_of(Place("some/model", None)) == cache
    assert asked == []
    folder_of(Place("some/model", None), weights=True)
    assert asked == [("some/model", COMMIT, True)]


def test_a_dry_run_fetches_no_weights(cache, monkeypatch):
    (cache / "model.safetensors").unlink()
    model, requests = Model(name="m", path="some/model"), [[drawing(PROMPTS[0])]]
    preview = HfBackend(device="cpu").preview(model)
    assert preview.prompt_as_sent(requests[0][0]) == PROMPTS[0]
    told = preview.estimate(requests)
    assert told.seconds is None and told.prompt_tokens > 0 and told.new_tokens > 0
    loaded = HfBackend(device="cpu").load(Model(name="m", path=str(saved("llama")))).loaded
    assert told.weights_bytes == loaded.weights_bytes


@pytest.mark.parametrize("quantization", ["int8", "nf4"])
def test_a_preview_knows_what_quantized_weights_take(cache, quantization):
    model = Model(name="m", path="some/model", quantization=quantization)
    here = HfBackend(device="cpu").load(model).loaded.weights_bytes
    (cache / "model.safetensors").unlink()
    preview = HfBackend(device="cpu").preview(model)
    assert preview.estimate([]).weights_bytes == pytest.approx(here, rel=0.1)
