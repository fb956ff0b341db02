"""Exact choices: against plain forwards, transformers' own sampler, and draws of our own."""

import numpy as np
import pytest
import torch
from hf_models import ITEM, PROMPTS, TEXT, UNSHARED, network, saved, server, tokenizer
from scipy.stats import binomtest, chi2
from transformers import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from tombench.backends.base import answer
from tombench.backends.hf.choices import penalized
from tombench.schema import ChoiceRequest, GenerateRequest, LikelihoodRequest, Sampling

STUDY = Sampling(temperature=0.8, top_k=50, top_p=0.9, max_new_tokens=1)
WIDE = Sampling(temperature=1.7, top_k=0, top_p=1, max_new_tokens=1)
OPTIONS = ((" Yes", "Yes"), (" No", "No"), (" oat milk or coffee",))


def choosing(prompt, options=OPTIONS, sampling=STUDY, penalty=1.1):
    return ChoiceRequest(ITEM, prompt, options, sampling, penalty)


def processed(logits, read, sampling, penalty):
    """Probabilities [vocabulary] of the next token by transformers' processors, in its order."""
    warpers = [
        RepetitionPenaltyLogitsProcessor(penalty),
        TemperatureLogitsWarper(sampling.temperature),
    ]
    warpers += [TopKLogitsWarper(sampling.top_k)] if sampling.top_k else []
    warpers += [TopPLogitsWarper(sampling.top_p)] if sampling.top_p < 1 else []
    return LogitsProcessorList(warpers)(torch.tensor([read]), logits[None])[0].double().softmax(-1)


def reference(architecture, request):
    """Each option's (probability, sampled) by one plain forward for each of its spellings."""
    read = tokenizer().encode(request.prompt)
    told = []
    for option in request.options:
        total = np.zeros(2)
        for tokens in {tuple(tokenizer().encode(request.prompt + s)[len(read) :]) for s in option}:
            with torch.inference_mode():
                ids = torch.tensor([[*read, *tokens]])
                logits = network(architecture)(ids).logits[0].float()
            own = np.ones(2)
            for place, token in enumerate(tokens, start=len(read)):
                row, before = logits[place - 1], ids[0, :place].tolist()
                drawn = processed(row, before, request.sampling, request.repetition_penalty)
                own *= [row.double().softmax(-1)[token].item(), drawn[token].item()]
            total += own
        told.append(total)
    return np.array(told)


def check(architecture, requests, responses):
    for request, response in zip(requests, responses, strict=True):
        assert response.error is None
        wanted = reference(architecture, request)
        assert response.prompt == request.prompt
        assert response.probabilities == pytest.approx(wanted[:, 0], rel=1e-4, abs=1e-15)
        assert response.sampled == pytest.approx(wanted[:, 1], rel=1e-3, abs=1e-15)


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "mistral-window", *UNSHARED])
def test_equals_plain_forwards_and_transformers_processors(architecture):
    requests = [choosing(prompt, sampling=WIDE) for prompt in PROMPTS]
    requests += [choosing(PROMPTS[2]), choosing(PROMPTS[2], penalty=1.0), choosing(PROMPTS[1])]
    check(architecture, requests, server(saved(architecture)).choices(requests))


@pytest.mark.parametrize("batch_tokens", [1, 100, 600])
def test_batch_size_does_not_matter(batch_tokens):
    requests = [choosing(prompt, sampling=WIDE) for prompt in PROMPTS]
    check("llama", requests, server(saved("llama"), batch_tokens=batch_tokens).choices(requests))


@pytest.mark.parametrize("penalty", [1.0, 1.1, 3.0])
def test_sampled_is_what_generate_of_transformers_draws_from(penalty):
    run = server(saved("llama"))
    prompt = PROMPTS[4]
    ids = torch.tensor([run.loaded.encoding.encode(prompt)])
    out = network("llama").generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=True,
        temperature=STUDY.temperature,
        top_k=STUDY.top_k,
        top_p=STUDY.top_p,
        repetition_penalty=penalty,
        max_new_tokens=1,
        pad_token_id=0,
        return_dict_in_generate=True,
        output_scores=True,
    )
    wanted = out.scores[0][0].double().softmax(-1)
    tokens = [*wanted.topk(4).indices.tolist(), int(wanted.argmin())]
    options = tuple((tokenizer().decode([token]),) for token in tokens)
    assert all(
        tokenizer().encode(prompt + o) == [*ids[0].tolist(), t]
        for t, (o,) in zip(tokens, options, strict=True)
    )
    (response,) = run.choices([choosing(prompt, options, penalty=penalty)])
    assert response.sampled == pytest.approx(wanted[tokens].tolist(), abs=1e-5)
    assert response.sampled[-1] == 0 and response.probabilities[-1] > 0


