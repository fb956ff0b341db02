"""Training throughput of the embedded models: tokens a second, and what batch making takes of it.

    python benchmarks/training.py [STEPS]

One thread. Beside it the plain way: float32, transformers' default attention with the same
block-diagonal mask, logits of all positions. Steps are whole: batch, forward, backward, update.
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.recipes.forward import Forward
from tombench.recipes.optimizers import new_optimizers
from tombench.recipes.packing import Batch
from tombench.recipes.pretrain import Pretrain
from tombench.recipes.scratch import newcomer
from tombench.recipes.training import Learner
from tombench.tasks.vignettes import Vignettes

SETTINGS = Pretrain(
    steps=1000, batch_size=16, sequence_length=256, optimizer="muon", learning_rate=0.01,
    embedding_learning_rate=0.003, warmup=50, decay=0.5, weight_decay=0.01, gradient_clip=1.0,
    precision="bfloat16", evaluate_every=0, checkpoint_every=1000, threads=1,
    first_mention_weight=0.2, content_weight=4.0, function_weight=0.3, answer_weight=2.0,
    verdict_weight=4.0, vocabulary=2048, tokenizer_texts=2000,
)  # fmt: skip
SHAPES = {
    "tiny": {"hidden_size": 128, "intermediate_size": 384, "num_hidden_layers": 4},
    "small": {"hidden_size": 256, "intermediate_size": 704, "num_hidden_layers": 6},
}
HEADS = {"tiny": 4, "small": 8}
WARM = 2  # steps that are not timed


def learner(name: str, folder: Path) -> Learner:
    """A model of random weights and its batches."""
    heads = {"num_attention_heads": HEADS[name], "num_key_value_heads": HEADS[name]}
    architecture = SHAPES[name] | heads | {"max_position_embeddings": 2048}
    task = Vignettes()
    job = TrainingJob(
        model=Model(name=name, path=".", architecture=architecture),
        folder=folder,
        seed=0,
        text=task.training_text(),
        content_words=task.content_words(),
    )
    return newcomer(SETTINGS, job)


def plain_loss(model: torch.nn.Module, batch: Batch) -> torch.Tensor:
    """Weighted cross-entropy from all logits, in float32."""
    logits = model(
        input_ids=batch.inputs,
        attention_mask=batch.mask(),
        position_ids=batch.positions,
        use_cache=False,
    ).logits
    each = cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), reduction="none")
    weights = batch.weights.flatten()
    return (each * weights).sum() / weights.sum()


def measure(name: str, precision: str, steps: int, folder: Path) -> tuple[float, float]:
    """Tokens a second, and the share of the time that batches take."""
    settings = replace(SETTINGS, precision="float32" if precision == "plain" else precision)
    pupil = learner(name, folder)
    model = pupil.model.train()
    optimizers = new_optimizers(settings, model)
    forward = Forward(model, settings.precision)
    making, started = 0.0, 0.0
    for step in range(WARM + steps):
        if step == WARM:
            making, started = 0.0, time.perf_counter()
        begun = time.perf_counter()
        batch = pupil.batches.batch(step)
        making += time.perf_counter() - begun
        if precision == "plain":
            plain_loss(model, batch).backward()
        else:
            forward.learn(batch)
        for optimizer in optimizers.values():
            optimizer.step()
            optimizer.zero_grad()
    seconds = time.perf_counter() - started
    tokens = steps * settings.batch_size * settings.sequence_length
    return tokens / seconds, making / seconds


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print("| model | plain, float32 | ours, float32 | ours, bfloat16 | batch making |")
    print("|---|---:|---:|---:|---:|")
    for name in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            found = {
                precision: measure(name, precision, steps, Path(folder))
                for precision in ("plain", "float32", "bfloat16")
            }
        speeds = " | ".join(f"{speed:,.0f}" for speed, _ in found.values())
        print(f"| {name} | {speeds} | {found['bfloat16'][1]:.0%} |")


if __name__ == "__main__":
    main()
