"""Token by token: against one plain unpadded forward a model, prompt and continuation."""

from dataclasses import replace

import pytest
import torch
from hf_models import PROMPTS, VOCABULARY, network, saved, scoring, tokenizer
from several_models import CPU, OPTIONS, adapter, asked, larger, trio
from transformers import AutoModelForCausalLM

from tombench.backends.hf import reading
from tombench.backends.hf.backend import HfBackend
from tombench.backends.several import tokens
from tombench.backends.several.roles import ABLATIONS, TOKENS, Mix, mixes_of
from tombench.backends.several.server import several_server
from tombench.models.base import Model
from tombench.planning.policies import language_model
from tombench.planning.steering import combinations

ALPHAS = (0.0, 0.5, 1.0, 2.0)
REAL = len(tokenizer())
assert REAL < VOCABULARY  # every head is padded, by another number of rows
WEIGHTS = [(1, a, -a) for a in ALPHAS] + [(1, 1, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]


def plain_logits(network, before, after):
    """[tokens, vocabulary] of the positions that predict `after`."""
    with torch.inference_mode():
        logits = network(torch.tensor([before + after])).logits[0].float()
    return logits[len(before) - 1 : -1]


def plain(networks, encoding, vocabulary, request):
    """Sums by mix and continuation, three full forwards a continuation; and what is greedy."""
    before, afters = encoding.pairs(request.context, request.continuations)
    table = []
    for after in afters:
        parts = [plain_logits(own, before, after)[:, :vocabulary] for own in networks]
        rows = []
        for weights in WEIGHTS:
            mixed = sum(weight * part for weight, part in zip(weights, parts, strict=True))
            log_probs = mixed.log_softmax(-1)[torch.arange(len(after)), after]
            best = mixed.argmax(-1).tolist() == after
            rows.append((float(log_probs.double().sum()), len(after), best))
        table.append(rows)
    return [row for by_mix in zip(*table, strict=True) for row in by_mix]


def check(server, networks, requests, vocabulary):
    encoding = server.models["large"].loaded.encoding
    for request, response in zip(requests, server.loglikelihood(requests), strict=True):
        wanted = plain(networks, encoding, vocabulary, request)
        assert response.error is None
        assert len(wanted) == len(WEIGHTS) * len(request.continuations)
        assert response.log_likelihoods == pytest.approx([w[0] for w in wanted], abs=1e-4)
        assert response.tokens == tuple(w[1] for w in wanted)
        assert response.greedy == tuple(w[2] for w in wanted)


def networks():
    from peft import PeftModel

    base = AutoModelForCausalLM.from_pretrained(saved("llama"))
    return [
        AutoModelForCausalLM.from_pretrained(larger()).eval(),
        PeftModel.from_pretrained(base, str(adapter())).eval(),
        network("llama"),
    ]


REQUESTS = [
    *asked(TOKENS),
    replace(scoring(PROMPTS[0] + "  ", "Yes", "oat milk"), role=TOKENS),
    replace(scoring(PROMPTS[2], OPTIONS[2]), role=TOKENS),
]


@pytest.mark.parametrize("batch_tokens", [16384, 100, 1])
def test_equals_three_full_forwards(batch_tokens):
    server = several_server(HfBackend("cpu", batch_tokens), trio(), alphas=ALPHAS)
    check(server, networks(), REQUESTS, vocabulary=REAL)


def test_few_logits_at_once_change_nothing(monkeypatch):
    monkeypatch.setattr(tokens, "LOGITS", 3 * REAL * 5)  # five tokens
    server = several_server(CPU, trio(), alphas=ALPHAS)
    check(server, networks(), REQUESTS, vocabulary=REAL)


def test_where_a_text_is_read_whole(monkeypatch):
    monkeypatch.setattr("tombench.backends.hf.scoring.in_pieces", lambda network: False)
    server = several_server(CPU, trio(), alphas=ALPHAS)
    check(server, networks(), REQUESTS[:2], vocabulary=REAL)


def test_the_embedded_models(tmp_path):
    """tiny, and a random model with its tokenizer in the large one's place."""
    tiny = Model("tiny", "data:models/tiny")
    base = CPU.load(tiny).loaded
    config = type(base.causal_lm.config)(
        **base.causal_lm.config.to_dict() | {"hidden_size": 64, "num_hidden_layers": 2}
    )
    torch.manual_seed(3)
    other = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    other.save_pretrained(tmp_path)
    base.encoding.tokenizer.save_pretrained(tmp_path)
    large = Model("large", str(tmp_path))
    models = {"tuned": tiny, "large": large, "untuned": large}
    server = several_server(CPU, models, alphas=ALPHAS)
    text = "goal: plate\nThe person is in the kitchen.\naction: "
    actions = ("walk to the fridge", "open the fridge", "grab the plate")
    requests = [replace(scoring(text, *actions), role=TOKENS)]
    check(server, [other, base.causal_lm, other], requests, vocabulary=2048)


def test_every_text_is_read_once_whatever_number_of_alphas(monkeypatch):
    def forwards(alphas):
        server = several_server(CPU, trio(), alphas=alphas)
        count = 0

        def counted(*words, **named):
            nonlocal count
            count += 1
            return real(*words, **named)

        real = reading.forward
        with monkeypatch.context() as patched:
            patched.setattr("tombench.backends.hf.reading.forward", counted)
            patched.setattr("tombench.backends.hf.scoring.forward", counted)
            server.loglikelihood(REQUESTS)
        return count

    assert forwards((1.0,)) == forwards(tuple(n / 10 for n in range(20))) > 0


def test_alpha_nothing_and_the_parts_are_those_of_single_models():
    server = several_server(CPU, trio(large=Model("large", str(larger(0)))), alphas=(0.0,))
    server.models[TOKENS].vocabulary = VOCABULARY  # single models do not cut their padding off
    (mixed,) = server.loglikelihood(asked(TOKENS, prompts=PROMPTS[:1]))
    table = [mixed.log_likelihoods[n : n + 3] for n in range(0, 15, 3)]
    for row, role in ((0, "large"), (2, "large"), (3, "tuned"), (4, "untuned")):
        (single,) = server.loglikelihood(asked(role, prompts=PROMPTS[:1]))
        assert table[row] == pytest.approx(single.log_likelihoods, abs=1e-4)


def test_errors_stay_with_their_request():
    server = several_server(CPU, trio(), alphas=(1.0,))
    good, empty, long = server.loglikelihood(
        [
            replace(scoring("a", " Yes"), role=TOKENS),
            replace(scoring("a", " Yes", ""), role=TOKENS),
            replace(scoring("a b" * 100, " Yes"), role=TOKENS),
        ]
    )
    assert good.error is None and len(good.log_likelihoods) == 1 + len(ABLATIONS)
    assert "empty" in empty.error
    assert "200 tokens" in long.error and long.error.startswith("large: ")


def test_a_text_that_is_read_as_other_tokens():
    models = {role: CPU.load(model) for role, model in trio().items()}
    models["untuned"] = CPU.load(Model("begun", str(saved("llama", bos=True))))
    server = tokens.TokenSteeredServer(models, mixes_of((1.0,)), REAL)
    (response,) = server.loglikelihood(asked(TOKENS, prompts=("a",)))
    assert "large and untuned read this text as different tokens" in response.error


def test_a_dry_run_of_tokens_counts_all_models():
    server = several_server(CPU, trio(), alphas=(1.0,))
    told = server.estimate([asked(TOKENS)])
    apart = server.estimate([[*asked("large"), *asked("tuned"), *asked("untuned")]])
    assert told.prompt_tokens == apart.prompt_tokens
    assert told.weights_bytes == apart.weights_bytes
    assert server.prompt_as_sent(asked(TOKENS)[0]) == PROMPTS[0]


def test_names_stand_in_the_order_of_the_numbers():
    named = dict(zip(combinations((0.0, 1.0)), mixes_of((0.0, 1.0)), strict=True))
    assert named == {
        "alpha=0": Mix(1.0, 0.0, 0.0),
        "alpha=1": Mix(1.0, 1.0, -1.0),
        "naive_sum": Mix(1.0, 1.0, 0.0),
        "large": Mix(1.0, 0.0, 0.0),
        "tuned": Mix(0.0, 1.0, 0.0),
        "untuned": Mix(0.0, 0.0, 1.0),
    }
    assert "-0.0" not in mixes_of((0.0,))[0].name
    from tombench.backends.several import roles

    assert language_model.ROLES == roles.ROLES
