"""Our PPO beside trl's last one on `tiny`, paid for a word: rewards and KL a step, speed, memory.

    python benchmarks/ppo.py TRL_FOLDER [STEPS] [SEEDS]

TRL_FOLDER holds trl 1.12.0, the last release with PPO, unzipped: pip download trl==1.12.0 --no-deps

Each training is a process of its own on one thread, in float32 and with all weights learning. The
same on both sides: prompts, reward, sampling, sizes, rates, a fixed KL coefficient, no clipping of
gradients (trl's loop has none), and a value head on the policy's own network, which trl is given in
place of the second network that it is made for. What differs: each draws from a stream of its own;
trl reads its network twice, for logits and for values, has no bias in its head, and pays an answer
that ends early one token after its end. Runs scatter: compare several seeds.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

MODEL = "data:models/tiny"
WORD = "box"
PROMPTS = [f"{name} puts the ball in the" for name in ("Anna", "Ben", "Tom", "Mia")]
ROLLOUT, BATCH, EPOCHS, NEW_TOKENS = 32, 16, 2, 4
RATE, KL_COEFFICIENT, VALUE_WEIGHT, BETAS, SPREAD = 1e-4, 0.05, 0.1, (0.9, 0.98), 0.01
SHOWN = 8  # rows of the table


@dataclass(frozen=True)
class Curve:
    """One training; `rewards` and `kls` (nats an answer) have a number a step."""

    rewards: list[float]
    kls: list[float]
    tokens_per_second: float  # of prompts and answers, over the whole loop
    memory_mib: float  # the most that the process took


def paid(said: str) -> float:
    """How often the word stands in an answer."""
    return float(said.replace(".", " ").replace(",", " ").split().count(WORD))


def peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def train_ours(steps: int, seed: int, folder: Path) -> Curve:
    """recipe=ppo, as the command runs it."""
    from tombench.models.base import Model
    from tombench.recipes.base import TrainingJob
    from tombench.recipes.ppo.recipe import Ppo
    from tombench.stories.text import Text

    recipe = Ppo(
        lora=None, steps=steps, rollout=ROLLOUT, batch_size=BATCH, accumulation=1,
        ppo_epochs=EPOCHS, max_new_tokens=NEW_TOKENS, learning_rate=RATE, schedule="constant",
        kl="fixed", kl_coefficient=KL_COEFFICIENT, value_weight=VALUE_WEIGHT, gradient_clip=1e9,
        checkpoint_every=steps, threads=1,
    )  # fmt: skip
    job = TrainingJob(
        Model("tiny", MODEL, dtype="float32"),
        folder,
        seed=seed,
        examples=lambda rng, progress: [Text(rng.choice(PROMPTS), "")],
        reward=lambda prompts, completions, answers: [paid(said) for said in completions],
    )
    numbers = recipe.train(job)
    with (folder / "curve.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rewards, kls = (
        [float(row["value"]) for row in rows if row["name"] == name]
        for name in ("reward/mean", "kl/nats an answer")
    )
    return Curve(rewards, kls, numbers["tokens"] / numbers["seconds"], peak_memory())


class Payer(nn.Module):
    """A reward model as trl calls one: a backbone whose hidden states it scores.

    The ids pass for hidden states; no prompt holds the word, so that whole rows can be counted.
    """

    base_model_prefix = "backbone"

    def __init__(self, tokenizer: Any) -> None:
        super().__init__()
        self.tokenizer, self.tokens = tokenizer, 0

    def backbone(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **_: Any) -> Any:
        self.tokens += int(attention_mask.sum())
        return SimpleNamespace(hidden_states=(input_ids[..., None],))

    def score(self, hidden: torch.Tensor) -> torch.Tensor:
        texts = self.tokenizer.batch_decode(hidden.squeeze(-1), skip_special_tokens=True)
        scores = torch.tensor([paid(text) for text in texts])
        return scores[:, None, None].expand(-1, hidden.shape[1], 1)


def train_trl(steps: int, seed: int, folder: Path) -> Curve:
    """trl.experimental.ppo of the folder that PYTHONPATH names."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
    from trl.experimental.ppo import PPOConfig, PPOTrainer

    from tombench.models.base import Model
    from tombench.models.locate import locate

    path = locate(Model("tiny", MODEL)).weights.folder
    tokenizer = AutoTokenizer.from_pretrained(path, padding_side="left")
    policy, reference = (
        AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32) for _ in range(2)
    )
    torch.manual_seed(seed)
    valuer = AutoModelForSequenceClassification.from_pretrained(
        path, num_labels=1, dtype=torch.float32
    )
    valuer.model = policy.model
    nn.init.normal_(valuer.score.weight, std=SPREAD)
    arguments = PPOConfig(
        output_dir=str(folder), seed=seed, total_episodes=steps * ROLLOUT, use_cpu=True, bf16=False,
        gradient_checkpointing=False, report_to=[], save_strategy="no", disable_tqdm=True,
        per_device_train_batch_size=ROLLOUT, gradient_accumulation_steps=1,
        num_mini_batches=ROLLOUT // BATCH, num_ppo_epochs=EPOCHS, num_sample_generations=0,
        local_rollout_forward_batch_size=ROLLOUT, response_length=NEW_TOKENS, stop_token="eos",
        temperature=1.0, learning_rate=RATE, lr_scheduler_type="constant", adam_beta1=BETAS[0],
        adam_beta2=BETAS[1], weight_decay=0.0, kl_coef=KL_COEFFICIENT, vf_coef=VALUE_WEIGHT,
        logging_steps=1,
    )  # fmt: skip
    asked = Dataset.from_list([{"input_ids": tokenizer.encode(text)} for text in PROMPTS * ROLLOUT])
    payer = Payer(tokenizer)
    trainer = PPOTrainer(
        args=arguments, processing_class=tokenizer, model=policy, ref_model=reference,
        reward_model=payer, value_model=valuer, train_dataset=asked, eval_dataset=asked,
    )  # fmt: skip
    started = time.monotonic()
    trainer.train()
    seconds = time.monotonic() - started
    logs = [row for row in trainer.state.log_history if "objective/kl" in row]
    return Curve(
        [row["objective/scores"] for row in logs],
        [row["objective/kl"] for row in logs],
        payer.tokens / seconds,
        peak_memory(),
    )


