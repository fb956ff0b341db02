"""The plan of batches, halving, and what a dry run says."""

import subprocess
import sys

import pytest
import torch
from hf_models import PROMPTS, drawing, network, saved, scoring, server, tokenizer

from tombench.backends.hf import decoding, measuring
from tombench.backends.hf.backend import HfBackend
from tombench.backends.hf.batching import Size, halving, plan
from tombench.backends.hf.cache import RoomyLayer, with_room
from tombench.backends.hf.sizing import item_size
from tombench.errors import RunFailed
from tombench.models.base import Model


def test_a_plan_holds_everything_once_within_the_budget():
    sizes = [Size(rows=1 + i % 4, length=10 + (7 * i) % 50) for i in range(40)]
    batches = plan(sizes, budget=300)
    assert sorted(index for batch in batches for index in batch) == list(range(40))
    for batch in batches:
        rows = sum(sizes[i].rows for i in batch)
        assert rows * max(sizes[i].length for i in batch) <= 300
    assert len(batches) < 20


def test_a_piece_over_the_budget_is_a_batch_of_its_own():
    assert plan([Size(1, 10), Size(50, 10), Size(1, 10)], budget=100) == [[0], [1], [2]]
    assert plan([], budget=100) == []


def test_a_server_plans_by_what_it_will_read_and_draw():
    run = server(saved("llama"), batch_tokens=200)
    items = [[drawing(p, seeds=(1, 2), new=10), scoring(p, " Yes", " No")] for p in PROMPTS]
    tokens = [len(tokenizer().encode(p)) for p in PROMPTS]
    assert item_size(run.loaded, items[2]) == Size(rows=2, length=tokens[2] + 10)
    long = scoring(PROMPTS[2], ".", " almond milk", " almond milk or coffee")
    drawn = len(tokenizer().encode(" almond milk or coffee"))
    assert item_size(run.loaded, [long]) == Size(rows=3, length=tokens[2] + drawn - 1)
    assert sorted(i for batch in run.batches(items) for i in batch) == list(range(len(items)))
    assert run.batches(items) == server(saved("llama"), batch_tokens=200).batches(items)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"
        ),
    ],
)
def test_halving_goes_on_in_order(error):
    tried, told = [], []

    def run(rows):
        tried.append(len(rows))
        if len(rows) > 2:
            raise error
        return [row * 10 for row in rows]

    assert halving(run, [1, 2, 3, 4, 5], lambda: told.append(1)) == [10, 20, 30, 40, 50]
    assert tried == [5, 2, 3, 1, 2]
    assert len(told) == 2


def test_halving_leaves_other_errors_alone_and_ends_at_one_row():
    def broken(rows):
        raise RuntimeError("shapes differ")

    def full(rows):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(RuntimeError, match="shapes differ"):
        halving(broken, [1, 2], lambda: None)
    with pytest.raises(RunFailed, match="single sequence"):
        halving(full, [1, 2], lambda: None)


def test_the_roomy_cache_grows_in_place_and_leaves_the_first_alone():
    ids = torch.tensor([tokenizer().encode(PROMPTS[2])])
    with torch.inference_mode():
        first = network("llama")(ids[:, :-2], use_cache=True).past_key_values
        before = first.layers[0].keys.clone()
        copies = with_room(first, torch.tensor([0, 0, 0]), room=2)
        assert isinstance(copies.layers[0], RoomyLayer)
        storage = copies.layers[0].keys.data_ptr()
        rest = ids[:, -2:].expand(3, -1)
        logits = network("llama")(rest, past_key_values=copies).logits[:, -1]
        full = network("llama")(ids).logits[:, -1]
    assert copies.layers[0].keys.data_ptr() == storage
    assert torch.equal(first.layers[0].keys, before)
    torch.testing.assert_close(logits, full.expand(3, -1), atol=1e-4, rtol=0)


def test_finished_rows_leave_the_batch(monkeypatch):
    run = server(saved("llama"))
    requests = [drawing(p, seeds=tuple(range(20)), temperature=2.0, new=40) for p in PROMPTS[:4]]
    wanted = [s.tokens for r in run.generate(requests) for s in r.samples]
    widths = []
    forward = decoding.forward
    monkeypatch.setattr(
        decoding,
        "forward",
        lambda loaded, ids, *rest, **more: (
            widths.append(len(ids)) or forward(loaded, ids, *rest, **more)
        ),
    )
    run.loaded.__dict__["stop_tokens"] = tuple(range(2, 376, 12))  # one token in twelve ends
    try:
        ended = [s.tokens for r in run.generate(requests) for s in r.samples]
    finally:
        del run.loaded.__dict__["stop_tokens"]
    assert widths[0] > 40 and widths[-1] < widths[0] / 4
    assert widths == sorted(widths, reverse=True)
    assert all(less <= most for less, most in zip(ended, wanted, strict=True))


@pytest.mark.parametrize("patience", [0, 1e9])  # cut runs alone; whole batches
def test_an_estimate_counts_and_extrapolates(monkeypatch, patience):
    def seconds(server, batch):
        """A machine whose time is known: a prompt costs as much as ten steps of a row."""
        return sum(len(r.seeds) * (10 + r.sampling.max_new_tokens) for own in batch for r in own)

    monkeypatch.setattr(measuring, "_timed", seconds)
    monkeypatch.setattr(measuring, "PATIENCE", patience)
    run = server(saved("llama"), batch_tokens=400)
    items = [[drawing(p, seeds=tuple(range(8)), temperature=1.0, new=60)] for p in PROMPTS * 4]
    estimate = run.estimate(items)
    assert estimate.prompt_tokens == sum(len(tokenizer().encode(p)) for p in PROMPTS)
    assert estimate.new_tokens == len(items) * 8 * 60
    assert estimate.weights_bytes == 4 * network("llama").num_parameters()
    assert estimate.seconds == pytest.approx(seconds(run, items), rel=0.3)


def test_an_estimate_runs_real_batches():
    items = [[drawing(p, new=30), scoring(p, " Yes")] for p in PROMPTS]
    estimate = server(saved("llama"), batch_tokens=100).estimate(items)
    assert estimate.seconds > 0
    assert "run whole" in estimate.how


def test_an_estimate_of_nothing_is_nothing():
    estimate = server(saved("llama")).estimate([])
    assert (estimate.prompt_tokens, estimate.new_tokens, estimate.seconds) == (0, 0, 0.0)


def test_the_same_model_is_loaded_once():
    backend = HfBackend(device="cpu")
    first = backend.load(Model(name="a", path=str(saved("gpt2"))))
    again = backend.load(Model(name="a", path=str(saved("gpt2"))))
    other = backend.load(Model(name="a", path=str(saved("opt"))))
    assert first.loaded is again.loaded
    assert other.loaded is not first.loaded


def test_settings_alone_import_nothing_heavy():
    code = (
        "import sys; from tombench.backends.hf.backend import HfBackend; HfBackend();"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
