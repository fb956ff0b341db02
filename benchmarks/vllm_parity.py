"""Put the same requests to backend=vllm and backend=hf, and compare log-probabilities and texts.

    .venv-vllm/bin/python benchmarks/vllm_parity.py --hf-python .venv/bin/python [--model PATH]

Run it in the environment that holds vLLM; `--hf-python` names the one whose transformers is to
answer (without it, this one's). Contexts share beginnings, options are of one token and of many,
and some begin with another option. Ends with 1 where a log-probability differs by more than 1e-3,
or a greedy flag or text at all.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from tombench.backends.base import Server
from tombench.backends.hf.backend import HfBackend
from tombench.backends.vllm.backend import VllmBackend
from tombench.models.base import Model
from tombench.schema import GenerateRequest, Item, LikelihoodRequest, Sampling

BOUND = 1e-3  # nats, of a sum over an option's tokens
ITEM = Item(id="i", cluster="c", content=None)
GREEDY = Sampling(temperature=0, top_k=0, top_p=1, max_new_tokens=32)
SCENES = [
    f"{name} puts the {thing} in the {first} and goes out. While {name} is away, {other} moves the"
    f" {thing} to the {second}. Then {name} comes back and wants the {thing}."
    for name, other, thing, first, second in (
        ("Anna", "Ben", "key", "drawer", "jar"),
        ("Omar", "Lena", "letter", "box", "basket"),
        ("Mia", "Tom", "apple", "bag", "cupboard"),
        ("Paul", "Ruth", "ring", "tin", "shoe"),
    )
]
ASKED = (
    "Question: Where is it now? Answer:",
    "Question: Is it where it was put? Answer:",
    "Question: Who moved it? Answer: ",
    "",
)
LONG = " It is where it was put at first, since nobody who is away can see that it was moved" * 8
OPTIONS = (
    " yes",
    " no",
    " Yes",
    " No",
    ".",
    " It is in the drawer.",
    " in the box, where it was put",
    LONG,
    LONG + ", and whoever comes back looks there before looking anywhere else.",
)


def answers(server: Server) -> dict[str, list]:
    """Log-probabilities, greedy flags, token counts and greedy texts."""
    contexts = [f"{scene} {question}" for scene in SCENES for question in ASKED]
    scored = server.loglikelihood([LikelihoodRequest(ITEM, c, OPTIONS) for c in contexts])
    drawn = server.generate([GenerateRequest(ITEM, c, GREEDY, (0, 1)) for c in contexts])
    errors = [response.error for response in [*scored, *drawn] if response.error]
    if errors:
        sys.exit(errors[0])
    return {
        "log_likelihoods": [value for response in scored for value in response.log_likelihoods],
        "greedy": [value for response in scored for value in response.greedy],
        "tokens": [value for response in scored for value in response.tokens],
        "samples": [asdict(sample) for response in drawn for sample in response.samples],
    }


def of_hf(python: str, words: list[str]) -> dict[str, list]:
    """What transformers answers in another interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.json"
        subprocess.run([python, __file__, *words, "--write", str(file)], check=True)
        return json.loads(file.read_text(encoding="utf-8"))


def compare(hf: dict[str, list], vllm: dict[str, list]) -> bool:
    """Print how far the two are apart; is it little enough?"""
    differences = [
        (abs(one - other), tokens)
        for one, other, tokens in zip(
            hf["log_likelihoods"], vllm["log_likelihoods"], hf["tokens"], strict=True
        )
    ]
    for name, some in (
        ("one token", [d for d, tokens in differences if tokens == 1]),
        ("several tokens", [d for d, tokens in differences if tokens > 1]),
    ):
        print(f"{len(some)} options of {name}: log-probabilities differ by at most {max(some):.1e}")
    print(f"longest option: {max(hf['tokens'])} tokens")
    same = {
        name: sum(one == other for one, other in zip(hf[name], vllm[name], strict=True))
        for name in ("tokens", "greedy", "samples")
    }
    for name, count in same.items():
        print(f"{name}: {count} of {len(hf[name])} equal")
    return max(differences)[0] <= BOUND and all(n == len(hf[k]) for k, n in same.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hf-python", default=sys.executable)
    parser.add_argument("--model", default="data:models/tiny")
    parser.add_argument("--adapter")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--write", help=argparse.SUPPRESS)
    args = parser.parse_args()
    model = Model(name="parity", path=args.model, adapter=args.adapter, dtype=args.dtype)
    if args.write:
        Path(args.write).write_text(json.dumps(answers(HfBackend().load(model))), encoding="utf-8")
        return
    words = ["--model", args.model, "--dtype", args.dtype]
    words += ["--adapter", args.adapter] if args.adapter else []
    hf = of_hf(args.hf_python, words)
    vllm = answers(VllmBackend(enforce_eager=True).load(model))
    sys.exit(0 if compare(hf, vllm) else 1)


if __name__ == "__main__":
    main()
