"""A gathering that was killed goes on from its checkpoint and ends in the same bytes."""

import os
from pathlib import Path

import pytest
from small_networks import SAMPLES, network, plan

from tombench.masking import checkpoints, files
from tombench.masking.gathering import gather


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class Killed(BaseException):
    """Nothing catches it."""


def kill_after(monkeypatch: pytest.MonkeyPatch, module: object, name: str, calls: int) -> None:
    """The call after so many of a module's function dies before it does anything."""
    real, left = getattr(module, name), [calls]

    def dies(*given: object) -> object:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return real(*given)

    monkeypatch.setattr(module, name, dies)


@pytest.mark.parametrize(("tokens", "reduction"), [(1, "sum"), (12, "mean")])
def test_a_kill_anywhere_ends_in_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: int, reduction: str
) -> None:
    """Each write of a file dies once: those of checkpoints, of the half and of the end."""
    model = network()
    wanted = plan(model, tokens, reduction=reduction)
    gather(model, wanted, tmp_path / "whole")
    whole = content(tmp_path / "whole")
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # a kill, not a power cut
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(checkpoints, "TIMES_AS_LONG", 0)
    began = []
    for writes in range(100):
        folder = tmp_path / str(writes)
        with monkeypatch.context() as patch:
            kill_after(patch, files, "write_whole", writes)
            try:
                gather(model, wanted, folder)
            except Killed:
                pass
            else:
                break
        told: list[int] = []
        gather(model, wanted, folder, lambda done, _, told=told: told.append(done))
        began.append(told[0] if told else 5)
        assert content(folder) == whole
    spans = list(wanted.spans(0))
    files_written = 3 * (len(spans) + 1)  # two layers and an index: checkpoints, half, the end
    assert len(began) == files_written
    assert began == sorted(began) and began[0] == spans[0][1] and began[-1] == 5


def test_what_is_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = network()
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(checkpoints, "TIMES_AS_LONG", 0)

    def stop(done: int, _: int) -> None:
        if done == 4:
            raise Killed

    with pytest.raises(Killed):
        gather(model, plan(model), tmp_path, stop)
    told: list[int] = []
    gather(model, plan(model), tmp_path, lambda done, _: told.append(done))
    assert told == [4, 5]
    gather(model, plan(model), tmp_path, lambda done, _: told.append(done))
    assert told == [4, 5]  # finished: read
    gather(model, plan(model, samples=SAMPLES[:3]), tmp_path, lambda done, _: told.append(done))
    assert told == [4, 5, 1, 2, 3]  # another set


def test_no_checkpoint_before_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(checkpoints, "save_gradients", lambda *given: written.append("once"))
    gather((model := network()), plan(model), tmp_path)
    assert written == []


@pytest.mark.parametrize("damage", ["index", "tensors", "half", "batches"])
def test_what_is_torn_or_of_other_batches_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    model = network()
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(checkpoints, "TIMES_AS_LONG", 0)

    def stop(done: int, _: int) -> None:
        if done == 4:
            raise Killed

    with pytest.raises(Killed):
        gather(model, plan(model), tmp_path / "one", stop)
    folder = tmp_path / "one" / "partial" / "1" / "3"
    if damage == "index":
        (folder / "index.json").unlink()
    elif damage == "tensors":
        file = folder / "layer-000.safetensors"
        file.write_bytes(file.read_bytes()[:-4])
    elif damage == "half":
        (tmp_path / "one" / "half" / "index.json").unlink()
    wanted = plan(model, 12 if damage == "batches" else 1)
    told: list[int] = []
    gather(model, wanted, tmp_path / "one", lambda done, _: told.append(done))
    assert told[0] in (1, 2) and told[-1] == 5
    gather(model, wanted, tmp_path / "whole")
    assert content(tmp_path / "one") == content(tmp_path / "whole")
