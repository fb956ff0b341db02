"""Memory of a batch: formulas against hand-computed sizes and against real tensors."""

import pytest
import transformers
from hf_models import ARCHITECTURES, PROMPTS, drawing, saved, scoring, server, tokenizer

from tombench.backends.hf.backend import HfBackend
from tombench.backends.hf.batching import Size
from tombench.backends.hf.memory import FLOAT, Batch, Shape, peak, rows_at_once
from tombench.backends.hf.preview import HfPreview
from tombench.backends.hf.reading import prefill
from tombench.backends.hf.sizing import held
from tombench.models.base import Model

SHAPE = Shape(
    layers=3,
    hidden=8,
    intermediate=20,
    heads=4,
    head=2,
    cached_heads=2,
    vocabulary=50,
    width=2,
)
NONE = Size(0, 0)


@pytest.mark.parametrize("architecture", [*ARCHITECTURES, "mpt", "gpt_neo"])
def test_the_cache_is_as_large_as_the_formula_says(architecture):
    loaded = server(saved(architecture)).loaded
    ids = tuple(tokenizer().encode(PROMPTS[2]))[:7]
    cache = prefill(loaded, [ids, (5, *ids[1:])]).cache
    tensors = [t for layer in cache.layers for t in (layer.keys, layer.values)]
    shape = Shape.of(loaded.causal_lm.config, width=4)
    assert sum(t.nbytes for t in tensors) == shape.cache(2 * 7)
    assert (shape.layers, shape.hidden, shape.vocabulary) == (2, 32, 400)
    assert shape.intermediate == (
        128 if architecture in ("gptj", "gpt2", "bloom", "mpt", "gpt_neo") else 64
    )


@pytest.mark.parametrize(
    ("config", "cached", "head"),
    [
        (transformers.FalconConfig(hidden_size=64, num_attention_heads=8), 1, 8),
        (transformers.FalconConfig(num_attention_heads=8, multi_query=False), 8, 568),
        (
            transformers.FalconConfig(
                num_attention_heads=8, new_decoder_architecture=True, num_kv_heads=2
            ),
            *(2, 568),
        ),
        (transformers.GPTBigCodeConfig(n_embd=64, n_head=8), 1, 8),
        (transformers.MptConfig(d_model=64, n_heads=8), 8, 8),
        (transformers.Gemma4TextConfig(num_key_value_heads=2, head_dim=8), 2, 512),
    ],
)
def test_families_name_their_heads_in_their_own_ways(config, cached, head):
    shape = Shape.of(config, width=4)
    assert (shape.cached_heads, shape.head) == (cached, head)


def test_what_a_configuration_does_not_tell_is_not_known(monkeypatch):
    assert Shape.of(transformers.Mamba2Config(), width=4) is None
    model = Model(name="test", path=str(saved("llama")))
    items = [[drawing(PROMPTS[0])]]
    monkeypatch.setattr(Shape, "of", lambda *_: None)
    assert HfPreview(model, on_cpu=True, batch_tokens=600).estimate(items).memory_bytes is None
    assert HfBackend(device="cpu").load(model).estimate(items).memory_bytes is None


def test_parts_by_hand():
    assert SHAPE.cache(10) == 2 * 3 * (2 * 2) * 2 * 10
    assert SHAPE.logits(7) == 7 * 50 * 4
    # two rows read 5 tokens after 3: the feed-forward part is the larger; a mask of 2 x 5 x 8
    assert SHAPE.activations(2, 5, 3) == 10 * (3 * 8 + 3 * 20) * 2 + 2 * 5 * 8 * (FLOAT + 1)
    # a row reads 1 token after 99: copies of keys and values for every head are the larger
    queries = (3 * 8 + 3 * 8) * 2
    assert SHAPE.activations(1, 1, 99) == queries + 2 * 100 * 8 * 2 + 100 * (FLOAT + 1)


