"""Elastic weight consolidation: the penalty by hand, its gradient, adapters, and what it holds."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from tombench.errors import UserError
from tombench.masking.files import load_gradients
from tombench.masking.names import layer_matrices, weights_by_name
from tombench.masking.squared_gradients import Sample, squared_gradients
from tombench.models.base import Model
from tombench.models.load import load_fresh
from tombench.recipes import ewc
from tombench.recipes.base import TrainingJob
from tombench.recipes.ewc import Ewc, fisher_of
from tombench.recipes.sft import Sft

TEXTS = [[3, 4, 5, 6], [7], [7, 8, 9], [1, 2]]  # the second is too short
TINY = Model(name="tiny", path="data:models/tiny")


def llama() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=30, hidden_size=8, intermediate_size=12, num_hidden_layers=2,
        num_attention_heads=2,
    )  # fmt: skip
    return LlamaForCausalLM(config)


def gpt2() -> GPT2LMHeadModel:
    torch.manual_seed(0)
    return GPT2LMHeadModel(GPT2Config(vocab_size=30, n_embd=8, n_layer=1, n_head=2))


def with_lora(network: nn.Module, **settings: Any) -> nn.Module:
    """With an adapter whose B is not zero any more."""
    settings = {"r": 3, "lora_alpha": 6, "target_modules": "all-linear"} | settings
    adapted = get_peft_model(network, LoraConfig(task_type="CAUSAL_LM", **settings))
    for name, weight in adapted.named_parameters():
        if ".lora_" in name:
            nn.init.normal_(weight, std=0.3)
    return adapted


def some_fisher(network: nn.Module) -> dict[str, Tensor]:
    torch.manual_seed(1)
    return {name: torch.rand(weight.shape) for name, weight in weights_by_name(network).items()}


class TwoWeights(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.tensor([1.0, 2.0]))
        self.b = nn.Parameter(torch.tensor([[3.0]]))


FISHER = {"a": torch.tensor([0.5, 4.0]), "b": torch.tensor([[10.0]])}


def test_the_penalty_of_full_training_by_hand() -> None:
    model = TwoWeights()
    held = Ewc.of(model, FISHER, strength=3.0)
    assert held.penalty().item() == 0
    with torch.no_grad():
        model.a += torch.tensor([2.0, -1.0])
        model.b += 0.5
    # 0.5 * 3 * (0.5 * 4 + 4 * 1 + 10 * 0.25)
    assert held.penalty().item() == pytest.approx(12.75, abs=1e-6)
    held.penalty().backward()
    assert model.a.grad.tolist() == pytest.approx([3.0, -12.0])  # lambda * F * difference
    assert model.b.grad.item() == pytest.approx(15.0)


def test_what_does_not_learn_is_not_held() -> None:
    model = TwoWeights()
    model.b.requires_grad_(False)
    held = Ewc.of(model, {"a": FISHER["a"]}, strength=2.0)
    with torch.no_grad():
        model.a += 1
        model.b += 1
    assert held.penalty().item() == pytest.approx(4.5)


def test_the_penalty_of_an_adapter_by_hand() -> None:
    linear = nn.Sequential(nn.Linear(2, 2, bias=False))
    model = get_peft_model(linear, LoraConfig(r=1, lora_alpha=2, target_modules=["0"]))
    layer = model.base_model.model[0]
    layer.lora_A["default"].weight.data = torch.tensor([[1.0, -1.0]])
    layer.lora_B["default"].weight.data = torch.tensor([[0.5], [2.0]])
    fisher = {"0.weight": torch.tensor([[1.0, 2.0], [0.25, 0.0]])}
    held = Ewc.of(model, fisher, strength=0.1)
    # scaling 2: the difference is [[1, -1], [4, -4]]; 0.05 * (1 + 2 + 0.25 * 16 + 0)
    assert held.penalty().item() == pytest.approx(0.35, abs=1e-6)


@pytest.mark.parametrize("made", [llama, gpt2])
@pytest.mark.parametrize("rank_stabilised", [False, True])
def test_an_adapter_costs_what_it_costs_merged(
    made: Callable[[], nn.Module], rank_stabilised: bool
) -> None:
    bare, fisher = made(), some_fisher(made())
    held = Ewc.of(bare, fisher, strength=0.7)
    adapted = with_lora(made(), use_rslora=rank_stabilised, fan_in_fan_out=made is gpt2)
    of_adapter = Ewc.of(adapted, fisher, strength=0.7).penalty().item()
    merged = adapted.merge_and_unload()
    with torch.no_grad():
        for weight, moved in zip(bare.parameters(), merged.parameters(), strict=True):
            weight.copy_(moved)
    assert of_adapter > 0.1
    assert of_adapter == pytest.approx(held.penalty().item(), rel=1e-5)


@pytest.mark.parametrize("adapted", [False, True])
def test_gradients_are_those_of_finite_differences(adapted: bool) -> None:
    """Central differences of what is quadratic in each weight alone have no error of their own."""
    network = llama()
    fisher = some_fisher(network)
    if adapted:
        network = with_lora(network)
    held = Ewc.of(network, fisher, strength=0.01)
    learning = [weight for weight in network.parameters() if weight.requires_grad]
    if not adapted:
        with torch.no_grad():
            for weight in learning:
                weight += torch.randn_like(weight)
    held.penalty().backward()
    step = 0.5
    for weight in learning[::3]:
        place = weight.grad.abs().argmax()
        gradient, flat = weight.grad.flatten()[place].item(), weight.data.view(-1)
        flat[place] += step
        above = held.penalty().item()
        flat[place] -= 2 * step
        below = held.penalty().item()
        flat[place] += step
        assert gradient != 0
        assert gradient == pytest.approx((above - below) / (2 * step), rel=2e-3)


def test_one_difference_is_held_at_a_time() -> None:
    """For the backward pass nothing is kept that has a matrix's size but F itself."""
    fisher = some_fisher(llama())
    held = Ewc.of(with_lora(llama()), fisher, strength=1.0)
    kept: list[Tensor] = []

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        penalty = held.penalty()
    assert penalty.requires_grad
    known = {tensor.data_ptr() for tensor in fisher.values()}
    assert all(one.numel() == 1 or one.data_ptr() in known for one in kept)


