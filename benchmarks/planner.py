"""The scaled planner's way of scoring beside ours: the same prompts, models and log-probabilities.

    python benchmarks/planner.py [QUESTIONS_A_TYPE] [THREADS]

The study's way: one prompt and one action at a time; each model reads the whole prompt and gives the
logits of every position; three full passes a prompt; nothing is shared, and what was asked before is
asked again. Ours: weak-to-strong as the command runs it, token by token. Large is `small`, tuned is
`tiny` with an adapter of random weights (what it is worth does not matter here), untuned is `tiny`.
Questions of our simulator in the study's strings, alpha 1; each way in a process of its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ALPHA = 1.0
WAYS = ("study", "ours")


def adapter(folder: Path) -> Path:
    """A LoRA adapter of `tiny` whose weights are random and do something."""
    import torch
    from peft import LoraConfig, get_peft_model

    from tombench.models.base import Model
    from tombench.models.load import load_fresh

    torch.manual_seed(0)
    network = load_fresh(Model("tiny", "data:models/tiny", dtype="float32"), "cpu").network
    tuned = get_peft_model(network, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear"))
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.02)
    tuned.save_pretrained(folder)
    config = folder / "adapter_config.json"
    known = json.loads(config.read_text(encoding="utf-8"))
    known["base_model_name_or_path"] = "data:models/tiny"
    config.write_text(json.dumps(known), encoding="utf-8")
    return folder


def models(folder: Path) -> dict[str, Any]:
    """By role."""
    from tombench.models.base import Model

    return {
        "tuned": Model("tiny", "data:models/tiny", dtype="float32", adapter=str(folder)),
        "large": Model("small", "data:models/small", dtype="float32"),
        "untuned": Model("tiny", "data:models/tiny", dtype="float32"),
    }


def prompts(per_type: int) -> list[list[tuple[str, str]]]:
    """Of each question, what the study's rule asks: prompt and action."""
    from tombench.household.suite import HouseholdSuite
    from tombench.planning.study.prompts import study_requests
    from tombench.planning.study.representations import represent

    episodes = HouseholdSuite("benchmark", per_type, "home", controls=False).episodes()
    return [
        [(one.prompt, one.continuation) for one in study_requests(represent(episode))]
        for episode in episodes
    ]


def by_the_study(per_type: int, folder: Path) -> dict[str, Any]:
    """One prompt, one action, three models, all logits."""
    import torch

    from tombench.models.load import load_fresh

    asked = prompts(per_type)
    loaded = {role: load_fresh(model, "cpu") for role, model in models(folder).items()}
    counted, found = [0, 0], []
    started = time.monotonic()
    for question in asked:
        for prompt, action in question:
            encoding = loaded["large"].encoding
            before, (after,) = encoding.pairs(prompt, [action])
            ids = torch.tensor([[*before, *after]])
            logits = {}
            for role, one in loaded.items():
                with torch.no_grad():
                    logits[role] = one.network(ids).logits
                counted[0] += 1
                counted[1] += ids.shape[1]
            mixed = logits["large"] + ALPHA * (logits["tuned"] - logits["untuned"])
            rows = mixed[0, len(before) - 1 : -1].float().log_softmax(-1)
            found.append(rows[range(len(after)), after].sum().item())
    seconds = time.monotonic() - started
    return {"seconds": seconds, "questions": len(asked), "passes": counted[0],
            "tokens": counted[1], "scores": found}  # fmt: skip


def by_ours(per_type: int, folder: Path) -> dict[str, Any]:
    """As the command does it: distinct prompts, in batches, beginnings read once."""
    import torch

    from tombench.backends.hf.backend import HfBackend
    from tombench.backends.several.roles import TOKENS
    from tombench.backends.several.server import several_server
    from tombench.schema import Item, LikelihoodRequest

    asked = prompts(per_type)
    server = several_server(HfBackend(device="cpu"), models(folder), None, (ALPHA,))
    counted = [0, 0]

    def count(module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        ids = kwargs.get("input_ids", args[0] if args else None)
        counted[0] += 1
        counted[1] += ids.numel()

    for network in {
        id(s.loaded.causal_lm): s.loaded.causal_lm for s in _hf_servers(server)
    }.values():
        network.register_forward_pre_hook(count, with_kwargs=True)
    started = time.monotonic()
    requests = []
    for number, question in enumerate(asked):
        item = Item(str(number), str(number), None)
        distinct = dict.fromkeys(question)
        requests.append([LikelihoodRequest(item, p, (a,), TOKENS) for p, a in distinct])
    answers: dict[tuple[str, str], float] = {}
    for batch in server.batches(requests):
        own = [request for index in batch for request in requests[index]]
        for request, response in zip(own, server.loglikelihood(own), strict=True):
            answers[request.context, request.continuations[0]] = response.log_likelihoods[0]
    seconds = time.monotonic() - started
    scores = [answers[one] for question in asked for one in question]
    return {"seconds": seconds, "questions": len(asked), "passes": counted[0],
            "tokens": counted[1], "scores": scores}  # fmt: skip


def _hf_servers(server: Any) -> list[Any]:
    return [one for one in server.servers.values() if hasattr(one, "loaded")]


def main() -> None:
    """Both ways, and what they come to."""
    per_type = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        adapter(Path(folder))
        for way in WAYS:
            command = [sys.executable, __file__, way, str(per_type), str(threads), folder]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                sys.exit(done.stderr)
            results[way] = json.loads(done.stdout.splitlines()[-1])
    study, ours = results["study"], results["ours"]
    for way, found in results.items():
        rate = found["questions"] / found["seconds"]
        print(
            f"{way:6} {rate:8.2f} questions/s  {found['passes']:7,} forward passes "
            f"{found['tokens']:10,} tokens  {found['mib']:6,.0f} MiB  {found['seconds']:7.1f} s"
        )
    apart = max(abs(a - b) for a, b in zip(study["scores"], ours["scores"], strict=True))
    print(f"{study['seconds'] / ours['seconds']:.1f} times as many questions a second; "
          f"log-probabilities differ by at most {apart:.1e}")  # fmt: skip


def worker(way: str, per_type: int, threads: int, folder: Path) -> None:
    """One way in this process."""
    import torch

    torch.set_num_threads(threads)
    found = (by_the_study if way == "study" else by_ours)(per_type, folder)
    found["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in WAYS:
        worker(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