def test_a_positive_logit_is_divided_and_a_negative_one_multiplied():
    logits = torch.tensor([2.0, -2.0, 4.0, -1.0])
    assert penalized(logits, [0, 1, 0], 2.0).tolist() == [1.0, -4.0, 4.0, -1.0]
    assert penalized(logits, [0, 1], 1.0).tolist() == logits.tolist()
    assert logits.tolist() == [2.0, -2.0, 4.0, -1.0]


def test_at_temperature_zero_the_most_probable_token_has_all():
    run, prompt = server(saved("llama")), PROMPTS[1]
    greedy = Sampling(temperature=0, top_k=0, top_p=1, max_new_tokens=1)
    best = run.generate([GenerateRequest(ITEM, prompt, greedy, (0,))])[0].samples[0].text
    (response,) = run.choices([choosing(prompt, ((best,), (" Zz",)), greedy, penalty=1.0)])
    assert response.sampled == (1.0, 0.0)
    assert 0 < response.probabilities[0] < 1


def likely(run, prompts, count):
    """The most probable single-token answers to the first prompt that stay so behind each."""
    ids = run.loaded.encoding.encode(prompts[0])
    with torch.inference_mode():
        order = run.loaded.causal_lm(torch.tensor([ids])).logits[0, -1].argsort(descending=True)
    texts = (tokenizer().decode([token]) for token in order.tolist())
    encode = run.loaded.encoding.encode
    fit = (t for t in texts if all(encode(p + t)[:-1] == encode(p) for p in prompts))
    return [next(fit) for _ in range(count)]


def test_draws_of_our_own_lie_in_their_binomial_intervals():
    run, draws = server(saved("llama")), 300
    prompts = [TEXT[start : start + 80].strip() for start in range(0, 160, 8)]
    answers = likely(run, prompts, 12)
    options = (tuple(answers[:6]), tuple(answers[6:]))
    asked = [choosing(prompt, options, penalty=1.0) for prompt in prompts]
    drawn = [
        GenerateRequest(ITEM, prompt, STUDY, tuple(range(1000 * n, 1000 * n + draws)))
        for n, prompt in enumerate(prompts)
    ]
    told = np.array([response.sampled for response in run.choices(asked)])
    samples = [[s.text for s in response.samples] for response in run.generate(drawn)]
    counts = np.array([[sum(t in option for t in own) for option in options] for own in samples])
    inside = [binomtest(int(k), draws).proportion_ci(0.999, "exact") for k in counts.flat]
    for interval, p in zip(inside, told.flat, strict=True):
        assert interval.low <= p <= interval.high
    cells = np.column_stack([told, 1 - told.sum(1)])
    seen = np.column_stack([counts, draws - counts.sum(1)])
    expected = draws * cells
    used = expected >= 5
    assert used.sum() > 30  # so that the next line can fail
    statistic = ((seen - expected)[used] ** 2 / expected[used]).sum()
    assert 0.01 < chi2.sf(statistic, used.sum() - len(prompts)) < 0.9999


def test_the_prompts_own_trailing_spaces_are_given():
    run, prompt = server(saved("llama")), PROMPTS[2] + "\n\n"
    (told,) = run.choices([choosing(prompt, (("Yes",), ("No",)), penalty=1.0)])
    ids = run.loaded.encoding.encode(prompt)
    with torch.inference_mode():
        row = network("llama")(torch.tensor([ids])).logits[0, -1].softmax(-1)
    first = [tokenizer().encode(text)[0] for text in ("Yes", "No")]
    assert tokenizer().encode(prompt + "Yes")[: len(ids)] == ids
    assert 0 < told.probabilities[0] <= row[first[0]] * (1 + 1e-5)
    request = LikelihoodRequest(ITEM, prompt, ("Yes", "No"))
    whole = np.exp(run.loglikelihood([request])[0].log_likelihoods)
    spaces = whole / np.array(told.probabilities)  # which the other kind of request counts too
    assert spaces[0] == pytest.approx(spaces[1], rel=1e-3) and spaces[0] < 0.9


