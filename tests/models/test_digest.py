"""The digest changes with what can change an answer, and with nothing else."""

import json
import os
import shutil

import pytest
from hf_models import saved
from safetensors.torch import load_file, save_file

from tombench.backends.hf.backend import HfBackend
from tombench.models.base import Model
from tombench.models.digest import model_digest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(saved("llama"), tmp_path / "llama")


def digest(path, **fields):
    return model_digest(Model(name=fields.pop("name", "a"), path=str(path), **fields))


def test_copies_are_the_same_model(folder):
    (folder / "README.md").write_text("about the model")
    assert digest(folder, name="b") == digest(saved("llama"))


def test_weights_count(folder):
    before = digest(folder)
    tensors = load_file(folder / "model.safetensors")
    tensors["model.norm.weight"][0] += 1e-3
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    assert digest(folder) != before


@pytest.mark.parametrize(
    "file",
    ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"],
)
def test_small_files_count(folder, file):
    before = digest(folder)
    (folder / file).write_text(json.dumps(json.loads((folder / file).read_text()) | {"more": 1}))
    assert digest(folder) != before


def test_bytes_count_where_size_and_time_are_put_back(folder):
    file = folder / "model.safetensors"
    before, state = digest(folder), file.stat()
    file.write_bytes(file.read_bytes()[:-1] + b"\x7f")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (state.st_size, state.st_mtime_ns)
    assert digest(folder) != before


def test_a_mistral_tokenizer_counts(folder):
    before = digest(folder)
    (folder / "tekken.json").write_text("{}")
    assert digest(folder) != before


def test_the_chat_template_counts(folder, tmp_path):
    file = tmp_path / "own.jinja"
    file.write_text("{{ messages[0]['content'] }}")
    settings = [{}, {"template": "none"}, {"template": str(file)}]
    before = {digest(folder, **fields) for fields in settings}
    assert len(before) == len(settings)
    file.write_text("Q: {{ messages[0]['content'] }}")
    assert digest(folder, template=str(file)) not in before


def test_an_adapter_counts(folder, tmp_path):
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    (adapter / "adapter_model.safetensors").write_bytes(b"one")
    first = digest(folder, adapter=str(adapter))
    (adapter / "adapter_model.safetensors").write_bytes(b"other")
    assert len({digest(folder), first, digest(folder, adapter=str(adapter))}) == 3


def test_a_hub_model_counts_by_its_cached_commit(tmp_path, monkeypatch):
    cache = tmp_path / "hub"
    repository = cache / "models--some--model"
    shutil.copytree(saved("llama"), repository / "snapshots" / COMMIT)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    first = digest("some/model")
    other = COMMIT[::-1]
    (repository / "snapshots" / COMMIT).rename(repository / "snapshots" / other)
    (repository / "refs" / "main").write_text(other)
    assert digest("some/model") != first
    assert digest("some/model") == digest("some/model", revision=other)


@pytest.mark.parametrize("fields", [{"dtype": "bfloat16"}, {"quantization": "nf4"}])
def test_precision_is_identity(folder, fields):
    backend = HfBackend(device="cpu")
    plain = backend.model_identity(Model(name="a", path=str(folder)))
    assert backend.model_identity(Model(name="a", path=str(folder), **fields)) != plain
    spelt_out = Model(name="a", path=str(folder), dtype="float32")
    assert backend.model_identity(spelt_out) == plain  # what `auto` means on a CPU