def test_autocast_does_not_round_the_penalty() -> None:
    network = llama()
    held = Ewc.of(with_lora(network), some_fisher(network), strength=1.0)
    with torch.autocast("cpu", torch.bfloat16):
        inside = held.penalty()
    assert inside.item() == held.penalty().item()


def test_an_adapter_on_packed_weights_is_held_by_gradients_of_the_unpacked(tmp_path: Path) -> None:
    """nf4 weights have another shape in memory, and no gradient of their own."""
    network = load_fresh(TINY).network
    fisher = {
        name: torch.ones(network.get_parameter(name).shape) for name in layer_matrices(network)
    }
    packed = with_lora(load_fresh(replace(TINY, quantization="nf4")).network)
    unpacked = with_lora(network)
    for weight, other in zip(packed.parameters(), unpacked.parameters(), strict=True):
        if weight.requires_grad:
            other.data.copy_(weight.data)
    found = Ewc.of(packed, fisher, 1.0).penalty()
    assert found.item() == pytest.approx(Ewc.of(unpacked, fisher, 1.0).penalty().item())
    with pytest.raises(UserError, match="is quantized and has no gradient"):
        fisher_of(Sft(ewc_lambda=1.0), job_in(tmp_path), packed, TEXTS)


def test_gaps_and_other_shapes_are_refused() -> None:
    fisher = some_fisher(llama())
    name = "model.layers.1.mlp.up_proj.weight"
    lacking = {key: value for key, value in fisher.items() if key != name}
    with pytest.raises(UserError, match=f"lack 1 of 14 weights that learn, such as {name}"):
        Ewc.of(with_lora(llama()), lacking, 1.0)
    with pytest.raises(UserError, match=rf"{name} have shape \[8, 12\], the weight has \[12, 8\]"):
        Ewc.of(llama(), fisher | {name: fisher[name].T}, 1.0)


@pytest.mark.parametrize("settings", [{"target_modules": ["embed_tokens"]}, {"use_dora": True}])
def test_adapters_of_other_kinds_are_refused(settings: dict[str, Any]) -> None:
    fisher = some_fisher(llama())
    with pytest.raises(UserError, match="learns by an adapter other than LoRA on a linear layer"):
        Ewc.of(with_lora(llama(), **settings), fisher, 1.0)