def test_spellings_of_the_same_tokens_count_once():
    (once,) = server(saved("llama")).choices([choosing("a b", ((" Yes",),), WIDE, 1.0)])
    (twice,) = server(saved("llama")).choices([choosing("a b", ((" Yes", " Yes"),), WIDE, 1.0)])
    assert once == twice


def test_a_token_of_the_answer_itself_is_penalized_when_it_comes_again():
    request = choosing("a b", ((" Yes Yes Yes",), (" No No",)), WIDE, 3.0)
    check("llama", [request], server(saved("llama")).choices([request]))


@pytest.mark.parametrize("spelling", ["s", "s the left hook"])
def test_a_spelling_that_merges_into_the_prompt_is_what_follows_it(spelling):
    run, prompt = server(saved("llama")), "The answer i"
    ids, own = tokenizer().encode(prompt), tokenizer().encode(spelling)
    assert tokenizer().encode(prompt + spelling)[: len(ids)] != ids
    (told,) = run.choices([choosing(prompt, ((spelling,),), penalty=1.0)])
    with torch.inference_mode():
        rows = network("llama")(torch.tensor([[*ids, *own]])).logits[0, len(ids) - 1 : -1]
    each = rows.softmax(-1).gather(-1, torch.tensor(own)[:, None])
    assert told.probabilities == pytest.approx((each.prod().item(),), rel=1e-4, abs=1e-15)


def test_amounts_that_begin_alike_do_not_count_twice():
    amounts = tuple((str(n),) for n in range(11))
    run = server(saved("llama"))
    (told,) = run.choices([choosing("I give", amounts, WIDE, 1.0)])
    (one,) = run.choices([choosing("I give", (("1",),), WIDE, 1.0)])
    (ten,) = run.choices([choosing("I give", (("10",),), WIDE, 1.0)])
    assert len(tokenizer().encode("10")) == 2
    assert told.probabilities[1] == pytest.approx(one.probabilities[0] - ten.probabilities[0])
    assert told.probabilities[10] == pytest.approx(ten.probabilities[0])


def test_errors_stay_with_their_request():
    good, same, empty, long = server(saved("llama")).choices(
        [
            choosing("a"),
            choosing("a", ((" Yes",), (" Yes", "No"))),
            choosing("a", ((" Yes",), ())),
            choosing("a b" * 100),
        ]
    )
    assert good.error is None and len(good.sampled) == 3
    assert "same tokens" in same.error and "without a spelling" in empty.error
    assert "200 tokens" in long.error and "128" in long.error


def test_kinds_of_requests_are_answered_in_their_order():
    run = server(saved("llama"))
    draw = GenerateRequest(ITEM, "a", STUDY, (1,))
    score = LikelihoodRequest(ITEM, "a", (" Yes",))
    (one, two), (three,) = answer(run, [[draw, choosing("a")], [score]])
    assert one.samples and two.probabilities and three.log_likelihoods


def test_planned_and_estimated():
    run = server(saved("llama"), batch_tokens=400)
    items = [[choosing(prompt)] for prompt in PROMPTS]
    assert sorted(n for batch in run.batches(items) for n in batch) == list(range(len(PROMPTS)))
    assert len(run.batches(items)) > 1
    estimate = run.estimate(items)
    assert estimate.prompt_tokens == sum(len(tokenizer().encode(p)) for p in PROMPTS)
    read = [len(tokenizer().encode(PROMPTS[0] + s)) for option in OPTIONS for s in option]
    own = sum(read) - len(read) * len(tokenizer().encode(PROMPTS[0]))
    assert estimate.new_tokens == own * len(PROMPTS) and estimate.seconds > 0
