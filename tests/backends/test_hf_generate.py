"""Drawing: against `model.generate`, and the same texts whatever the batch."""

import pytest
import torch
from hf_models import (
    ARCHITECTURES,
    CONTEXT,
    PROMPTS,
    UNSHARED,
    drawing,
    network,
    saved,
    server,
    tokenizer,
)

import tombench.backends.hf.server as hf_server


def texts(responses):
    return [[sample.text for sample in response.samples] for response in responses]


def reference(architecture, prompt, new):
    """The ids that transformers' own greedy loop draws for one unpadded prompt."""
    ids = torch.tensor([tokenizer().encode(prompt)])
    out = network(architecture).generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=new,
        pad_token_id=0,
        eos_token_id=2,
    )
    return out[0, ids.shape[1] :].tolist()


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("architecture", [*ARCHITECTURES, *UNSHARED])
def test_greedy_text_is_that_of_generate(architecture, side):
    ids = [reference(architecture, prompt, 12) for prompt in PROMPTS]
    wanted = [[tokenizer().decode(own, skip_special_tokens=True)] for own in ids]
    drawn = server(saved(architecture, side=side)).generate([drawing(p) for p in PROMPTS])
    assert texts(drawn) == wanted


@pytest.mark.parametrize("architecture", ["llama", "mistral-window", "gptj", "opt"])
def test_texts_do_not_depend_on_the_batch(architecture):
    requests = [
        drawing(prompt, seeds=tuple(range(10 * i, 10 * i + 6)), temperature=1.0)
        for i, prompt in enumerate(PROMPTS)
    ]
    together = texts(server(saved(architecture)).generate(requests))
    alone = [texts(server(saved(architecture)).generate([r]))[0] for r in requests]
    backwards = texts(server(saved(architecture)).generate(requests[::-1]))[::-1]
    tight = texts(server(saved(architecture), batch_tokens=60).generate(requests))
    assert together == alone == backwards == tight
    assert len({text for own in together for text in own}) > 20  # the seeds do differ


def test_one_prompt_is_read_once_for_all_its_samples(monkeypatch):
    read = []
    prefill = hf_server.prefill
    monkeypatch.setattr(
        hf_server,
        "prefill",
        lambda loaded, ids, room: read.append(len(ids)) or prefill(loaded, ids, room),
    )
    run = server(saved("llama"), batch_tokens=100)  # so that 20 samples need several chunks
    response = run.generate([drawing(PROMPTS[2], seeds=tuple(range(20)), temperature=1.0)])[0]
    assert read == [1]
    assert len(response.samples) == 20


def test_stops_at_any_end_token_and_counts_it_not():
    run = server(saved("llama"))
    ids = reference("llama", PROMPTS[0], 12)
    end = ids[4]
    run.loaded.__dict__["stop_tokens"] = (2, end)
    try:
        sample = run.generate([drawing(PROMPTS[0])])[0].samples[0]
    finally:
        del run.loaded.__dict__["stop_tokens"]
    assert sample.tokens == ids.index(end)
    assert not sample.truncated


def test_max_new_tokens_truncates():
    sample = server(saved("llama")).generate([drawing(PROMPTS[0], new=3)])[0].samples[0]
    assert (sample.tokens, sample.truncated) == (3, True)


def test_too_long_a_prompt_is_an_error_with_both_numbers():
    fits, long = server(saved("llama")).generate([drawing("a"), drawing("a b" * 100)])
    assert fits.error is None
    assert long.samples == ()
    assert "200 tokens" in long.error and str(CONTEXT) in long.error


def test_exactly_the_context_fits():
    new = CONTEXT - len(tokenizer().encode(PROMPTS[2]))
    exact, over = (drawing(PROMPTS[2], new=n) for n in (new, new + 1))
    responses = server(saved("llama")).generate([exact, over])
    assert responses[0].error is None and responses[1].error


def test_an_empty_prompt_starts_from_the_beginning_token():
    assert server(saved("gpt2")).generate([drawing("")])[0].samples[0].text


def test_out_of_memory_halves_the_batch_and_says_so_once(monkeypatch, caplog):
    requests = [drawing(p, seeds=(1, 2), temperature=1.0) for p in PROMPTS]
    wanted = texts(server(saved("llama")).generate(requests))
    decode = hf_server.decode

    def scarce(loaded, prefix, sampling, numbers):
        if len(numbers) > 5:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return decode(loaded, prefix, sampling, numbers)

    monkeypatch.setattr(hf_server, "decode", scarce)
    assert texts(server(saved("llama")).generate(requests)) == wanted
    assert len([r for r in caplog.records if "out of memory" in r.message]) == 1
