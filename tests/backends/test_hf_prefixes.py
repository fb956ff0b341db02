"""What begins alike: the cut by hand, families by hand, and scores that do not see either."""

import random

import pytest
import torch
from hf_models import (
    ARCHITECTURES,
    TEXT,
    UNSHARED,
    WINDOWED,
    network,
    saved,
    scoring,
    server,
    tokenizer,
)

from tombench.backends.hf import memory, reading
from tombench.backends.hf import scoring as scoring_module
from tombench.backends.hf.families import families
from tombench.backends.hf.prefixes import FORWARD, Sorted, cut

QUESTIONS = (
    " Does Ilse believe it?",
    " Where is the key?",
    " Does the carpenter know?",
    " What does Ilse believe now?",
    "",
    " The key, Ilse?",
    " Is the hook left?",
    " Does Ilse believe that?",
)


def run_of(start, count):
    return tuple(range(start, start + count))


def stories(header=100, story=200, question=30, tellings=5, asked=4):
    """Sequences of a common header, a story each, and several questions on it."""
    return [
        run_of(0, header) + run_of(10_000 * (s + 1), story) + run_of(1000 * (q + 1), question)
        for s in range(tellings)
        for q in range(asked)
    ]


def test_a_cut_reads_each_story_once_and_then_the_header_once():
    sequences = stories()
    first = cut(sequences)  # 5 x 300 + 20 x 30 + one forward, against 20 x 330
    assert [len(stem) for stem in first.stems] == [300] * 5
    assert [len(rest) for rest in first.rests] == [30] * 20
    second = cut(first.stems)
    assert second.stems == [run_of(0, 100)]
    assert second.rests == [stem[100:] for stem in first.stems]
    assert cut(second.stems) is None


def test_a_cut_must_save_more_than_a_forward_costs():
    saves = FORWARD + 1  # of two sequences one stem is read, so its length is what is saved
    for stem, made in ((saves, True), (saves - 1, False)):
        pair = [run_of(0, stem) + run_of(1000, 9), run_of(0, stem) + run_of(2000, 9)]
        assert (cut(pair) is not None) is made
    assert cut(stories(header=0, asked=1)) is None
    assert cut(stories()[:1]) is None


def test_stems_and_rests_make_the_sequences_again():
    draw = random.Random(0)
    for _ in range(50):
        stem = [draw.randrange(9) for _ in range(150)]
        lengths = [draw.randrange(1, 150) for _ in range(8)]
        own = {
            tuple(stem[:n]) + tuple(draw.randrange(9) for _ in range(draw.randrange(20)))
            for n in [*lengths, 150, 150, 150]
        }
        sequences = sorted(own, key=lambda _: draw.random())
        found = cut(sequences)
        if found is not None:
            stems = [found.stems[number] for number in found.stem_of]
            assert [s + r for s, r in zip(stems, found.rests, strict=True)] == sequences
            assert len(set(found.stems)) == len(found.stems) <= len(sequences)


def test_neighbours_in_token_order_share_what_they_share():
    found = Sorted.of([(5, 300, 1), (5, 2), (5, 300), (70000,)])
    assert found.order.tolist() == [1, 2, 0, 3]
    assert found.shared.tolist() == [1, 2, 0]


def test_families_stand_together_the_longest_first():
    short, long = stories(0, 50, 10, tellings=1), stories(0, 50, 20, tellings=2)[4:]
    sequences = [short[0], long[0], short[1], long[1], run_of(90_000, 65)]
    assert families(sequences) == [[1, 3], [4], [0, 2]]
    under_one_header = stories(header=500, story=50, question=10, tellings=3, asked=2)
    mixed = [under_one_header[i] for i in (0, 2, 4, 1, 3, 5)]
    assert families(mixed) == [[0, 3, 1, 4, 2, 5]]
    assert families([(1, 2), (1, 2), ()]) == [[0, 1], [2]]
    assert families([]) == []


def counted(monkeypatch):
    """Tokens (rows x new) of every forward from now on."""
    read = []
    forward = reading.forward

    def counting(loaded, ids, *rest, **more):
        read.append(ids.numel())
        return forward(loaded, ids, *rest, **more)

    monkeypatch.setattr(reading, "forward", counting)
    monkeypatch.setattr(scoring_module, "forward", counting)
    return read


def plain(architecture, context, continuation):
    """The sum of log-probabilities by one unpadded forward."""
    before, after = (tokenizer().encode(text) for text in (context, continuation))
    with torch.inference_mode():
        logits = network(architecture)(torch.tensor([before + after])).logits[0].float()
    log_probs = logits.log_softmax(-1)[len(before) - 1 : -1]
    return log_probs.gather(-1, torch.tensor(after)[:, None]).sum().item()


@pytest.mark.parametrize("architecture", [*ARCHITECTURES, *UNSHARED])
def test_a_story_is_read_once_and_the_scores_are_those_of_plain_forwards(architecture, monkeypatch):
    read = counted(monkeypatch)
    contexts = [TEXT + question for question in QUESTIONS]
    options = (" Yes", " oat milk or coffee")
    responses = server(saved(architecture)).loglikelihood([scoring(c, *options) for c in contexts])
    longest = max(len(tokenizer().encode(context)) for context in contexts)
    shares = architecture not in (*WINDOWED, *UNSHARED)
    assert (len(read) == 3, sum(read[:-1]) < longest * len(contexts) / 2) == (shares, shares)
    for context, response in zip(contexts, responses, strict=True):
        wanted = [plain(architecture, context, option) for option in options]
        assert response.log_likelihoods == pytest.approx(wanted, abs=1e-5, rel=1e-6)


def test_one_token_options_run_no_second_forward(monkeypatch):
    read = counted(monkeypatch)
    answer = server(saved("llama")).loglikelihood([scoring(TEXT, " ", ".", ",")])[0]
    assert answer.tokens == (1, 1, 1)
    assert read == [len(tokenizer().encode(TEXT))]


def test_logits_of_options_are_held_a_few_rows_at_a_time(monkeypatch):
    options = [f" {word} milk or coffee" for word in ("oat", "almond", "soy", "no", "any")]
    wanted = server(saved("llama")).loglikelihood([scoring(TEXT, *options)])[0]
    read = counted(monkeypatch)
    monkeypatch.setattr(memory, "LOGITS", 2 * 30 * 400)  # two rows of at most 30 tokens
    again = server(saved("llama")).loglikelihood([scoring(TEXT, *options)])[0]
    assert again.log_likelihoods == pytest.approx(wanted.log_likelihoods, abs=1e-5)
    assert len(read) > 2
    assert all(tokens * 400 <= memory.LOGITS for tokens in read[1:])


@pytest.mark.parametrize("count", [8, 32])
def test_a_forward_stays_within_the_budget_however_many_items(count, monkeypatch):
    widths = []
    forward = reading.forward

    def counting(loaded, ids, mask, *rest, **more):
        widths.append(mask.numel())
        return forward(loaded, ids, mask, *rest, **more)

    monkeypatch.setattr(reading, "forward", counting)
    monkeypatch.setattr(scoring_module, "forward", counting)
    run = server(saved("llama"), batch_tokens=600)
    requests = [scoring(f"{n} {TEXT}", " Yes", " oat milk") for n in range(count)]
    for batch in run.batches([[request] for request in requests]):
        run.loglikelihood([requests[index] for index in batch])
    assert max(widths) <= 600 * 5 / 4
