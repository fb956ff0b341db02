"""Squared gradients on disk: whole or not there, of this model or refused."""

import json
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tombench.errors import RunFailed, UserError
from tombench.masking import files
from tombench.masking.files import (
    Origin,
    find_gradients,
    load_gradients,
    save_gradients,
    weights_digest,
)
from tombench.models.base import Model

TINY = Model(name="tiny", path="data:models/tiny")
GRADIENTS = {
    "embed.weight": torch.arange(6.0).reshape(2, 3).T,  # not contiguous
    "layers.0.q.weight": torch.tensor([[0.5]]),
    "layers.0.k.weight": torch.tensor([[1e-12]]),
    "layers.11.q.weight": torch.tensor([[2.0]], dtype=torch.float16),
}


def origin(**changed: object) -> Origin:
    given = {
        "model": "a" * 64, "data": "b" * 64, "samples": 3, "sequence_length": 8,
        "reduction": "mean",
    }  # fmt: skip
    return Origin(**{**given, **changed})


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    save_gradients(tmp_path / "run" / "fisher", GRADIENTS, origin())
    stored = load_gradients(tmp_path / "run" / "fisher")
    assert stored.origin == origin()
    assert set(stored) == set(GRADIENTS) and len(stored) == 4
    for name, gradient in GRADIENTS.items():
        assert stored[name].dtype == gradient.dtype
        assert torch.equal(stored[name], gradient)
    with pytest.raises(KeyError):
        stored["layers.1.q.weight"]


def test_there_is_a_file_a_layer(tmp_path: Path) -> None:
    save_gradients(tmp_path, GRADIENTS, origin())
    held = {path.name: set(load_file(path)) for path in tmp_path.glob("*.safetensors")}
    assert held == {
        "layer-000.safetensors": {"layers.0.q.weight", "layers.0.k.weight"},
        "layer-011.safetensors": {"layers.11.q.weight"},
        "rest.safetensors": {"embed.weight"},
    }
    assert json.loads((tmp_path / "index.json").read_text())["origin"]["samples"] == 3


def test_a_tensor_is_read_when_it_is_asked_for(tmp_path: Path) -> None:
    save_gradients(tmp_path, GRADIENTS, origin())
    stored = load_gradients(tmp_path)
    (tmp_path / "layer-011.safetensors").unlink()
    assert stored["layers.0.q.weight"].item() == 0.5


def test_a_run_and_its_folder_are_both_taken(tmp_path: Path) -> None:
    save_gradients(tmp_path / "fisher", GRADIENTS, origin())
    assert find_gradients(str(tmp_path), "recipe.fisher") == tmp_path / "fisher"
    assert find_gradients(str(tmp_path / "fisher"), "recipe.fisher") == tmp_path / "fisher"


def test_a_run_may_hold_several_by_name(tmp_path: Path) -> None:
    save_gradients(tmp_path / "gradients" / "tom", GRADIENTS, origin())
    save_gradients(tmp_path / "fisher", GRADIENTS, origin())
    found = tmp_path / "gradients" / "tom"
    assert find_gradients(str(tmp_path), "task.gradients.tom", "tom") == found
    assert find_gradients(str(found), "task.gradients.general", "general") == found
    with pytest.raises(UserError, match=r"no squared gradients in it \(index.json, gradients/gen"):
        find_gradients(str(tmp_path), "task.gradients.general", "general")


def test_an_index_without_the_younger_keys_is_read(tmp_path: Path) -> None:
    save_gradients(tmp_path, GRADIENTS, origin())
    index = json.loads((tmp_path / "index.json").read_text())
    for key in ("statistic", "dtype", "objective"):
        del index["origin"][key]
    (tmp_path / "index.json").write_text(json.dumps(index))
    found = load_gradients(tmp_path).origin
    assert found == origin()
    assert (found.statistic, found.dtype, found.objective) == ("squared_gradient", "float32", "")