@pytest.mark.parametrize("adapted", [False, True])
def test_a_held_model_moves_less_where_the_fisher_is_large(adapted: bool) -> None:
    old, new = [Sample((3, 4, 5, 6)), Sample((6, 5, 4))], torch.tensor([[7, 8, 9, 10, 11]])
    fisher = squared_gradients(llama(), old, layer_matrices(llama()), reduction="sum")

    def weighed(strength: float) -> tuple[float, float]:
        """Mean squared movement where F is above its median, and below."""
        start, network = llama().state_dict(), llama()
        network.requires_grad_(False)
        for name in fisher:
            network.get_parameter(name).requires_grad_(not adapted)
        if adapted:
            settings = LoraConfig(r=8, lora_alpha=16, target_modules="all-linear")
            torch.manual_seed(2)
            network = get_peft_model(network, settings)
        held = Ewc.of(network, fisher, strength)
        learning = [weight for weight in network.parameters() if weight.requires_grad]
        optimizer = torch.optim.Adam(learning, lr=0.01)
        for _ in range(60):
            optimizer.zero_grad()
            (network(input_ids=new, labels=new).loss + held.penalty()).backward()
            optimizer.step()
        whole = network.merge_and_unload() if adapted else network
        far = [(whole.get_parameter(name) - start[name]).square() for name in fisher]
        large = [one > one.median() for one in fisher.values()]
        above = torch.cat([a[b] for a, b in zip(far, large, strict=True)])
        below = torch.cat([a[~b] for a, b in zip(far, large, strict=True)])
        return above.mean().item(), below.mean().item()

    free_above, free_below = weighed(0.0)
    held_above, held_below = weighed(1e6)
    assert held_above < 0.2 * free_above
    assert held_above / held_below < 0.5 * free_above / free_below


def job_in(folder: Path, said: list[str] | None = None) -> TrainingJob:
    log = (lambda line: None) if said is None else said.append
    return TrainingJob(model=TINY, folder=folder, seed=0, log=log)


def test_squared_gradients_are_computed_saved_and_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Sft(ewc_lambda=1.0, fisher_samples=2, max_length=16)
    said: list[str] = []
    found = fisher_of(recipe, job_in(tmp_path, said), llama(), iter(TEXTS))
    expected = squared_gradients(llama(), [Sample((3, 4, 5, 6)), Sample((7, 8, 9))])
    assert said == ["fisher squared gradients of 2 texts"]
    assert all(torch.equal(found[name], gradient) for name, gradient in expected.items())
    stored = load_gradients(tmp_path / "fisher")
    assert stored.origin.samples == 2 and stored.origin.reduction == "mean"

    def never(*given: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(ewc, "squared_gradients", never)
    again = fisher_of(recipe, job_in(tmp_path), llama(), TEXTS)
    assert dict(again).keys() == expected.keys()
    assert all(torch.equal(again[name], gradient) for name, gradient in expected.items())
    with pytest.raises(AssertionError, match="computed again"):  # of other texts
        fisher_of(recipe, job_in(tmp_path), llama(), TEXTS[2:])
    (tmp_path / "fisher" / "index.json").unlink()  # as a kill leaves it
    with pytest.raises(AssertionError, match="computed again"):
        fisher_of(recipe, job_in(tmp_path), llama(), TEXTS)


def test_long_texts_are_cut(tmp_path: Path) -> None:
    recipe = Sft(ewc_lambda=1.0, max_length=16)
    found = fisher_of(recipe, job_in(tmp_path), llama(), [list(range(30))])
    expected = squared_gradients(llama(), [Sample(tuple(range(16)))])
    assert all(torch.equal(found[name], gradient) for name, gradient in expected.items())


def test_with_an_adapter_they_are_those_of_its_base(tmp_path: Path) -> None:
    adapted = with_lora(llama(), target_modules=["q_proj"], lora_dropout=0.5)
    found = fisher_of(Sft(ewc_lambda=1.0), job_in(tmp_path), adapted, TEXTS)
    names = [f"model.layers.{number}.self_attn.q_proj.weight" for number in (0, 1)]
    bare = squared_gradients(llama(), [Sample(tuple(ids)) for ids in TEXTS if len(ids) > 1], names)
    assert list(found) == names
    assert all(torch.equal(found[name], bare[name]) for name in names)
    learning = [name for name, weight in adapted.named_parameters() if weight.requires_grad]
    assert learning and all(".lora_" in name for name in learning)
    Ewc.of(adapted, found, 1.0).penalty().backward()


def test_a_run_of_this_model_is_read_and_of_another_refused(tmp_path: Path) -> None:
    made = fisher_of(Sft(ewc_lambda=1.0), job_in(tmp_path), llama(), TEXTS)
    recipe = Sft(ewc_lambda=1.0, fisher=str(tmp_path))
    read = fisher_of(recipe, job_in(tmp_path / "next"), llama(), ())
    assert all(torch.equal(read[name], gradient) for name, gradient in made.items())
    assert not (tmp_path / "next").exists()
    small = TrainingJob(Model(name="small", path="data:models/small"), tmp_path / "next", seed=0)
    with pytest.raises(UserError, match="of another model than data:models/small"):
        fisher_of(recipe, small, llama(), ())


def test_no_texts_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^recipe\.fisher=null: there are no texts"):
        fisher_of(Sft(ewc_lambda=1.0), job_in(tmp_path), llama(), [[1]])
