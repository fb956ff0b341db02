"""One side of `benchmarks/lm_evaluation_harness.py`: load a model, then time what is asked.

    python benchmarks/scoring_worker.py ours|lm-eval MODEL BATCH THREADS

Reads lists of questions (JSON, one a line) from standard input, answers each on standard output.
Runs in an environment of either side, so it imports nothing of the other's.
"""

import json
import os
import resource
import sys
import time
from typing import Any, Protocol

Questions = list[tuple[str, list[str]]]  # context, options
Answers = list[tuple[float, bool]]  # log-likelihood and greedy, option after option


class Side(Protocol):
    def answer(self, questions: Questions) -> Answers: ...


class Ours:
    """The hf backend, batch by batch as a run goes."""

    def __init__(self, model: str, batch: str) -> None:
        from tombench.backends.hf.backend import HfBackend
        from tombench.models.base import Model
        from tombench.schema import Item

        settings = HfBackend(device="cpu", batch_tokens=int(batch))
        self.server = settings.load(Model(name="bench", path=model, dtype="float32"))
        self.item = Item(id="i", cluster="c", content=None)

    def answer(self, questions: Questions) -> Answers:
        from tombench.schema import LikelihoodRequest

        asked = [LikelihoodRequest(self.item, text, tuple(own)) for text, own in questions]
        found: dict[int, Answers] = {}
        for batch in self.server.batches([[request] for request in asked]):
            responses = self.server.loglikelihood([asked[index] for index in batch])
            for index, response in zip(batch, responses, strict=True):
                own = zip(response.log_likelihoods, response.greedy, strict=True)
                found[index] = list(own)
        return [answer for index in range(len(asked)) for answer in found[index]]


class LmEval:
    """The harness's own transformers model; its loglikelihood is what its tasks call."""

    def __init__(self, model: str, batch: str) -> None:
        from lm_eval.models.huggingface import HFLM

        size = batch if batch == "auto" else int(batch)
        self.model = HFLM(pretrained=model, device="cpu", dtype="float32", batch_size=size)

    def answer(self, questions: Questions) -> Answers:
        from lm_eval.api.instance import Instance

        pairs = [(text, option) for text, own in questions for option in own]
        asked = [
            Instance(request_type="loglikelihood", doc={}, arguments=pair, idx=index)
            for index, pair in enumerate(pairs)
        ]
        return self.model.loglikelihood(asked, disable_tqdm=True)


def main() -> None:
    side, model, batch, threads = sys.argv[1:]
    told, sys.stdout = sys.stdout, sys.stderr  # the harness prints on standard output
    worker: Side = {"ours": Ours, "lm-eval": LmEval}[side](model, batch)

    import torch

    torch.set_num_threads(int(threads))

    def tell(**fields: Any) -> None:
        print(json.dumps(fields), file=told, flush=True)

    tell(ready=True, pid=os.getpid())
    for line in sys.stdin:
        questions = json.loads(line)
        began, used = time.perf_counter(), time.process_time()
        answers = worker.answer(questions)
        seconds, cpu = time.perf_counter() - began, time.process_time() - used
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # KiB on Linux
        tell(seconds=seconds, cpu=cpu, answers=answers, peak=peak)


if __name__ == "__main__":
    main()
