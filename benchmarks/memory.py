"""Put what a dry run says of memory beside the true peak of the same command.

    python benchmarks/memory.py [--large]

Each case is a command: once with dry_run=true, once run, as processes of their own. The true peak
is the most memory that the system gave the process (ru_maxrss). The last lines ask the same of 24
and 48 scenarios, whose peaks should not differ. --large adds a random Llama of 297 M parameters.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

UNITS = {"MiB": 1.0, "GiB": 1024.0}
DRAW = ("generation.max_new_tokens=8", "task.repetitions=20")
SCORE = ("task.repetitions=0", "prompting=cot")


@dataclass(frozen=True)
class Llama:
    """A random Llama with a vocabulary of 32,000; its tokens are bytes."""

    name: str
    hidden: int
    layers: int
    dtype: torch.dtype

    def saved(self, root: Path) -> Path:
        folder = root / self.name
        torch.manual_seed(0)
        config = LlamaConfig(
            vocab_size=32000,
            hidden_size=self.hidden,
            intermediate_size=self.hidden * 11 // 4,
            num_hidden_layers=self.layers,
            num_attention_heads=self.hidden // 64,
            max_position_embeddings=8192,
            eos_token_id=None,
            bos_token_id=None,
        )
        LlamaForCausalLM(config).to(self.dtype).save_pretrained(folder)
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        core = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
        core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        core.decoder = decoders.ByteLevel()
        PreTrainedTokenizerFast(tokenizer_object=core).save_pretrained(folder)
        return folder


SMALL = Llama("llama-65m", hidden=512, layers=10, dtype=torch.float32)
LARGE = Llama("llama-297m", hidden=1024, layers=18, dtype=torch.float32)
HALF = Llama("llama-297m-bf16", hidden=1024, layers=18, dtype=torch.bfloat16)


def peak(words: tuple[str, ...]) -> tuple[float, str]:
    """MiB at the peak of one command, and its standard output."""
    command = [sys.executable, "-m", "tombench", *words, "quiet=true", "backend.device=cpu"]
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(command, stdout=told)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"failed: {' '.join(command)}")
        told.seek(0)
        return used.ru_maxrss / 1024, told.read()  # KiB on Linux


def compare(name: str, words: tuple[str, ...]) -> float:
    """Print estimate and truth of one command; the truth in MiB."""
    with tempfile.TemporaryDirectory() as root:
        words = (*words, f"output_root={root}")
        said = peak((*words, "dry_run=true"))[1]
        number, unit = re.search(r"about ([\d.]+) (MiB|GiB) at the peak", said).groups()
        estimate, truth = float(number) * UNITS[unit], peak(words)[0]
    print(f"{name:44} {estimate:9.0f} {truth:9.0f} {estimate / truth:6.2f}", flush=True)
    return truth


def scenarios(count: int, root: Path) -> str:
    """A data file of so many short scenes."""
    entries = [
        {
            "id": f"s{n:03d}",
            "context": f"Ilse hangs key {n:03d} on the left hook and goes out. A carpenter moves"
            f" key {n:03d} to the right hook. Ilse comes back.",
            "question": f"Does Ilse believe that key {n:03d} is on the right hook?",
            "answer": "no",
        }
        for n in range(count)
    ]
    file = root / f"scenarios-{count}.json"
    file.write_text(json.dumps({"scenarios": entries}), encoding="utf-8")
    return f"task.data={file}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    print(f"{'MiB':44} {'estimate':>9} {'true':>9} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for tokens in (4096, 65536):
            batch = f"backend.batch_tokens={tokens}"
            compare(f"tiny, drawing, {batch}", (*DRAW, batch))
            compare(f"tiny, scoring, {batch}", (*SCORE, batch))
        for model in (SMALL, LARGE, HALF) if options.large else (SMALL,):
            words = ("model=local", f"model.path={model.saved(root)}")
            few = f"limit={4 if model is SMALL else 2}"
            for tokens in (4096, 16384) if model is SMALL else (4096,):
                batch = f"backend.batch_tokens={tokens}"
                compare(f"{model.name}, drawing, {batch}", (*words, *DRAW, few, batch))
                compare(f"{model.name}, scoring, {batch}", (*words, *SCORE, few, batch))
        for count in (24, 48):
            words = (scenarios(count, root), *DRAW, "backend.batch_tokens=8192")
            compare(f"tiny, drawing, {count} scenarios", words)


if __name__ == "__main__":
    main()