def test_the_peak_is_that_of_the_larger_kind():
    drawn = Batch(Size(2, 10), Size(40, 30), NONE, NONE)
    prompts = SHAPE.cache(20) + SHAPE.logits(2)
    rows = SHAPE.cache(40 * 30) + SHAPE.logits(40)
    assert peak(SHAPE, drawn) == prompts + rows + SHAPE.activations(40, 1, 30)
    scored = Batch(NONE, NONE, Size(2, 10), Size(6, 4))
    copies = SHAPE.cache(6 * 14)
    assert peak(SHAPE, scored) == prompts + copies + SHAPE.activations(6, 4, 10)
    both = Batch(drawn.prompts, drawn.drawn, scored.contexts, scored.options)
    assert peak(SHAPE, both) == max(peak(SHAPE, drawn), peak(SHAPE, scored))


def test_rows_at_once_are_bounded_by_tokens_and_by_logits():
    assert rows_at_once(budget=1000, width=100, scored=10, vocabulary=400) == 10
    assert rows_at_once(budget=10**6, width=100, scored=64, vocabulary=2**17) == 8
    assert rows_at_once(budget=10, width=100, scored=10, vocabulary=400) == 1


def test_what_a_batch_holds_is_counted_from_its_requests():
    loaded = server(saved("llama")).loaded
    tokens = [len(tokenizer().encode(prompt)) for prompt in PROMPTS[:2]]
    option = len(tokenizer().encode(" almond milk"))
    items = [
        [drawing(PROMPTS[0], seeds=(1, 2, 3), new=10), scoring(PROMPTS[0], ".")],
        [drawing(PROMPTS[1], seeds=(1, 2, 3), new=10), scoring(PROMPTS[1], " almond milk", ".")],
    ]
    drawn, *scored = held(loaded, items, budget=1000, vocabulary=400)
    assert drawn == Batch(Size(2, max(tokens)), Size(6, max(tokens) + 10), NONE, NONE)
    assert scored == [Batch(NONE, NONE, Size(2, max(tokens)), Size(1, option - 1))]
    tight = held(loaded, items, budget=2 * (max(tokens) + 10), vocabulary=400)
    assert tight[0].drawn.rows == 2


def test_scoring_is_counted_in_the_pieces_that_padding_cuts_it_into():
    """One forward at a time: the server's own plan, by the rows that it reads."""
    run = server(saved("llama"))
    long, short = PROMPTS[4], PROMPTS[3]
    requests = [scoring(f"{n} {text}", ".") for text in (long, short) for n in range(5)]
    _, *pieces = held(run.loaded, [[request] for request in requests], 16384, 400)
    assert [piece.contexts.rows for piece in pieces] == [6, 4]  # one short, then over FORWARD


def test_a_dry_run_tells_more_than_the_weights_and_more_for_larger_batches(monkeypatch):
    monkeypatch.setattr("tombench.backends.hf.measuring.resident", lambda: 10**6)
    monkeypatch.setattr("tombench.backends.hf.measuring.peak_so_far", lambda: 0)
    items = [[drawing(p, seeds=tuple(range(20)), temperature=1.0, new=30)] for p in PROMPTS * 4]
    small, large = (
        server(saved("llama"), batch_tokens=tokens).estimate(items).memory_bytes
        for tokens in (500, 16384)
    )
    assert small > 10**6
    assert large > small
    assert server(saved("llama")).estimate([]).memory_bytes is None


def test_without_the_weights_it_is_computed_alike(monkeypatch):
    for module in ("measuring", "preview"):
        monkeypatch.setattr(f"tombench.backends.hf.{module}.resident", lambda: 0)
    monkeypatch.setattr("tombench.backends.hf.measuring.peak_so_far", lambda: 0)
    items = [[drawing(p, seeds=(1, 2), new=30), scoring(p, " Yes")] for p in PROMPTS]
    model = Model(name="test", path=str(saved("llama")))
    backend = HfBackend(device="cpu", batch_tokens=600)
    preview = HfPreview(model, on_cpu=True, batch_tokens=600).estimate(items)
    loaded = backend.load(model).estimate(items)
    assert preview.memory_bytes == loaded.memory_bytes + preview.weights_bytes
    on_device = HfPreview(model, on_cpu=False, batch_tokens=600).estimate(items)
    assert preview.weights_bytes < on_device.memory_bytes < preview.memory_bytes