@pytest.mark.parametrize(("reduction", "expected"), [("sum", [2.0, 6.0]), ("mean", [4.0, 8.0])])
def test_the_others_are_what_is_left(tmp_path: Path, reduction: str, expected: list) -> None:
    """Of three samples; the first alone stands in half/."""
    save_gradients(tmp_path, {"q": torch.tensor([3.0, 7.0])}, origin(reduction=reduction))
    assert load_gradients(tmp_path).halves() is None
    half = origin(reduction=reduction, samples=1)
    save_gradients(tmp_path / "half", {"q": torch.tensor([1.0, 1.0])}, half)
    if reduction == "mean":  # (3 * 3 - 1) / 2, (3 * 7 - 5) / 2
        save_gradients(tmp_path / "half", {"q": torch.tensor([1.0, 5.0])}, half)
    first, others = load_gradients(tmp_path).halves()
    assert first["q"][0] == 1 and others["q"].tolist() == expected
    assert list(others) == ["q"] and len(others) == 1


@pytest.mark.parametrize(("name", "why"), [("", "no squared gradients in it"), ("x", "no such")])
def test_a_folder_without_any_is_told(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(UserError, match=f"^recipe.fisher={re.escape(str(tmp_path / name))}: {why}"):
        find_gradients(str(tmp_path / name), "recipe.fisher")


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
def test_a_kill_leaves_no_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    save_gradients(tmp_path, GRADIENTS, origin())
    real, left = files.write_whole, [writes]

    def dies(path: Path, content: str | bytes) -> Path:
        if left[0] == 0:
            raise RunFailed("killed")
        left[0] -= 1
        return real(path, content)

    monkeypatch.setattr(files, "write_whole", dies)
    with pytest.raises(RunFailed):
        save_gradients(tmp_path, GRADIENTS, origin(samples=4))
    with pytest.raises(UserError):
        find_gradients(str(tmp_path), "recipe.fisher")


def test_damage_is_told_before_a_tensor_is_read(tmp_path: Path) -> None:
    save_gradients(tmp_path, GRADIENTS, origin())
    file = tmp_path / "layer-000.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"layer-000\.safetensors: cut off"):
        load_gradients(tmp_path)
    file.unlink()
    with pytest.raises(UserError, match=r"layer-000\.safetensors: missing"):
        load_gradients(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda index: index["origin"].pop("data"),
        lambda index: index["origin"].update(reduction="median"),
        lambda index: index["files"].update({"../rest.safetensors": "c" * 64}),
        lambda index: index.pop("files"),
    ],
)
def test_a_malformed_index_is_refused(tmp_path: Path, change) -> None:
    save_gradients(tmp_path, GRADIENTS, origin())
    index = json.loads((tmp_path / "index.json").read_text())
    change(index)
    (tmp_path / "index.json").write_text(json.dumps(index))
    with pytest.raises(UserError, match=r"index\.json: no index of squared gradients"):
        load_gradients(tmp_path)


def test_another_model_is_refused_and_the_same_one_not(tmp_path: Path) -> None:
    save_gradients(tmp_path, GRADIENTS, origin(model=weights_digest(TINY)))
    stored = load_gradients(tmp_path)
    stored.check_model(TINY)
    stored.check_model(
        Model(name="t", path="data:models/tiny", quantization="nf4", template="none")
    )
    with pytest.raises(UserError, match="of another model than data:models/small"):
        stored.check_model(Model(name="small", path="data:models/small"))


def test_the_digest_is_that_of_the_content(tmp_path: Path) -> None:
    changed = GRADIENTS | {"layers.0.q.weight": torch.tensor([[0.25]])}
    for name, gradients in {"a": GRADIENTS, "b": GRADIENTS, "c": changed}.items():
        save_gradients(tmp_path / name, gradients, origin())
    a, b, c = (load_gradients(tmp_path / name).digest for name in "abc")
    assert a == b != c
