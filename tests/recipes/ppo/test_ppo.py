"""PPO on models: it learns to say a word, shares one base, survives a kill, refuses nonsense."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from toy_models import job, rows, saying_box, settings, untrained, weights_digest
from toy_texts import toy_tokenizer
from transformers import AutoModelForCausalLM

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.load import load_fresh
from tombench.recipes.base import TrainingJob
from tombench.recipes.ppo.judge import Judge, SharedJudge, judge
from tombench.recipes.ppo.policy import Answers, Policy
from tombench.recipes.ppo.recipe import Ppo
from tombench.recipes.ppo.rollout import up_to_stop
from tombench.recipes.reward import Reward
from tombench.recipes.trainers.network import pupil
from tombench.stories.text import Text


def ppo(**changes: Any) -> Ppo:
    small = {"rollout": 8, "batch_size": 4, "accumulation": 1, "steps": 4, "warmup": 0}
    return Ppo(**settings("ppo", **small | changes))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return untrained(tmp_path_factory.mktemp("untrained"))


@pytest.fixture(scope="module")
def rewarding(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reward model's adapter on the same base."""
    folder = tmp_path_factory.mktemp("reward")
    Reward(**settings("reward", lora={"rank": 4}, learning_rate=0.05)).train(job(weights, folder))
    return folder / "adapter"


@pytest.mark.parametrize("lora", [{"rank": 8, "alpha": 16}, None])
def test_it_learns_to_say_a_rewarded_word(tmp_path: Path, lora: Any) -> None:
    prompts = [Text(f"{name} puts the ball in the", " x") for name in ("Anna", "Ben", "Tom")]
    given = TrainingJob(
        Model("tiny", "data:models/tiny", dtype="float32"),
        tmp_path,
        seed=0,
        examples=lambda rng, progress: [rng.choice(prompts)],
        reward=saying_box,
    )
    recipe = ppo(
        lora=lora, steps=30, rollout=64, batch_size=32, ppo_epochs=2, max_new_tokens=2,
        learning_rate=1e-3 if lora else 3e-4, kl="fixed", kl_coefficient=0.02, schedule="constant",
    )  # fmt: skip
    recipe.train(given)
    paid = [float(r["value"]) for r in rows(tmp_path / "curve.csv") if r["name"] == "reward/mean"]
    assert sum(paid[:3]) / 3 < 0.3 and sum(paid[-3:]) / 3 > 0.8


def encoded(texts: Sequence[tuple[str, str]]) -> Answers:
    """Prompts and answers, padded by hand."""
    tokenizer = toy_tokenizer()
    prompts = [tokenizer.encode(prompt) for prompt, _ in texts]
    said = [tokenizer.encode(answer) for _, answer in texts]
    left, right = max(map(len, prompts)), max(map(len, said))
    pad = tokenizer.pad_token_id
    ids = [
        [pad] * (left - len(p)) + p + s + [pad] * (right - len(s))
        for p, s in zip(prompts, said, strict=True)
    ]
    mask = torch.tensor([[1] * len(s) + [0] * (right - len(s)) for s in said])
    before = torch.tensor([[0] * (left - len(p)) + [1] * len(p) for p in prompts])
    return Answers(torch.tensor(ids), torch.cat([before, mask], 1), mask)


TEXTS = [("Mara put the key in the", " box."), ("Tom put", " the ball in the bag.")]


