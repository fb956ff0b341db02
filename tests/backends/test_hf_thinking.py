"""Reasoning models: what is sent, what is drawn in two phases, and what is refused."""

import json

import pytest
import torch
from hf_models import CHAT, PROMPTS, QWEN3, drawing, reasoner, saved, scoring, server

from tombench.backends.hf import measuring
from tombench.backends.hf.backend import HfBackend
from tombench.backends.hf.server import HfServer
from tombench.backends.thinking import new_tokens, sample, thought
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.encoding import Encoding
from tombench.models.reasoning import CUT_OFF, MOST
from tombench.runs import read_records

ASKED = "<|im_start|>user\nEh?<|im_end|>\n<|im_start|>assistant\n"
EMPTY = "<think>\n\n</think>\n\n"
SEEDS = tuple(range(40))


def encoding(template=QWEN3, thinking="off", tags=True):
    loaded = server(reasoner(tags=tags)).loaded.encoding
    return Encoding(loaded.tokenizer, template, thinking)


def many(thinking, new=12, batch_tokens=16384, prompts=PROMPTS[:3]):
    """Forty samples after each prompt."""
    requests = [drawing(prompt, SEEDS, temperature=1.0, new=new) for prompt in prompts]
    run = server(reasoner(), batch_tokens=batch_tokens, thinking=thinking)
    return [response.samples for response in run.generate(requests)]


OPENS = "{{ messages[0]['content'] }}<A><think>\n"  # DeepSeek R1, QwQ, Qwen3-Thinking
STRIPS = "{{ messages[0]['content'].split('</think>')[-1] }}<A>"  # models that seldom think
WRITES = "{{ messages[0]['content'] }}{{ '' and '<think>' }}<A>"  # LFM 2.5
SWITCH = "{{ messages[0]['content'] }}<A>{{ '<think>' if thinking else '</think>' }}"  # V3.1
CHANNEL = "{{ messages[0]['content'] }}<|start|>assistant{# <|channel|> #}"  # gpt-oss


@pytest.mark.parametrize(
    ("template", "off", "on"),
    [
        (QWEN3, ASKED + EMPTY, ASKED + "<think>\n"),
        (OPENS, "Eh?<A>" + EMPTY, "Eh?<A><think>"),
        (STRIPS, "Eh?<A>", "Eh?<A><think>\n"),
        (WRITES, "Eh?<A>" + EMPTY, "Eh?<A><think>\n"),
        (SWITCH, "Eh?<A></think>", "Eh?<A><think>"),
        (
            CHANNEL,
            "Eh?<|start|>assistant<|channel|>final<|message|>",
            "Eh?<|start|>assistant<|channel|>analysis<|message|>",
        ),
        (CHAT, "<u>Eh?</u><a>", "<u>Eh?</u><a>"),
        (None, "Eh?", "Eh?"),
    ],
)
def test_what_is_sent(template, off, on):
    assert encoding(template).as_sent("Eh?") == off
    assert encoding(template).as_thinking("Eh?").rstrip() == on.rstrip()
    assert encoding(template).sent(drawing("Eh?")) == off
    assert encoding(template, "on").sent(drawing("Eh?")).rstrip() == on.rstrip()
    assert encoding(template, 7).sent(scoring("Eh?", "Yes")) == off


def test_off_draws_after_the_empty_block_as_before():
    response = server(reasoner()).generate([drawing("Eh?", SEEDS, temperature=1.0)])[0]
    plain = server(reasoner(), template="none")
    same = plain.generate([drawing(ASKED + EMPTY, SEEDS, temperature=1.0)])[0]
    assert response.prompt == ASKED + EMPTY
    assert response.samples == same.samples
    quiet = [s for s in response.samples if (s.thinking, s.thinking_tokens) == ("", 0)]
    assert len(quiet) >= 35  # chance draws a tag now and then


def test_a_budget_is_kept_and_the_answer_has_its_own():
    samples = [s for own in many(20, new=5) for s in own]
    cut = [s for s in samples if CUT_OFF.strip() in s.thinking]
    closed = [s for s in samples if s not in cut]
    assert min(s.thinking_tokens for s in cut) == 20
    assert min(s.thinking_tokens for s in closed) < 20
    assert max(s.thinking_tokens + s.tokens for s in samples) == 25
    assert max(s.tokens for s in samples) == 5
    assert not any("think>" in s.text for s in samples)


def test_both_phases_are_those_of_generate():
    loaded = server(reasoner()).loaded
    codes, end = loaded.encoding.bare, loaded.encoding.bare("</think>")[0]

    def greedy(read, new, stops):
        ids = torch.tensor([read])
        out = loaded.causal_lm.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            max_new_tokens=new,
            eos_token_id=stops,
            pad_token_id=0,
        )
        return [token for token in out[0, len(read) :].tolist() if token not in stops]

    run = server(reasoner(), thinking=6)
    for prompt in PROMPTS:
        asked = codes(loaded.encoding.as_thinking(prompt))
        thinking = greedy(asked, 6, [2, end])
        closing = codes(CUT_OFF + "\n</think>\n\n") if len(thinking) == 6 else [end]
        wanted = sample(loaded.encoding, greedy(asked + thinking + closing, 8, [2]), most=8)
        got = run.generate([drawing(prompt, new=8)])[0].samples[0]
        assert got.text == wanted.text.lstrip()
        assert got.thinking.startswith(loaded.encoding.decode(thinking).strip())
        assert got.thinking_tokens == len(thinking) + wanted.thinking_tokens


