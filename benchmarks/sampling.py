"""Time the vignette study's sampling loop beside ours: same model, same prompts, same lengths.

    python benchmarks/sampling.py [--model PATH] [--repetitions 20] [--prompts 16]

The study draws one sample at a time with `model.generate` (temperature 0.4, top-k 50, top-p 0.95,
128 new tokens); ours draws a prompt's samples from one prefill. End tokens are switched off in
both, so that each draws as many tokens. Without --model, a random Llama of 1 M parameters.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tombench.backends.hf.backend import HfBackend
from tombench.backends.hf.server import HfServer
from tombench.models.base import Model
from tombench.schema import GenerateRequest, Item, Sampling

STUDY = Sampling(temperature=0.4, top_k=50, top_p=0.95, max_new_tokens=128)
STORY = (
    "Ilse is the night guard of a small harbour museum. Ilse hangs the brass key on the left hook"
    " and goes up to the gallery. A carpenter, who needs the left hook for his coat, moves the"
    " brass key to the right hook. "
)


def random_model(folder: Path) -> Path:
    """Save a random Llama of about 1 M parameters with a byte tokenizer; its folder."""
    torch.manual_seed(0)
    shape = dict(vocab_size=2048, hidden_size=128, intermediate_size=384, num_hidden_layers=4)
    heads = dict(num_attention_heads=4, max_position_embeddings=2048, tie_word_embeddings=True)
    LlamaForCausalLM(LlamaConfig(**shape, **heads)).save_pretrained(folder)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=core).save_pretrained(folder)
    return folder


def one_by_one(server: HfServer, requests: list[GenerateRequest]) -> int:
    """The study's loop; how many tokens it drew."""
    tokens = 0
    for request in requests:
        ids = torch.tensor([server.loaded.encoding.encode(request.prompt)])
        for _ in request.seeds:
            out = server.loaded.causal_lm.generate(
                ids.to(server.loaded.device),
                attention_mask=torch.ones_like(ids).to(server.loaded.device),
                do_sample=True,
                temperature=STUDY.temperature,
                top_k=STUDY.top_k,
                top_p=STUDY.top_p,
                max_new_tokens=STUDY.max_new_tokens,
                eos_token_id=None,
                pad_token_id=0,
            )
            tokens += out.shape[1] - ids.shape[1]
    return tokens


def batched(server: HfServer, requests: list[GenerateRequest]) -> int:
    """Our loop, batch by batch as a run does; how many tokens it drew."""
    tokens = 0
    for batch in server.batches([[request] for request in requests]):
        responses = server.generate([requests[index] for index in batch])
        tokens += sum(sample.tokens for response in responses for sample in response.samples)
    return tokens


def timed(
    name: str,
    run: Callable[[HfServer, list[GenerateRequest]], int],
    server: HfServer,
    requests: list[GenerateRequest],
) -> float:
    """Run, print one line, give samples a second."""
    run(server, requests[:1])  # warm-up
    began = time.perf_counter()
    tokens = run(server, requests)
    seconds = time.perf_counter() - began
    samples = sum(len(request.seeds) for request in requests)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # KiB on Linux
    print(
        f"{name:12} {samples:5} samples {seconds:8.2f} s {samples / seconds:8.2f} samples/s"
        f" {tokens / seconds:9.0f} new tokens/s   peak RSS {peak:.0f} MiB"
    )
    return samples / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="folder or Hub id; default: a random 1 M Llama")
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--prompts", type=int, default=16)
    parser.add_argument("--batch-tokens", type=int, default=HfBackend().batch_tokens)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.model or str(random_model(Path(folder)))
        server = HfBackend(batch_tokens=options.batch_tokens).load(Model(name="bench", path=path))
    server.loaded.__dict__["stop_tokens"] = ()  # no end-of-text luck
    server.loaded.causal_lm.generation_config.eos_token_id = None
    item = Item(id="i", cluster="c", content=None)
    requests = [
        GenerateRequest(item, f"{n}. {STORY}", STUDY, tuple(range(options.repetitions)))
        for n in range(options.prompts)
    ]
    size = server.loaded.weights_bytes / 2**20
    print(f"{size:.1f} MiB of weights, {torch.get_num_threads()} threads")
    ours = timed("ours", batched, server, requests)
    study = timed("study's loop", one_by_one, server, requests)
    print(f"ratio {ours / study:.1f}")


if __name__ == "__main__":
    main()