def test_log_probabilities_are_those_of_each_answer_alone(weights: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    policy = Policy(pupil(ppo(lora=None), job(weights, tmp_path)), temperature=2.0)
    answers = encoded(TEXTS)
    read = policy.read(answers)
    model = AutoModelForCausalLM.from_pretrained(weights)
    for row, (prompt, said) in enumerate(TEXTS):
        before, after = (toy_tokenizer().encode(text) for text in (prompt, said))
        out = model(torch.tensor([before + after]), output_hidden_states=True)
        scores = (out.logits[0] / 2.0).log_softmax(-1)
        places = range(len(before) - 1, len(before) + len(after) - 1)
        expected = [scores[at, token].item() for at, token in zip(places, after, strict=True)]
        values = policy.head(out.hidden_states[-1][0, list(places)]).squeeze(-1)
        count = len(after)
        assert read.log_probs[row, :count].tolist() == pytest.approx(expected, abs=1e-5)
        assert read.values[row, :count].tolist() == pytest.approx(values.tolist(), abs=1e-5)
        assert read.values[row, count:].abs().sum() == 0


@pytest.mark.parametrize("lora", [{"rank": 4}, None])
def test_the_reference_stays_while_the_policy_moves(
    weights: Path, tmp_path: Path, lora: Any
) -> None:
    policy = Policy(pupil(ppo(lora=lora), job(weights, tmp_path)), temperature=1.0)
    answers = encoded(TEXTS)
    start = policy.reference(answers)
    assert torch.allclose(policy.read(answers).log_probs, start, atol=1e-6)
    with torch.no_grad():
        for weight in policy.learnt().values():
            weight.add_(0.1)
    assert torch.equal(policy.reference(answers), start)
    assert not torch.allclose(policy.read(answers).log_probs, start, atol=1e-2)


def test_a_reward_adapter_on_the_same_base_shares_it_and_scores_alike(
    weights: Path, rewarding: Path, tmp_path: Path
) -> None:
    model = Model("local", str(weights))
    policy = Policy(pupil(ppo(), job(weights, tmp_path)), temperature=1.0)
    shared = judge(str(rewarding), policy, model, toy_tokenizer())
    assert isinstance(shared, SharedJudge)
    own = Judge(str(rewarding), policy, "none", toy_tokenizer().pad_token_id)
    answers = encoded(TEXTS)
    assert torch.allclose(shared(answers), own(answers), atol=1e-5)
    assert shared(answers).std() > 1e-4  # it does tell them apart
    learning = {name for name, w in policy.network.named_parameters() if w.requires_grad}
    assert learning and all(".default." in name for name in learning)
    shared.leave()
    assert not any("judge" in name for name, _ in policy.network.named_parameters())


def test_scores_are_those_of_the_classifier_that_was_trained(
    weights: Path, rewarding: Path, tmp_path: Path
) -> None:
    from tombench.recipes.merge import Merge

    merged = Model("local", str(weights), adapter=str(rewarding))
    Merge().train(job(weights, tmp_path, model=merged))
    from transformers import AutoModelForSequenceClassification

    classifier = AutoModelForSequenceClassification.from_pretrained(tmp_path / "merged")
    policy = Policy(pupil(ppo(), job(weights, tmp_path)), temperature=1.0)
    scores = judge(str(rewarding), policy, Model("local", str(weights)), toy_tokenizer())(
        encoded(TEXTS)
    )
    for row, (prompt, said) in enumerate(TEXTS):
        ids = [*toy_tokenizer().encode(prompt), *toy_tokenizer().encode(said)]
        expected = classifier(torch.tensor([ids])).logits.item()
        assert scores[row].item() == pytest.approx(expected, abs=1e-4)


def test_a_reward_model_pays_and_what_is_saved_is_the_policys_alone(
    weights: Path, rewarding: Path, tmp_path: Path
) -> None:
    ppo(reward_model=str(rewarding), lora={"rank": 2}).train(job(weights, tmp_path))
    names = {path.name for path in (tmp_path / "adapter").iterdir()}
    assert "judge" not in names and "adapter_model.safetensors" in names
    load_fresh(Model("local", str(weights), adapter=str(tmp_path / "adapter")), "cpu")


def test_killed_and_run_again_gives_the_same_weights(weights: Path, tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "sys.path[:0] = sys.argv[1:3]\n"
        "from toy_models import job; from test_ppo import ppo\n"
        "def die(done, total):\n"
        "    if done == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "ppo(checkpoint_every=2, lora={'rank': 4, 'dropout': 0.1}).train(\n"
        "    job(Path(sys.argv[3]), Path(sys.argv[4]), progress=die))\n"
    )
    here = Path(__file__).parent
    killed = tmp_path / "killed"
    words = [sys.executable, "-c", code, *map(str, (here, here.parents[1], weights, killed))]
    assert subprocess.run(words, check=False, timeout=600).returncode == -signal.SIGKILL
    recipe = ppo(checkpoint_every=2, lora={"rank": 4, "dropout": 0.1})
    seen: list[int] = []
    recipe.train(job(weights, killed, progress=lambda done, total: seen.append(done)))
    assert seen[0] == 3
    recipe.train(job(weights, tmp_path / "whole"))
    assert weights_digest(killed) == weights_digest(tmp_path / "whole")
    curves = [
        [(row["step"], row["name"], row["value"]) for row in rows(folder / "curve.csv")]
        for folder in (killed, tmp_path / "whole")
    ]
    assert curves[0] == curves[1]


def test_answers_end_with_their_first_stop() -> None:
    said = torch.tensor([[5, 9, 5, 9], [5, 6, 7, 8]])
    assert up_to_stop(said, [9]).tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]


@pytest.mark.parametrize(
    ("changes", "given", "told"),
    [
        ({}, {"reward": None}, r"recipe\.reward=package"),
        ({}, {"examples": None}, r"recipe\.data=FILE"),
        ({"reward": "no.such.function"}, {}, "cannot be imported"),
        ({"reward": "tombench.recipes.ppo.kl.LARGEST_ERROR"}, {}, "it is no function"),
        ({"reward_model": "data:models/tiny"}, {}, "no reward head"),
        ({"report": "wandb"}, {}, "not installed"),
        ({"reward_model": "/no/such"}, {}, r"recipe\.reward_model=/no/such: no such folder"),
    ],
)
def test_what_cannot_be_done_is_refused(
    weights: Path, tmp_path: Path, changes: Any, given: Any, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        ppo(**changes).train(job(weights, tmp_path, **given))


def test_a_reward_model_that_reads_other_ids_is_refused(rewarding: Path, tmp_path: Path) -> None:
    given = job(Path("unused"), tmp_path)
    tiny = replace(given, model=Model("tiny", "data:models/tiny"))
    with pytest.raises(UserError, match="tokenizer is not the policy's"):
        ppo(reward_model=str(rewarding)).train(tiny)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rollout": 6}, r"multiple of recipe\.batch_size"),
        ({"validation": 0.1}, "no evaluation loss"),
        ({"fsdp": "full_shard"}, "one process"),
    ],
)
def test_keys_that_do_not_go_together_are_refused(changes: Any, told: str) -> None:
    with pytest.raises(UserError, match=told):
        ppo(**changes)


