"""The next token: filters against transformers' warpers, draws against the filtered softmax."""

import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from tombench.backends.hf.sampling import choose, filtered, uniforms
from tombench.schema import Sampling

LOGITS = torch.randn(16, 300, generator=torch.Generator().manual_seed(0)) * 3


def warped(logits, sampling):
    """Probabilities as transformers filters them."""
    scores = TemperatureLogitsWarper(sampling.temperature)(None, logits)
    if sampling.top_k:
        scores = TopKLogitsWarper(sampling.top_k)(None, scores)
    if sampling.top_p < 1:
        scores = TopPLogitsWarper(sampling.top_p)(None, scores)
    return scores.double().softmax(-1)


def dense(logits, sampling):
    probabilities, tokens = filtered(logits, sampling)
    return torch.zeros(logits.shape, dtype=torch.float64).scatter(-1, tokens, probabilities)


@pytest.mark.parametrize("temperature", [0.05, 0.4, 1.0, 2.5])
@pytest.mark.parametrize("top_k", [0, 1, 50, 400])
@pytest.mark.parametrize("top_p", [0.01, 0.5, 0.95, 1.0])
def test_filters_as_transformers_does(temperature, top_k, top_p):
    sampling = Sampling(temperature, top_k, top_p, max_new_tokens=1)
    torch.testing.assert_close(dense(LOGITS, sampling), warped(LOGITS, sampling), atol=1e-6, rtol=0)


def test_top_k_keeps_ties_of_the_last():
    logits = torch.tensor([[0.0, 2.0, 1.0, 1.0, 1.0], [4.0, 3.0, 2.0, 1.0, 0.0]])
    sampling = Sampling(temperature=1, top_k=2, top_p=1, max_new_tokens=1)
    assert (dense(logits, sampling) > 0).tolist() == [
        [False, True, True, True, True],
        [True, True, False, False, False],
    ]


def test_top_p_keeps_the_smallest_set_that_reaches_it():
    logits = torch.tensor([[0.1, 0.5, 0.15, 0.25]]).log()
    kept = dense(logits, Sampling(temperature=1, top_k=0, top_p=0.7, max_new_tokens=1))
    torch.testing.assert_close(kept, torch.tensor([[0, 2 / 3, 0, 1 / 3]], dtype=torch.float64))


def test_draws_follow_the_filtered_softmax():
    sampling = Sampling(temperature=1, top_k=20, top_p=0.9, max_new_tokens=1)
    draws = 20_000
    numbers = uniforms(range(draws), 1)[:, 0]
    tokens = choose(LOGITS[:1].expand(draws, -1), sampling, numbers)
    wanted = warped(LOGITS[:1], sampling)[0].numpy()
    counts = np.bincount(tokens.numpy(), minlength=len(wanted))
    assert counts[wanted == 0].sum() == 0
    assert chisquare(counts[wanted > 0], draws * wanted[wanted > 0]).pvalue > 0.01


def test_the_cumulative_distribution_runs_in_token_order():
    logits = torch.tensor([[0.2, 0.5, 0.3]]).log().expand(4, -1)
    numbers = torch.tensor([0.0, 0.19, 0.21, 1 - 2**-53], dtype=torch.float64)
    sampling = Sampling(temperature=1, top_k=0, top_p=1, max_new_tokens=1)
    assert choose(logits, sampling, numbers).tolist() == [0, 0, 1, 2]


def test_a_token_left_out_is_never_drawn_at_the_edges():
    logits = torch.tensor([[-50.0, 1.0, 1.5, -50.0]]).expand(2, -1)
    numbers = torch.tensor([0.0, 1 - 2**-53], dtype=torch.float64)
    sampling = Sampling(temperature=1, top_k=0, top_p=0.99, max_new_tokens=1)
    assert choose(logits, sampling, numbers).tolist() == [1, 2]


def test_temperature_zero_takes_the_most_probable():
    sampling = Sampling(temperature=0, top_k=0, top_p=1, max_new_tokens=1)
    tokens = choose(LOGITS, sampling, uniforms(range(16), 1)[:, 0])
    assert torch.equal(tokens, LOGITS.argmax(-1))


def test_a_row_of_numbers_depends_on_its_seed_alone():
    together = uniforms([5, 2**64 - 1, 5], 7)
    assert torch.equal(together[1], uniforms([2**64 - 1], 7)[0])
    assert torch.equal(together[0], together[2])
    assert torch.equal(together[:, :3], uniforms([5, 2**64 - 1, 5], 3))
    assert not torch.equal(together[0], together[1])
