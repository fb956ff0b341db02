"""Scoring: against one plain unpadded forward a continuation."""

import pytest
import torch
from hf_models import ARCHITECTURES, PROMPTS, UNSHARED, network, saved, scoring, server, tokenizer

OPTIONS = (" Yes", " No", " oat milk", " almond milk or coffee, she believes", ".")


def reference(architecture, context, continuation, bos=False):
    """(sum, tokens, greedy) by lm-evaluation-harness's boundary rule, from full logits."""
    stripped = context.rstrip()
    continuation = context[len(stripped) :] + continuation
    before = tokenizer(bos).encode(stripped)
    whole = tokenizer(bos).encode(stripped + continuation)
    after = whole[len(before) :]
    before = before or [1]
    with torch.inference_mode():
        logits = network(architecture)(torch.tensor([before + after])).logits[0].float()
    log_probs = logits.log_softmax(-1)[len(before) - 1 : -1]
    targets = torch.tensor(after)
    total = log_probs.gather(-1, targets[:, None]).sum().item()
    return total, len(after), bool((log_probs.argmax(-1) == targets).all())


def check(architecture, requests, responses, bos=False):
    for request, response in zip(requests, responses, strict=True):
        wanted = [reference(architecture, request.context, c, bos) for c in request.continuations]
        assert response.error is None
        assert response.log_likelihoods == pytest.approx([w[0] for w in wanted], abs=1e-4)
        assert response.tokens == tuple(w[1] for w in wanted)
        assert response.greedy == tuple(w[2] for w in wanted)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("architecture", [*ARCHITECTURES, *UNSHARED])
def test_equals_plain_forwards(architecture, side):
    shared = [scoring(prompt, *OPTIONS) for prompt in PROMPTS]
    single = [scoring(PROMPTS[2], OPTIONS[0]), scoring(PROMPTS[2], OPTIONS[3])]
    spaces = [scoring(PROMPTS[0] + "  ", "Yes", "oat milk"), scoring("", " Yes", " oat milk")]
    requests = [*shared, *single, *spaces]
    check(architecture, requests, server(saved(architecture, side=side)).loglikelihood(requests))


@pytest.mark.parametrize("batch_tokens", [1, 100, 600])
def test_batch_size_does_not_matter(batch_tokens):
    requests = [scoring(prompt, *OPTIONS) for prompt in PROMPTS]
    run = server(saved("llama"), batch_tokens=batch_tokens)
    check("llama", requests, run.loglikelihood(requests))


def test_a_beginning_token_is_there_where_the_tokenizer_adds_it():
    requests = [scoring(PROMPTS[0], *OPTIONS), scoring("", " Yes")]
    responses = server(saved("llama", bos=True)).loglikelihood(requests)
    check("llama", requests, responses, bos=True)
    without = server(saved("llama")).loglikelihood(requests[:1])[0]
    assert abs(without.log_likelihoods[0] - responses[0].log_likelihoods[0]) > 1e-3


def test_greedy_is_told():
    run = server(saved("llama"))
    context = run.loaded.encoding.encode(PROMPTS[1])
    with torch.inference_mode():
        best = int(network("llama")(torch.tensor([context])).logits[0, -1].argmax())
    text = tokenizer().decode([best])
    assert tokenizer().encode(PROMPTS[1] + text) == [*context, best]
    assert run.loglikelihood([scoring(PROMPTS[1], text, " Zz")])[0].greedy == (True, False)


def test_a_continuation_that_merges_into_the_context_is_still_scored():
    context = "The answer i"
    response = server(saved("llama")).loglikelihood([scoring(context, "s")])[0]
    assert len(tokenizer().encode(context)) >= len(tokenizer().encode(context + "s"))
    assert response.tokens == (1,)
    assert response.log_likelihoods[0] < 0


def test_errors_stay_with_their_request():
    good, empty, long = server(saved("llama")).loglikelihood(
        [scoring("a", " Yes"), scoring("a", " Yes", ""), scoring("a b" * 100, " Yes")]
    )
    assert good.error is None and good.log_likelihoods
    assert "empty" in empty.error
    assert "200 tokens" in long.error and "128" in long.error
