"""Muon against the singular value decomposition, alone and with AdamW; the schedule by hand."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from toy_models import job, settings, untrained, weights_digest

from tombench.errors import UserError
from tombench.recipes.muon import Muon, MuonWithAdamW, orthogonalised
from tombench.recipes.optimizers import muon_with_adamw
from tombench.recipes.schedule import learning_rate_factor
from tombench.recipes.sft import Sft


@pytest.mark.parametrize("shape", [(16, 16), (24, 8), (8, 24)])
def test_singular_values_come_near_one_and_directions_stay(shape: tuple[int, int]) -> None:
    matrix = torch.randn(1, *shape, generator=torch.Generator().manual_seed(0))
    left, values, right = torch.linalg.svd(matrix[0], full_matrices=False)
    result = orthogonalised(matrix)[0]
    assert values.max() / values.min() > 1.5
    new = torch.linalg.svdvals(result)
    assert new.min() > 0.5 and new.max() < 1.3
    aligned = left.T @ result @ right.T
    assert torch.allclose(aligned, torch.diag(torch.diag(aligned)), atol=1e-3)


def test_matrices_of_a_batch_do_not_mix() -> None:
    batch = torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(0))
    alone = torch.cat([orthogonalised(matrix[None]) for matrix in batch])
    assert torch.allclose(orthogonalised(batch), alone, atol=1e-5)


def test_step_goes_down_the_gradient_and_decays() -> None:
    weight = torch.nn.Parameter(torch.eye(4))
    weight.grad = torch.diag(torch.tensor([1.0, 1.0, 1.0, 1.0]))
    Muon([weight], lr=0.1, weight_decay=0.5).step()
    assert (weight.diagonal() < 1 - 0.1 * 0.5 - 0.1 * 0.5).all()
    assert torch.allclose(weight, torch.diag(weight.diagonal()), atol=1e-6)


def test_iteration_in_bfloat16_is_near_and_leaves_the_weights_in_float32() -> None:
    gradient = torch.randn(16, 8, generator=torch.Generator().manual_seed(0))
    moved = []
    for dtype in (torch.float32, torch.bfloat16):
        weight = torch.nn.Parameter(torch.zeros(16, 8))
        weight.grad = gradient.clone()
        Muon([weight], lr=1.0, weight_decay=0.0, dtype=dtype).step()
        moved.append(weight.detach())
    assert moved[1].dtype == torch.float32
    assert 0 < (moved[0] - moved[1]).abs().max() < 0.06  # of entries up to 0.8


def test_learning_rate_rises_stays_and_falls_to_zero() -> None:
    factors = [learning_rate_factor(step, steps=100, warmup=4, decay=0.5) for step in range(100)]
    assert factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factors[50] == 1.0
    assert factors[75] == pytest.approx(0.5)
    assert factors[99] == pytest.approx(0.02)
    assert learning_rate_factor(99, steps=100, warmup=0, decay=0.0) == 1.0


def parts(seed: int) -> tuple[nn.Parameter, nn.Parameter]:
    """A matrix for Muon and a vector for AdamW."""
    generator = torch.Generator().manual_seed(seed)
    return nn.Parameter(torch.randn(8, 4, generator=generator)), nn.Parameter(torch.ones(4))


def both(matrix: nn.Parameter, vector: nn.Parameter) -> MuonWithAdamW:
    adamw = torch.optim.AdamW([vector], 0.01, weight_decay=0.0)
    return MuonWithAdamW(Muon([matrix], 0.1, 0.5), adamw)


def step(optimizer: torch.optim.Optimizer, weights: tuple[nn.Parameter, ...], number: int) -> None:
    generator = torch.Generator().manual_seed(100 + number)
    for weight in weights:
        weight.grad = torch.randn(weight.shape, generator=generator)
    optimizer.step()


def test_as_one_optimizer_each_moves_its_weights_as_it_does_alone() -> None:
    together, alone = parts(0), parts(0)
    one = both(*together)
    muon, adamw = Muon([alone[0]], 0.1, 0.5), torch.optim.AdamW([alone[1]], 0.01, weight_decay=0.0)
    for number in range(3):
        step(one, together, number)
        step(muon, alone, number)
        adamw.step()
    assert all(torch.equal(a, b) for a, b in zip(together, alone, strict=True))
    assert not torch.equal(together[1], torch.ones(4))


def test_a_scheduler_moves_both_rates_by_one_factor() -> None:
    weights = parts(0)
    one = both(*weights)
    schedule = torch.optim.lr_scheduler.LambdaLR(one, lambda number: 0.5**number)
    step(one, weights, 0)
    schedule.step()
    assert [group["lr"] for group in one.param_groups] == [0.05, 0.005]
    assert [one.muon.param_groups[0]["lr"], one.adamw.param_groups[0]["lr"]] == [0.05, 0.005]


def test_momenta_are_saved_and_loaded() -> None:
    """Four steps, and two with two more by another optimizer that loads the first one's state."""
    whole, torn = parts(0), parts(0)
    first, before = both(*whole), both(*torn)
    for number in range(4):
        step(first, whole, number)
    for number in range(2):
        step(before, torn, number)
    saved = before.state_dict()
    assert sorted(map(sorted, saved["state"].values())) == [
        ["exp_avg", "exp_avg_sq", "step"],
        ["momentum"],
    ]
    after = both(*torn)
    after.load_state_dict(saved)
    for number in (2, 3):
        step(after, torn, number)
    assert all(torch.equal(a, b) for a, b in zip(whole, torn, strict=True))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return untrained(tmp_path_factory.mktemp("untrained"))


