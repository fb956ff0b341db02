"""recipe=sft beside trl as it comes, on the same examples: tokens a second and memory.

    python benchmarks/finetuning.py [UPDATES] [THREADS]

Both train all weights of `tiny` in float32 by trl's SFTTrainer, 32 examples an update. Ours makes
examples as they are asked for and projects labelled positions alone; as it comes, trl tokenizes and
masks a whole data set first and, on a processor, projects every position to the vocabulary.
Each runs in a process of its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

ROWS = 32  # examples an update
MODEL = "data:models/tiny"


def ours(updates: int, threads: int, folder: Path) -> dict[str, float]:
    """The recipe, as the command runs it."""
    from tombench.models.base import Model
    from tombench.recipes.base import TrainingJob
    from tombench.recipes.sft import Sft
    from tombench.stories.examples import draw_examples

    recipe = Sft(
        steps=updates, batch_size=ROWS, accumulation=1, lora=None, learning_rate=1e-3,
        checkpoint_every=updates, threads=threads, warmup=0,
    )  # fmt: skip
    first: list[float] = []
    started = time.monotonic()
    job = TrainingJob(
        Model("tiny", MODEL, dtype="float32"),
        folder,
        seed=0,
        examples=draw_examples,
        progress=lambda done, total: first.append(time.monotonic() - started),
    )
    numbers = recipe.train(job)
    return {"tokens": numbers["tokens"], "seconds": first[-1] - first[0]}


def as_it_comes(updates: int, threads: int, folder: Path) -> dict[str, float]:
    """trl's trainer with its own preparation of the same prompts and completions."""
    import torch
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from tombench.models.base import Model
    from tombench.models.load import load_fresh
    from tombench.stories.examples import draw_examples

    torch.set_num_threads(threads)
    first: list[float] = []
    started = time.monotonic()
    loaded = load_fresh(Model("tiny", MODEL, dtype="float32"), "cpu")
    rows = []
    for update in range(updates):
        rng, texts = Random(f"completions/0/{update}"), []
        while len(texts) < ROWS:
            texts += draw_examples(rng, 0.0)
        rows += [{"prompt": one.prompt, "completion": one.answer} for one in texts[:ROWS]]

    class Clock(TrainerCallback):
        def on_step_end(self, *_: object, **__: object) -> None:
            first.append(time.monotonic() - started)

    config = SFTConfig(
        output_dir=str(folder), max_steps=updates, per_device_train_batch_size=ROWS,
        learning_rate=1e-3, bf16=False, use_cpu=True, gradient_checkpointing=False,
        report_to="none", disable_tqdm=True, save_strategy="no", warmup_steps=0,
    )  # fmt: skip
    trainer = SFTTrainer(
        model=loaded.network, args=config, train_dataset=Dataset.from_list(rows),
        processing_class=loaded.encoding.tokenizer, callbacks=[Clock()],
    )  # fmt: skip
    trainer.train()
    tokens = sum(map(len, trainer.train_dataset["input_ids"]))
    return {"tokens": tokens, "seconds": first[-1] - first[0]}


def main(updates: int, threads: int) -> None:
    """A row each."""
    print(f"{'':12} tokens/s   peak memory")
    for name in ("ours", "as_it_comes"):
        words = [sys.executable, __file__, name, str(updates), str(threads)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        speed = found["tokens"] * (updates - 1) / updates / found["seconds"]
        print(f"{name:12} {speed:8.0f} {found['memory']:9.0f} MiB")


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["as_it_comes"]):
        measure = {"ours": ours, "as_it_comes": as_it_comes}[sys.argv[1]]
        with tempfile.TemporaryDirectory() as made:
            numbers = measure(int(sys.argv[2]), int(sys.argv[3]), Path(made))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        print(json.dumps(numbers | {"memory": memory}))
    else:
        given = [int(word) for word in sys.argv[1:]]
        main(*(given + [40, 1][len(given) :]))
