"""Time one exact forward a cell of the games beside drawing its answers, as the study did.

    python benchmarks/choices.py [--model PATH] [--draws 300] [--cells 4]

The study reads a fresh prompt for each of 300 draws (temperature 0.8, top-k 50, top-p 0.9,
repetition penalty 1.1). Here each draw is one token, the letter; the study's loop also drew an end
of text, and more where a model went on. Draws with a shared prefix are those of `task.mode=sample`,
whose sampler has no penalty. Then the whole grid, 8 contexts x 4 games x 2 orders x 3 labelings, is
asked exactly.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from itertools import product

import torch

from tombench.backends.hf.backend import HfBackend
from tombench.backends.hf.server import HfServer
from tombench.models.base import Model
from tombench.schema import ChoiceRequest, GenerateRequest, Item, Sampling
from tombench.strategy.contexts import contexts
from tombench.strategy.payoffs import DILEMMAS
from tombench.strategy.telling import Presentation, instruction, presentations, tell

STUDY = Sampling(temperature=0.8, top_k=50, top_p=0.9, max_new_tokens=1)
PENALTY = 1.1
ITEM = Item(id="i", cluster="c", content=None)

Cell = tuple[str, Presentation]
"""A prompt, and how its actions are called."""


def grid() -> list[Cell]:
    """Every context but none, game, labeling and order: 192 prompts."""
    places = [one for one in contexts().values() if one.split != "none"]
    shown = presentations("cd", "xy", "blue_green")
    return [
        (f"{place.told(own)}\n\n{tell(game, own.labels, own.order)}\n{instruction(own)}", own)
        for place, game, own in product(places, DILEMMAS.values(), shown)
    ]


def exact(server: HfServer, cells: Sequence[Cell]) -> list[float]:
    """The probability that a sampler draws the first action, batch by batch as a run."""
    requests = [
        ChoiceRequest(ITEM, prompt, tuple((f" {x}", x) for x in own.labels), STUDY, PENALTY)
        for prompt, own in cells
    ]
    told = {}
    for batch in server.batches([[request] for request in requests]):
        told.update(zip(batch, server.choices([requests[n] for n in batch]), strict=True))
    return [told[n].sampled[0] for n in range(len(cells))]


def shared(server: HfServer, cells: Sequence[Cell], draws: int) -> list[float]:
    """The first action's share among draws that continue one prompt read once."""
    requests = [GenerateRequest(ITEM, prompt, STUDY, tuple(range(draws))) for prompt, _ in cells]
    shares = []
    for (_, own), response in zip(cells, server.generate(requests), strict=True):
        texts = [sample.text.strip() for sample in response.samples]
        shares.append(texts.count(own.labels[0]) / draws)
    return shares


def one_by_one(server: HfServer, cells: Sequence[Cell], draws: int) -> list[float]:
    """The same from a prompt that is read anew for each draw, by transformers."""
    encoding, shares = server.loaded.encoding, []
    for prompt, own in cells:
        ids = torch.tensor([encoding.encode(prompt)], device=server.loaded.device)
        texts = []
        for _ in range(draws):
            out = server.loaded.causal_lm.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=True,
                temperature=STUDY.temperature,
                top_k=STUDY.top_k,
                top_p=STUDY.top_p,
                repetition_penalty=PENALTY,
                max_new_tokens=1,
                pad_token_id=0,
            )
            texts.append(encoding.decode(out[0, ids.shape[1] :].tolist()).strip())
        shares.append(texts.count(own.labels[0]) / draws)
    return shares


def timed(name: str, cells: Sequence[Cell], run: Callable[[], list[float]]) -> list[float]:
    """Run, print one line, give the shares."""
    began = time.perf_counter()
    shares = run()
    seconds = time.perf_counter() - began
    each = seconds / len(cells)
    print(f"{name:26} {len(cells):4} cells {seconds:8.2f} s {each:9.4f} s a cell", flush=True)
    return shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="folder or Hub id; default: the embedded model tiny")
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--cells", type=int, default=4, help="cells that answers are drawn in")
    options = parser.parse_args()
    server = HfBackend().load(Model(name="tiny", path=options.model or "data:models/tiny"))
    cells = grid()
    few = cells[:: max(1, len(cells) // options.cells)][: options.cells]
    lengths = [len(server.loaded.encoding.encode(prompt)) for prompt, _ in cells]
    print(f"{statistics.mean(lengths):.0f} tokens a prompt, {torch.get_num_threads()} threads")
    exact(server, few[:1])  # warm-up
    told = timed("exact", few, lambda: exact(server, few))
    timed(f"{options.draws} draws, shared", few, lambda: shared(server, few, options.draws))
    drawn = timed(
        f"{options.draws} draws, one by one", few, lambda: one_by_one(server, few, options.draws)
    )
    apart = statistics.mean(abs(one - other) for one, other in zip(told, drawn, strict=True))
    print(f"the first action: exact {statistics.mean(told):.3f}, drawn one by one {apart:.3f} off")
    timed("exact, the whole grid", cells, lambda: exact(server, cells))


if __name__ == "__main__":
    main()