def trained(side: str, trl: str, steps: int, seed: int) -> Curve:
    """A training in a process of its own."""
    known = dict(os.environ, OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1", TQDM_DISABLE="1")
    if side == "trl":
        known["PYTHONPATH"] = os.pathsep.join([trl, known.get("PYTHONPATH", "")])
    words = [sys.executable, __file__, side, str(steps), str(seed)]
    done = subprocess.run(words, env=known, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{side}, seed {seed}:\n{done.stderr[-2000:]}")
    return Curve(**json.loads(done.stdout.splitlines()[-1]))


def table(found: dict[str, Sequence[Curve]], steps: int) -> None:
    """Means over seeds of a few steps at a time, and what it took."""
    print("| steps | reward, ours | reward, trl | KL, ours | KL, trl |\n|---|---:|---:|---:|---:|")
    width = max(1, steps // SHOWN)
    for start in range(0, steps, width):
        part = slice(start, start + width)
        cells = [
            mean(mean(getattr(curve, name)[part]) for curve in found[side])
            for name in ("rewards", "kls")
            for side in ("ours", "trl")
        ]
        label = f"{start + 1}-{min(start + width, steps)}"
        print(f"| {label} | {' | '.join(f'{cell:.2f}' for cell in cells)} |")
    for side, curves in found.items():
        speed = mean(curve.tokens_per_second for curve in curves)
        memory = max(curve.memory_mib for curve in curves)
        last = sorted(round(mean(curve.rewards[-width:]), 2) for curve in curves)
        print(f"\n{side}: {speed:,.0f} tokens/s, {memory:,.0f} MiB, last rewards by seed {last}")


def main() -> None:
    if sys.argv[1] in ("ours", "trl"):
        torch.set_num_threads(1)
        train = train_ours if sys.argv[1] == "ours" else train_trl
        with tempfile.TemporaryDirectory() as folder:
            print(
                "\n" + json.dumps(asdict(train(int(sys.argv[2]), int(sys.argv[3]), Path(folder))))
            )
        return
    steps, seeds = (int(word) for word in (sys.argv[2:] + ["40", "6"][len(sys.argv) - 2 :]))
    found = {
        side: [trained(side, sys.argv[1], steps, seed) for seed in range(seeds)]
        for side in ("ours", "trl")
    }
    table(found, steps)


if __name__ == "__main__":
    main()