def recipe(**changes: Any) -> Sft:
    whole = {"optimizer": "muon", "lora": None, "embedding_learning_rate": 0.003}
    return Sft(**settings("sft", **whole | changes))


def test_muon_takes_the_matrices_and_adamw_embeddings_and_norms(weights: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(weights)
    model.model.layers[0].mlp.up_proj.weight.requires_grad = False
    found = muon_with_adamw(model, 0.01, 0.003, 0.1)
    names = {id(weight): name for name, weight in model.named_parameters()}
    muon, adamw = (
        {names[id(weight)] for group in one.param_groups for weight in group["params"]}
        for one in (found.muon, found.adamw)
    )
    assert muon and all("proj" in name for name in muon)
    assert "model.embed_tokens.weight" in adamw and "model.norm.weight" in adamw
    assert muon | adamw == {*names.values()} - {"model.layers.0.mlp.up_proj.weight"}
    assert [group["lr"] for group in found.param_groups] == [0.01, 0.003]


@pytest.fixture(scope="module")
def finished(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("muon")
    recipe().train(job(weights, folder, probe=None))
    return folder


MODEL = "model/model.safetensors"


def test_recipe_sft_learns_by_muon(weights: Path, finished: Path, tmp_path: Path) -> None:
    recipe(optimizer="adamw").train(job(weights, tmp_path, probe=None))
    assert weights_digest(tmp_path, MODEL) != weights_digest(finished, MODEL)


def test_killed_and_run_again_gives_the_same_weights(
    weights: Path, finished: Path, tmp_path: Path
) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "sys.path[:0] = sys.argv[1:3]\n"
        "from toy_models import job; from test_muon import recipe\n"
        "def die(done, total):\n"
        "    if done == 7: os.kill(os.getpid(), signal.SIGKILL)\n"
        "recipe().train(job(Path(sys.argv[3]), Path(sys.argv[4]), probe=None, progress=die))\n"
    )
    here = Path(__file__).parent
    words = [sys.executable, "-c", code, *map(str, (here, here.parent, weights, tmp_path))]
    assert subprocess.run(words, check=False, timeout=600).returncode == -signal.SIGKILL
    assert not (tmp_path / "model").exists()
    seen: list[int] = []
    again = job(weights, tmp_path, probe=None, progress=lambda done, total: seen.append(done))
    recipe().train(again)
    assert seen[0] == 5
    assert weights_digest(tmp_path, MODEL) == weights_digest(finished, MODEL)


def test_muon_is_not_for_adapters() -> None:
    with pytest.raises(UserError, match=r"recipe\.optimizer=muon: .* give recipe.lora=null"):
        recipe(lora={"rank": 4})