def test_texts_do_not_depend_on_the_batch():
    together = many(30)
    assert together == [many(30, prompts=(prompt,))[0] for prompt in PROMPTS[:3]]
    assert together == many(30, prompts=PROMPTS[2::-1])[::-1]
    assert together == many(30, batch_tokens=200)
    assert len({s.text for own in together for s in own}) > 60


def test_a_bound_that_is_not_reached_changes_nothing():
    both = zip(many("on"), many(60), strict=True)
    pairs = [pair for one, other in both for pair in zip(one, other, strict=True)]
    short = [pair for pair in pairs if pair[0].thinking_tokens < 60]
    assert len(short) > 5
    assert all(one == other for one, other in short)


def test_thinking_fills_no_more_than_the_context():
    run = server(reasoner(), thinking="on")
    limit = run.loaded.context_length
    early = len(run.loaded.encoding.bare(CUT_OFF + "\n</think>\n\n"))
    request = drawing("Eh?", SEEDS, temperature=1.0)
    read = len(run.loaded.encoding.bare(run.prompt_as_sent(request)))
    cut = [s for s in run.generate([request])[0].samples if CUT_OFF.strip() in s.thinking]
    assert read + min(s.thinking_tokens for s in cut) + early + 12 == limit
    assert read + new_tokens(run.loaded, read, 12) == limit


def test_no_room_to_think_is_an_error_with_both_numbers():
    long, fits = server(reasoner(), thinking="on").generate([drawing("a b" * 240), drawing("a")])
    assert long.samples == () and "256 tokens" in long.error
    assert fits.error is None


def test_a_choice_is_scored_without_thinking():
    request = scoring("Eh?", " Yes", " No")
    off, on = (server(reasoner(), thinking=t).loglikelihood([request])[0] for t in ("off", "on"))
    assert off == on
    assert off.prompt == ASKED + EMPTY


def test_a_tag_that_is_no_token_is_found_in_the_text():
    own = encoding(tags=False)
    ids = own.bare("The key is left.</think>No, right.")
    found = thought(own, (5,), ids, most=99)
    assert own.decode(found.context[1:]) == "The key is left.</think>"
    assert (found.text, found.begun) == ("The key is left.", "")
    assert found.used == found.tokens == len(found.context) - 1
    assert thought(own, (5,), ids, most=len(ids)) == found


def test_thinking_that_was_not_asked_for_is_left_out_and_counted():
    own = encoding()
    ids = own.bare("<think>The key.</think>No.")
    got = sample(own, ids, most=99)
    assert (got.text, got.thinking) == ("No.", "The key.")
    assert got.tokens == len(own.bare("No."))
    assert got.tokens + got.thinking_tokens == len(ids)
    cut = sample(own, ids[:3], most=3)
    assert (cut.text, cut.tokens, cut.thinking_tokens, cut.truncated) == ("", 0, 3, True)


def test_a_dry_run_lets_it_think_no_longer_than_it_must(monkeypatch):
    run = server(reasoner(), thinking="on")
    seen = []
    plain = HfServer.generate

    def watched(self, requests):
        seen.append(self.loaded.encoding.thinking)
        return plain(self, requests)

    monkeypatch.setattr(HfServer, "generate", watched)
    monkeypatch.setattr(measuring, "PATIENCE", 0.0)
    found = run.estimate([[drawing("Eh?", (0, 1), temperature=1.0)]])
    assert found.new_tokens == 2 * (MOST + 12)
    assert set(seen) == {1, measuring.FEW, measuring.SOME}


def test_records_keep_the_thinking_apart(command, tmp_path):
    scene = {"id": "key", "context": "Ilse hides.", "question": "Does she?", "answer": "no"}
    (tmp_path / "data.json").write_text(json.dumps({"scenarios": [scene]}))
    words = ("model=local", f"model.path={reasoner()}", "task.data=data.json", "task.repetitions=3")
    done = command(*words, "model.thinking=9", "generation.max_new_tokens=6", "backend.device=cpu")
    assert done.status == 0, done.err
    records = read_records(done.folder)
    assert len(records) == 3
    assert all(r.prompt.endswith("<|im_start|>assistant\n<think>\n") for r in records)
    assert all(r.thinking and r.thinking_tokens + r.tokens <= 9 + 6 for r in records)
    assert not any(r.thinking in r.response for r in records)
    other = command(*words, "model.thinking=8", "generation.max_new_tokens=6", "backend.device=cpu")
    assert other.folder.name > done.folder.name


@pytest.mark.parametrize("thinking", ["on", 64])
@pytest.mark.parametrize(
    ("folder", "template"),
    [(saved("qwen3"), "auto"), (reasoner(CHAT), "auto"), (reasoner(), "none")],
    ids=["no template", "no thinking", "template=none"],
)
def test_what_does_not_reason_is_refused_in_one_line(folder, template, thinking):
    model = Model(name="test", path=str(folder), template=template, thinking=thinking)
    with pytest.raises(
        UserError, match=f"model.thinking={thinking}: .*set model.thinking=off"
    ) as e:
        HfBackend(device="cpu").check(model)
    assert len(e.value.mistakes) == 1
    HfBackend(device="cpu").check(Model(name="test", path=str(folder), template=template))


def test_thinking_is_identity_where_it_is_on():
    of = [
        HfBackend(device="cpu").model_identity(Model("test", str(reasoner()), thinking=thinking))
        for thinking in ("off", "on", 64)
    ]
    assert [identity.get("thinking") for identity in of] == [None, "on", "64"]
