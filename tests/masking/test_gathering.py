"""Sums over samples in a folder: of what, by halves, and what is told instead."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from small_networks import SAMPLES, network, plan

from tombench.errors import RunFailed, UserError
from tombench.masking import checkpoints, files, gathering
from tombench.masking.files import load_gradients
from tombench.masking.gathering import gather
from tombench.masking.names import layer_matrices
from tombench.masking.squared_gradients import Sample, squared_gradients

DOWN = "model.layers.0.mlp.down_proj.weight"


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_one_by_one_is_squared_gradients_to_the_bit(tmp_path: Path, reduction: str) -> None:
    model = network()
    stored = gather(model, plan(model, reduction=reduction), tmp_path / "tom")
    expected = squared_gradients(model, SAMPLES, layer_matrices(model), reduction)
    assert set(stored) == set(expected)
    assert all(torch.equal(stored[name], total) for name, total in expected.items())
    assert not (tmp_path / "tom" / "partial").exists()


def test_batches_give_the_same_up_to_rounding_and_tell_what_is_done(tmp_path: Path) -> None:
    model, told = network(), []
    stored = gather(model, plan(model, 40), tmp_path, lambda *said: told.append(said))
    assert told == [(2, 5), (4, 5), (5, 5)]  # none over the half
    for name, total in squared_gradients(model, SAMPLES, stored, "sum").items():
        most = total.max().item()
        torch.testing.assert_close(stored[name], total, rtol=1e-5, atol=1e-6 * most)


def test_signed_gradients_add_up_before_they_are_squared(tmp_path: Path) -> None:
    model = network()
    sets = {
        tokens: gather(model, plan(model, tokens, statistic="gradient"), tmp_path / str(tokens))
        for tokens in (1, 2048)
    }
    for sample in SAMPLES:
        ids = torch.tensor([sample.ids])
        labels = ids.clone()
        labels[:, : sample.first] = -100
        model(input_ids=ids, labels=labels).loss.backward()
    expected = model.model.layers[0].mlp.down_proj.weight.grad
    assert (expected < 0).any()
    for stored in sets.values():
        torch.testing.assert_close(stored[DOWN], expected, rtol=1e-5, atol=1e-7)


def test_activations_are_one_number_an_input(tmp_path: Path) -> None:
    model = network()
    sets = [
        gather(model, plan(model, tokens, statistic="activation"), tmp_path / str(tokens))
        for tokens in (1, 2048)
    ]
    assert sets[0][DOWN].shape == (24,) and sets[0][DOWN].min() > 0
    torch.testing.assert_close(sets[0][DOWN], sets[1][DOWN], rtol=1e-5, atol=0)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("tokens", [1, 2048])
def test_the_halves_are_those_of_the_halves(tmp_path: Path, reduction: str, tokens: int) -> None:
    model = network()
    first, others = gather(model, plan(model, tokens, reduction=reduction), tmp_path).halves()
    assert set(first) == set(others) == set(layer_matrices(model))
    for found, samples in ((first, SAMPLES[:2]), (others, SAMPLES[2:])):
        expected = squared_gradients(model, samples, [DOWN], reduction)[DOWN]
        torch.testing.assert_close(
            found[DOWN], expected, rtol=1e-4, atol=1e-6 * expected.max().item()
        )
    with pytest.raises(KeyError):
        others["lm_head.weight"]


def test_one_sample_has_no_halves(tmp_path: Path) -> None:
    model = network()
    gather(model, plan(model), tmp_path)
    stored = gather(model, plan(model, samples=SAMPLES[:1]), tmp_path)  # in the other's place
    assert stored.halves() is None and stored.origin.samples == 1


def test_a_network_that_cannot_be_batched_is_read_one_by_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = network("jamba")
    with caplog.at_level(logging.INFO, "tombench"):
        stored = gather(model, plan(model, 2048), tmp_path / "all")
    assert [r.message for r in caplog.records if r.name == "tombench"] == [
        "gradients: samples are read one by one, as model.layers.0.mamba.dt_proj.weight is called "
        "0 times a forward pass"
    ]
    expected = squared_gradients(model, SAMPLES, layer_matrices(model), "sum")
    assert all(torch.equal(stored[name], total) for name, total in expected.items())
    assert stored["model.layers.0.mamba.dt_proj.weight"].max() > 0
    with pytest.raises(UserError, match=r"enter model\.layers\.0\.mamba\.dt_proj\.weight"):
        gather(model, plan(model, 2048, statistic="activation"), tmp_path / "inputs")


def test_other_weights_than_matrices(tmp_path: Path) -> None:
    model, names = network(), ["model.norm.weight", DOWN]
    stored = gather(model, plan(model, 2048, names=names), tmp_path / "a")
    assert set(stored) == set(names) and stored["model.norm.weight"].max() > 0
    with pytest.raises(UserError, match=r"model\.norm\.weight is no linear layer's matrix"):
        gather(model, plan(model, names=names, statistic="activation"), tmp_path / "b")


def test_the_networks_that_gave_nan_are_told(tmp_path: Path) -> None:
    model = network()
    model.model.layers[0].mlp.down_proj.weight.register_hook(lambda gradient: gradient * torch.nan)
    with pytest.raises(UserError, match=r"squared_gradient of .*down_proj\.weight is no number"):
        gather(model, plan(model), tmp_path)


def test_a_full_disk_is_told_and_the_checkpoints_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = network()
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(checkpoints, "TIMES_AS_LONG", 0)
    real = files.write_whole

    def full(path: Path, given: str | bytes) -> Path:
        if path.parent == tmp_path:
            raise RunFailed(f"cannot write {path}: No space left on device")
        return real(path, given)

    monkeypatch.setattr(files, "write_whole", full)
    with pytest.raises(RunFailed, match="No space left"):
        gather(model, plan(model), tmp_path)
    assert load_gradients(tmp_path / "partial" / "1" / "4").origin.samples == 4


def test_an_origin_of_something_else_is_a_mistake() -> None:
    given = plan(network())
    with pytest.raises(ValueError, match="of another gathering"):
        replace(given, statistic="gradient")
    with pytest.raises(UserError, match="batch_tokens=0"):
        replace(given, batch_tokens=0)


def test_samples_must_have_two_tokens(tmp_path: Path) -> None:
    model = network()
    for tokens in (1, 2048):
        wanted = plan(model, tokens, samples=(*SAMPLES, Sample((3,))))
        with pytest.raises(UserError, match="sample 5 has 1 tokens"):
            gather(model, wanted, tmp_path)
    assert gathering.INDEX not in {path.name for path in tmp_path.iterdir()}
