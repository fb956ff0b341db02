"""The scaled planner's way of scoring beside ours: the same prompts, models and log-probabilities.

    python benchmarks/planner.py [QUESTIONS_A_TYPE] [THREADS]

Three ways to answer the same questions of our simulator with the same three models, alpha 1:

study    the study's way: one prompt and one action at a time; each model reads the whole prompt
         and gives the logits of every position; nothing is shared, what was asked before is asked
         again
shared   the same prompts and actions by our server: distinct ones, in batches, common beginnings
         read once, logits where they are needed; the same log-probabilities
command  as task=mmtom asks by default, token by token: what was decided, in short prompts

Large is `small`, tuned is `tiny` with an adapter of random weights (what it is worth does not
matter here), untuned is `tiny`. Each way runs in a process of its own.
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
WAYS = ("study", "shared", "command")


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
    counted, found = count_passes(), []
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
            mixed = logits["large"] + ALPHA * (logits["tuned"] - logits["untuned"])
            rows = mixed[0, len(before) - 1 : -1].float().log_softmax(-1)
            found.append(rows[range(len(after)), after].sum().item())
    seconds = time.monotonic() - started
    return {"seconds": seconds, "questions": len(asked), "passes": counted[0],
            "tokens": counted[1], "scores": found}  # fmt: skip


def by_sharing(per_type: int, folder: Path) -> dict[str, Any]:
    """The study's prompts by our server."""
    from tombench.backends.several.roles import TOKENS
    from tombench.schema import Item, LikelihoodRequest

    asked = prompts(per_type)
    requests = [
        [
            LikelihoodRequest(Item(str(number), str(number), None), prompt, (action,), TOKENS)
            for prompt, action in dict.fromkeys(question)
        ]
        for number, question in enumerate(asked)
    ]
    found = served(requests, folder)
    scores = [found["answers"][one] for question in asked for one in question]
    return {**found, "scores": scores, "answers": None}


def by_command(per_type: int, folder: Path) -> dict[str, Any]:
    """What the command asks."""
    from tombench.household.suite import HouseholdSuite
    from tombench.planning.inference import paths
    from tombench.planning.policies.language_model import WeakToStrong
    from tombench.schema import Item
    from tombench.tasks.planner_asking import requests_of

    policy = WeakToStrong(alpha=ALPHA, sweep=(), over="tokens")
    episodes = HouseholdSuite("benchmark", per_type, "home", controls=False).episodes()
    items = [Item(one.id, one.cluster, one) for one in episodes]
    requests = [requests_of(policy, item, paths(item.content).all) for item in items]
    return {**served(requests, folder), "scores": [], "answers": None}


def served(requests: list[list[Any]], folder: Path) -> dict[str, Any]:
    """Answers of all requests, and what they took; loading is not counted."""
    from tombench.backends.hf.backend import HfBackend
    from tombench.backends.several.server import several_server

    server = several_server(HfBackend(device="cpu"), models(folder), None, (ALPHA,))
    counted = count_passes()
    started = time.monotonic()
    answers: dict[tuple[str, str], float] = {}
    for batch in server.batches(requests):
        own = [request for index in batch for request in requests[index]]
        for request, response in zip(own, server.loglikelihood(own), strict=True):
            answers[request.context, request.continuations[0]] = response.log_likelihoods[0]
    seconds = time.monotonic() - started
    return {"seconds": seconds, "questions": len(requests), "passes": counted[0],
            "tokens": counted[1], "answers": answers}  # fmt: skip


def count_passes() -> list[int]:
    """Forward passes and tokens (padding included) of every Llama of this process, from now on."""
    from transformers.models.llama.modeling_llama import LlamaModel

    counted, forward = [0, 0], LlamaModel.forward

    def counting(self: Any, input_ids: Any = None, *rest: Any, **named: Any) -> Any:
        counted[0] += 1
        counted[1] += input_ids.numel()
        return forward(self, input_ids, *rest, **named)

    LlamaModel.forward = counting
    return counted


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
    study = results["study"]
    for way, found in results.items():
        rate, times = found["questions"] / found["seconds"], study["seconds"] / found["seconds"]
        print(
            f"{way:8} {rate:8.2f} questions/s ({times:4.1f} times) "
            f"{found['passes']:7,} forward passes {found['tokens']:10,} tokens "
            f"{found['mib']:6,.0f} MiB {found['seconds']:7.1f} s"
        )
    pairs = zip(study["scores"], results["shared"]["scores"], strict=True)
    apart = max(abs(a - b) for a, b in pairs)
    print(f"study and shared: log-probabilities differ by at most {apart:.1e}")


def worker(way: str, per_type: int, threads: int, folder: Path) -> None:
    """One way in this process."""
    import torch

    torch.set_num_threads(threads)
    by = {"study": by_the_study, "shared": by_sharing, "command": by_command}
    found = by[way](per_type, folder)
    found["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in WAYS:
        worker(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