def test_numbers_are_reported_step_by_step(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tombench.recipes.ppo import loop

    told: list[tuple[int, float]] = []
    monkeypatch.setattr(
        loop,
        "reporter",
        lambda name, job: lambda step, numbers: told.append((step, numbers["reward/mean"])),
    )
    ppo(gradient_checkpointing=True, precision="bfloat16").train(job(weights, tmp_path))
    paid = [r for r in rows(tmp_path / "curve.csv") if r["name"] == "reward/mean"]
    assert [(int(r["step"]), float(r["value"])) for r in paid] == [
        (step, pytest.approx(value, abs=1e-5)) for step, value in told
    ]
    assert len(told) == 4


@pytest.mark.parametrize(
    ("paid", "told"),
    [
        (lambda count: [float("nan")] * count, "step 1: a score is no finite number"),
        (lambda count: [1.0], "returned 1 numbers for 8 answers"),
        (lambda count: None, "must return a list of numbers"),
    ],
)
def test_rewards_that_are_none_stop_it(weights: Path, tmp_path: Path, paid: Any, told: str) -> None:
    with pytest.raises(UserError, match=told):
        ppo().train(job(weights, tmp_path, reward=lambda prompts, *_: paid(len(prompts))))


def test_a_gradient_that_is_no_number_saves_nothing(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tombench.recipes.ppo import loop

    clip = torch.nn.utils.clip_grad_norm_
    monkeypatch.setattr(
        loop.torch.nn.utils,
        "clip_grad_norm_",
        lambda learnt, most: clip(learnt, most) * float("nan"),
    )
    with pytest.raises(UserError, match="step 1: gradient norm nan"):
        ppo().train(job(weights, tmp_path))
    assert not (tmp_path / "checkpoint").exists() and not (tmp_path / "adapter").exists()


def test_the_models_own_ways_to_draw_are_not_taken(weights: Path, tmp_path: Path) -> None:
    """A ban on every token but one would show."""
    from tombench.recipes.ppo.rollout import Drawing, draw
    from tombench.recipes.trainers.questions import Asked

    policy = Policy(pupil(ppo(), job(weights, tmp_path)), temperature=1.0)
    banned = list(range(3, len(toy_tokenizer())))
    policy.causal_lm.generation_config.suppress_tokens = banned
    asked = [Asked("Mara", tuple(toy_tokenizer().encode("Mara put the")), None)] * 8
    torch.manual_seed(0)
    answers = draw(policy, asked, Drawing(4, 1.0, 0, 1.0, (0,), toy_tokenizer().pad_token_id))
    assert answers.said().max() >= 3
    assert policy.causal_lm.generation_config.suppress_tokens == banned
