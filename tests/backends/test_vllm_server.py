"""backend=vllm on a stand-in for vLLM: the same values and texts as backend=hf."""

from types import SimpleNamespace

import pytest
import vllm_fake
from hf_models import CONTEXT, PROMPTS, TEXT, drawing, reasoner, saved, scoring, server
from vllm_fake import LLM

from tombench.backends.vllm.backend import VllmBackend
from tombench.errors import RunFailed, UserError
from tombench.models.base import Model

OPTIONS = (" Yes", " No", ".", " the left hook", " the left hook or the right hook")


@pytest.fixture(autouse=True)
def vllm(monkeypatch):
    return vllm_fake.install(monkeypatch)


def vllm_server(folder=None, thinking="off", **settings):
    model = Model(name="test", path=str(folder or saved("llama")), thinking=thinking)
    return VllmBackend(**settings).load(model)


def texts(responses):
    return [[sample.text for sample in response.samples] for response in responses]


def agree(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        assert one.prompt == other.prompt and one.error is other.error is None
        assert one.log_likelihoods == pytest.approx(other.log_likelihoods, abs=1e-4)
        assert (one.tokens, one.greedy) == (other.tokens, other.greedy)


@pytest.mark.parametrize("leaves_out", [False, True], ids=["runner V1", "runner V2"])
@pytest.mark.parametrize("caching", [True, False])
@pytest.mark.parametrize("bos", [False, True])
def test_log_probabilities_are_those_of_hf(monkeypatch, leaves_out, caching, bos):
    monkeypatch.setattr(LLM, "leaves_out", leaves_out)
    requests = [scoring(p, *OPTIONS) for p in PROMPTS]
    requests += [scoring(PROMPTS[0] + " ", "Yes", "the key"), scoring("", " Yes", " the key")]
    run = vllm_server(saved("llama", bos=bos), enable_prefix_caching=caching)
    agree(run.loglikelihood(requests), server(saved("llama", bos=bos)).loglikelihood(requests))
    assert any(own.prompt_logprobs is not None for _, own, _ in LLM.started[0].asked)


@pytest.mark.parametrize("leaves_out", [False, True], ids=["runner V1", "runner V2"])
def test_an_option_that_begins_with_another_is_asked_again_without_the_cache(
    monkeypatch, leaves_out
):
    monkeypatch.setattr(LLM, "leaves_out", leaves_out)
    long = TEXT[:250]  # several blocks of the cache beyond the context
    requests = [scoring("The key", long, long + " Yes", long + " No hook")]
    run = vllm_server()
    agree(run.loglikelihood(requests), server(saved("llama")).loglikelihood(requests))
    skipped = [own.skip_reading_prefix_cache for _, own, _ in LLM.started[0].asked]
    assert True in skipped and skipped[0] is False


def test_where_vllm_does_not_say_what_it_found_it_is_asked_again(monkeypatch):
    answer = LLM._answer
    monkeypatch.setattr(
        LLM,
        "_answer",
        lambda *words: SimpleNamespace(**{**vars(answer(*words)), "num_cached_tokens": None}),
    )
    requests = [scoring(TEXT[:100], *OPTIONS)]
    agree(vllm_server().loglikelihood(requests), server(saved("llama")).loglikelihood(requests))
    asked = [own for _, own, _ in LLM.started[0].asked if own.prompt_logprobs is not None]
    assert [own.skip_reading_prefix_cache for own in asked] == [False] * (len(asked) // 2) + [
        True
    ] * (len(asked) // 2)


def test_log_probabilities_that_never_come_are_told(monkeypatch):
    answer = LLM._answer
    monkeypatch.setattr(
        LLM,
        "_answer",
        lambda *words: SimpleNamespace(**{**vars(answer(*words)), "prompt_logprobs": None}),
    )
    with pytest.raises(RunFailed, match="no log-probabilities"):
        vllm_server().loglikelihood([scoring("a", " the left hook")])


def test_a_context_that_many_options_share_may_be_read_from_the_cache():
    vllm_server().loglikelihood([scoring(TEXT[:200], *OPTIONS)])
    assert not any(own.skip_reading_prefix_cache for _, own, _ in LLM.started[0].asked)


def test_options_of_one_token_cost_one_request():
    response = vllm_server().loglikelihood([scoring(PROMPTS[0], ".", "a", "b", "c")])[0]
    assert response.tokens == (1, 1, 1, 1)
    ((_, parameters, _),) = LLM.started[0].asked
    assert len(parameters.logprob_token_ids) == 4
    assert (parameters.prompt_logprobs, parameters.max_tokens) == (None, 1)


def test_more_last_tokens_than_vllm_takes_are_asked_in_turns():
    run = vllm_server()
    encoding = run.loaded.encoding
    words = [encoding.decode([token]) for token in range(3, 400)]
    single = tuple(word for word in words if len(encoding.pairs("a", [word])[1][0]) == 1)
    assert len(single) > 128
    requests = [scoring("a", *single)]
    agree(run.loglikelihood(requests), server(saved("llama")).loglikelihood(requests))
    assert len(LLM.started[0].asked) == -(-len(set(single)) // 128)


def test_greedy_texts_are_those_of_hf_and_asked_once_for_all_repetitions():
    requests = [drawing(prompt, seeds=(5, 6, 7)) for prompt in PROMPTS]
    ours = vllm_server().generate(requests)
    assert ours == server(saved("llama")).generate(requests)
    assert len(LLM.started[0].asked) == len(PROMPTS)


def test_each_sample_has_its_own_seed_and_its_place():
    request = drawing(PROMPTS[2], seeds=(1, 2, 2**64 - 1, 1), temperature=0.8)
    run = vllm_server()
    samples = run.generate([request])[0].samples
    assert samples[0] == samples[3]
    assert len({sample.text for sample in samples}) == 3
    asked = [own for _, own, _ in LLM.started[0].asked]
    assert [own.seed for own in asked] == [1, 2, 2**63 - 1]
    one = asked[0]
    assert (one.temperature, one.top_k, one.top_p, one.max_tokens) == (0.8, 50, 0.95, 12)
    backwards = drawing(PROMPTS[2], seeds=(2, 1), temperature=0.8)
    assert run.generate([backwards])[0].samples == samples[1::-1]


def test_an_end_token_ends_a_text_and_is_not_counted():
    run = vllm_server()
    cut, exact, room = (
        run.generate([drawing(PROMPTS[0], new=n)])[0].samples[0] for n in (9, 10, 11)
    )
    assert [(s.tokens, s.truncated) for s in (cut, exact, room)] == [
        (9, True),
        (10, True),
        (10, False),
    ]
    assert exact.text == room.text  # the end token is the eleventh


def test_what_does_not_fit_is_an_error_of_its_request():
    long = "a b" * 100
    fits, over = vllm_server().generate([drawing("a"), drawing(long)])
    assert fits.error is None and "200 tokens" in over.error and str(CONTEXT) in over.error
    good, empty, far = vllm_server().loglikelihood(
        [scoring("a", " Yes"), scoring("a", " Yes", ""), scoring(long, " Yes")]
    )
    assert good.log_likelihoods and "empty" in empty.error and "200 tokens" in far.error
    small = vllm_server(max_model_len=20).generate([drawing(PROMPTS[1])])[0]
    assert "context of 20 tokens" in small.error


def test_context_and_option_may_fill_the_context():
    run = vllm_server()
    fills = "a b" * (CONTEXT // 2 - 2)
    short = CONTEXT - len(run.loaded.encoding.encode(fills))
    assert short > 0
    exact, over = run.loglikelihood([scoring(fills, "." * short), scoring(fills, "a." * short)])
    assert exact.error is None and sum(exact.tokens) <= short
    assert over.error


def test_batches_are_whole_items_in_their_order():
    item = [drawing("a", seeds=(1, 2, 3), temperature=1.0), scoring("a", " Yes", " No")]
    greedy = [drawing("a", seeds=(1, 2, 3))]
    run = vllm_server(batch_requests=10)
    assert run.batches([item, item, greedy, item]) == [[0, 1], [2, 3]]
    assert run.batches([item * 3, greedy]) == [[0], [1]]
    assert run.batches([]) == []


@pytest.mark.parametrize("thinking", ["off", "on", 6])
def test_a_reasoning_model_thinks_as_with_hf(thinking):
    requests = [drawing(prompt, new=8) for prompt in PROMPTS[:3]]
    wanted = server(reasoner(), thinking=thinking).generate(requests)
    assert vllm_server(reasoner(), thinking=thinking).generate(requests) == wanted


def test_samples_that_are_thought_through_have_their_own_seeds():
    request = drawing(PROMPTS[0], seeds=(1, 2), temperature=1.0, new=8)
    samples = vllm_server(reasoner(), thinking=6).generate([request])[0].samples
    assert samples[0].thinking != samples[1].thinking
    assert vllm_server(reasoner(), thinking=6).generate([request])[0].samples == samples


@pytest.mark.parametrize("temperature", [0.005, 2.5])
def test_a_temperature_that_vllm_would_change_is_refused(temperature):
    with pytest.raises(UserError, match=r"generation.temperature=.*0.01 to 2"):
        vllm_server().generate([drawing("a", temperature=temperature)])


def test_lost_memory_and_lost_samples_are_told_in_a_line(monkeypatch):
    run = vllm_server()
    with monkeypatch.context() as patch:
        patch.setattr(LLM, "_drawn", lambda *_: ([], "abort"))
        with pytest.raises(RunFailed, match="abort"):
            run.generate([drawing("a")])

    def lost(*_):
        raise RuntimeError("CUDA out of memory. Tried to allocate")

    monkeypatch.setattr(LLM, "_answer", lost)
    with pytest.raises(RunFailed, match=r"backend\.max_num_seqs"):
        run.loglikelihood([scoring("a", " Yes")])


def test_numbers_that_ran_over_are_refused(monkeypatch):
    monkeypatch.setattr(vllm_fake, "_entry", lambda row, token: vllm_fake.Logprob(float("nan"), 1))
    with pytest.raises(RunFailed, match="NaN"):
        vllm_server().loglikelihood([scoring("a", " Yes")])
