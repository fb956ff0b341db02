"""Pickled weights become safetensors without running what a pickle may hold."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hf_models import saved
from safetensors.torch import load_file

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.convert import convert
from tombench.models.load import load


@pytest.fixture
def pickled(tmp_path) -> Path:
    """A model folder of the old form: two pickled shards."""
    folder = shutil.copytree(saved("gptj"), tmp_path / "pickled")
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    for number, some in enumerate((names[: len(names) // 2], names[len(names) // 2 :]), start=1):
        shard = {name: tensors[name] for name in some}
        torch.save(shard, folder / f"pytorch_model-{number:05d}-of-00002.bin")
    return folder


def test_the_converted_model_is_the_same(pickled, tmp_path):
    command = [sys.executable, "-m", "tombench.models.convert", str(pickled), str(tmp_path / "new")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    new = load(Model(name="a", path=str(tmp_path / "new"))).causal_lm.state_dict()
    old = load(Model(name="a", path=str(saved("gptj")))).causal_lm.state_dict()
    assert new.keys() == old.keys()
    assert all(torch.equal(new[name], old[name]) for name in old)


def test_a_pickle_that_would_run_code_is_refused(pickled, tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"weight": Trap()}, pickled / "pytorch_model-00002-of-00002.bin")
    with pytest.raises(UserError, match="refused, not plain tensors"):
        convert(pickled, tmp_path / "new")
    assert not (tmp_path / "sprung").exists() and not (tmp_path / "new").exists()


def test_a_folder_that_is_there_is_left_alone(pickled, tmp_path):
    (tmp_path / "new").mkdir()
    with pytest.raises(UserError, match="is there already"):
        convert(pickled, tmp_path / "new")
