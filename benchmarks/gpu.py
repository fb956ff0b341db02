"""A model of real size on one GPU: speed and memory of every stage, beside the plain way.

    python benchmarks/gpu.py [--shape llama3-8b|toy] [--device cuda|cpu] [CASE ...]

The weights are random, in the shape of Llama-3-8B, so what is measured is time and memory alone;
the tokenizer is the embedded models'. Each case is a process of its own that runs one `tombench`
command. Seconds leave out loading the weights, which stands beside them. Memory is the most that
torch had allocated on the device. Estimates are what `dry_run=true` says before. Takes six minutes
on an H100; `--shape toy --device cpu` tries the script itself in two.
"""

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

SHAPES = {
    "llama3-8b": {"vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
                  "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8},
    "toy": {"vocab_size": 2048, "hidden_size": 64, "intermediate_size": 128,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2},
}  # fmt: skip
DRAW = ("task=vignettes", "limit=8")  # 20 answers of 128 tokens each, and both options
SCORE = ("task=vignettes", "task.suite=generated", "task.sets=10")
SFT = (
    "stage=finetune", "task=vignettes", "recipe=sft", "recipe.steps=8", "recipe.batch_size=8",
    "recipe.accumulation=1", "recipe.warmup=0", "recipe.checkpoint_every=8",
)  # fmt: skip
NF4 = ("model.quantization=nf4",)
CASES = {
    "draw 160 answers": DRAW,
    "draw 160 answers, nf4": (*DRAW, *NF4),
    "score stories": SCORE,
    "train by LoRA": SFT,
    "train by QLoRA": (*SFT, *NF4),
}
GRADIENTS = {"squared gradients, one by one": 1, "squared gradients, 2048 tokens at once": 2048}
"""Tokens read at once, of windows of 128 that all count; sums in float32, nothing is written."""
WINDOWS = 32
PLAIN = "plain: 8 answers one by one"
GIB = 2**30


def saved(shape: str, device: str, folder: Path) -> Path:
    """Random weights in bfloat16 with the embedded tokenizer; made once."""
    if (folder / "config.json").is_file():
        return folder
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    from tombench.datafile import EMBEDDED

    tokenizer = AutoTokenizer.from_pretrained(EMBEDDED / "models" / "tiny")
    torch.manual_seed(0)
    config = LlamaConfig(
        **SHAPES[shape], max_position_embeddings=8192, rope_theta=500000.0,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id, dtype="bfloat16",
    )  # fmt: skip
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        network = LlamaForCausalLM(config)
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def run_case(name: str, model: Path, device: str) -> dict[str, float | None]:
    """One command in this process: seconds without loading, loading, memory, its estimate."""
    import torch

    from tombench import cli
    from tombench.models import load as loading

    loads: list[float] = []
    load = loading.load

    def timed(*args, **kwargs):
        start = time.monotonic()
        try:
            return load(*args, **kwargs)
        finally:
            loads.append(time.monotonic() - start)

    loading.load = timed
    with tempfile.TemporaryDirectory() as root:
        words = [*CASES[name], "model=local", f"model.path={model}", f"output_root={root}"]
        words += ["quiet=true", "debug=true"]
        estimate = None
        if "stage=finetune" not in words and "stage=prepare" not in words:
            words.append(f"backend.device={device}")
            told = io.StringIO()
            with redirect_stdout(told):
                cli.run([*words, "dry_run=true"])
            if found := re.search(r"about ([\d.]+) (MiB|GiB) at the peak", told.getvalue()):
                estimate = float(found[1]) / (1 if found[2] == "GiB" else 1024)
        before = sum(loads)
        start = time.monotonic()
        status = cli.run(words)
        seconds = time.monotonic() - start - (sum(loads) - before)
        if status:
            raise SystemExit(f"{name}: status {status}")
        work = _work(Path(root))
    peak = torch.cuda.max_memory_allocated() / GIB if device == "cuda" else None
    return {"seconds": seconds, "load": sum(loads), "peak": peak, "estimate": estimate} | work


def _work(root: Path) -> dict[str, float]:
    """How much was done, from the runs' own files."""
    done: dict[str, float] = {}
    for file in root.rglob("run.json"):
        run = json.loads(file.read_text(encoding="utf-8"))
        done["records"] = done.get("records", 0) + run.get("records", 0)
        done["tokens"] = done.get("tokens", 0) + (run.get("drawn") or {}).get("answer_tokens", 0)
        for name, value in (run.get("results") or {}).items():
            done[name] = value
    return done


def run_gradients(name: str, path: Path, device: str) -> dict[str, float | None]:
    """Add up squared gradients of random windows, as `masking.gathering` does."""
    from random import Random

    import torch

    from tombench.masking.batching import linear_modules, spans
    from tombench.masking.memory import Reading, gradient_memory
    from tombench.masking.names import layer_matrices, weights_by_name
    from tombench.masking.per_sample import in_batches
    from tombench.masking.squared_gradients import Sample, chosen_weights, one_by_one
    from tombench.models.base import Model
    from tombench.models.load import load

    start = time.monotonic()
    network = load(Model("random", str(path), dtype="bfloat16"), device).causal_lm
    loaded = time.monotonic() - start
    weights = chosen_weights(weights_by_name(network), layer_matrices(network))
    sums = {name: torch.zeros_like(one, dtype=torch.float32) for name, one in weights.items()}
    modules = {key: layer for key, layer in linear_modules(network).items() if key in weights}
    random = Random(0)
    samples = [Sample(random.choices(range(2048), k=128)) for _ in range(WINDOWS)]
    batch = GRADIENTS[name]
    ways = one_by_one(network, weights, sums, False) if batch == 1 else None
    start = time.monotonic()
    with ways or in_batches(network, modules, sums, False) as add:
        for first, stop in spans([128] * WINDOWS, 0, WINDOWS, batch):
            add(samples[first:stop], first)
    cuda = device == "cuda"
    if cuda:
        torch.cuda.synchronize()
    seconds = time.monotonic() - start
    rows = max(1, batch // 128)
    size = sum(one.numel() * one.element_size() for one in network.parameters())
    shapes = {key: tuple(one.shape) for key, one in weights.items()}
    reading = Reading(128 * rows, 128 * rows, network.config.vocab_size)
    return {
        "seconds": seconds,
        "load": loaded,
        "peak": torch.cuda.max_memory_allocated() / GIB if cuda else None,
        "estimate": gradient_memory(size, shapes, reading).total / GIB,
        "samples": WINDOWS,
    }


def run_plain(model: Path, device: str) -> dict[str, float]:
    """The study's loop: `generate` on one prompt at a time, as its scripts ask it."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    start = time.monotonic()
    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.bfloat16).to(device)
    load = time.monotonic() - start
    ids = tokenizer("Nia puts the towel in the basket and goes out. " * 8, return_tensors="pt")
    ids = ids.to(device)
    asked = dict(do_sample=True, temperature=0.4, top_k=50, top_p=0.95, max_new_tokens=128)
    network.generate(**ids, **asked)
    start = time.monotonic()
    tokens = sum(
        network.generate(**ids, **asked).shape[1] - ids["input_ids"].shape[1] for _ in range(8)
    )
    seconds = time.monotonic() - start
    peak = torch.cuda.max_memory_allocated() / GIB if device == "cuda" else None
    return {"seconds": seconds, "load": load, "peak": peak, "records": 8, "tokens": tokens}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help=", ".join([*CASES, *GRADIENTS, PLAIN])
    )
    parser.add_argument("--shape", choices=SHAPES, default="llama3-8b")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--model", type=Path, default=Path(tempfile.gettempdir()) / "random-llama")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        if options.one == PLAIN:
            found = run_plain(options.model, options.device)
        else:
            run = run_gradients if options.one in GRADIENTS else run_case
            found = run(options.one, options.model, options.device)
        print("CASE " + json.dumps({"case": options.one} | found), flush=True)
        return
    start = time.monotonic()
    model = saved(options.shape, options.device, options.model / options.shape)
    print(f"weights in {model}: {time.monotonic() - start:.1f} s", flush=True)
    for name in options.cases or [*CASES, *GRADIENTS, PLAIN]:
        words = ["--one", name, "--device", options.device, "--model", str(model)]
        subprocess.run([sys.executable, __file__, *words], check=False)


if __name__ == "__main__":
    main()
