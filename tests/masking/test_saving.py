"""A masked model on disk: the masked weights, whole or not there."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from transformers import AutoModelForCausalLM

from tombench.errors import RunFailed
from tombench.masking.applying import Application, Replacement
from tombench.masking.masks import Mask
from tombench.masking.saving import save_masked
from tombench.models.base import Model
from tombench.models.load import Loaded, load_fresh

NAME = "model.layers.0.self_attn.q_proj.weight"


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_fresh(Model(name="tiny", path="data:models/tiny"))


def test_what_is_saved_is_what_is_masked(tmp_path: Path, loaded: Loaded) -> None:
    network = loaded.causal_lm
    before = network.get_parameter(NAME).detach().clone()
    mask = Mask({NAME: torch.tensor([0, 5, 16_383])}, {NAME: before.numel()})
    with Application(network).masked(mask, Replacement("zero")):
        folder = save_masked(network, loaded.encoding.tokenizer, tmp_path / "models" / "tom@0.05")
    found = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
    expected = before.clone()
    expected.view(-1)[[0, 5, 16_383]] = 0.0
    assert found.dtype == network.dtype
    assert torch.equal(found.get_parameter(NAME), expected) and not torch.equal(before, expected)
    others = dict(network.named_parameters())
    assert all(torch.equal(w, others[n]) for n, w in found.named_parameters() if n != NAME)
    assert (folder / "tokenizer.json").is_file()
    assert [path.name for path in folder.parent.iterdir()] == ["tom@0.05"]


def test_an_older_folder_is_replaced(tmp_path: Path, loaded: Loaded) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "stale.txt").write_text("old")
    save_masked(loaded.causal_lm, loaded.encoding.tokenizer, tmp_path / "m")
    assert not (tmp_path / "m" / "stale.txt").exists()
    with safe_open(tmp_path / "m" / "model.safetensors", framework="pt") as file:
        assert NAME in file.keys()  # noqa: SIM118


def test_what_cannot_be_written_leaves_the_old_folder(
    tmp_path: Path, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "kept.txt").write_text("old")

    def full(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(loaded.encoding.tokenizer, "save_pretrained", full)
    with pytest.raises(RunFailed, match=r"cannot write .*m: .*No space left on device; make room"):
        save_masked(loaded.causal_lm, loaded.encoding.tokenizer, tmp_path / "m")
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
    assert (tmp_path / "m" / "kept.txt").read_text() == "old"
