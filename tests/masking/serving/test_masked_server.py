"""Answers under masks: whose they are, and that the model is as before."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from toy_models import untrained

from tombench.backends.base import answer
from tombench.backends.hf.server import HfServer
from tombench.errors import UserError
from tombench.masking.masks import Mask
from tombench.masking.serving.server import MaskedServer
from tombench.models.base import Model
from tombench.models.load import load_fresh
from tombench.schema import (
    GenerateRequest,
    Item,
    LikelihoodRequest,
    Sampling,
    WindowsRequest,
)

ITEM = Item("one", "one", None)
NAME = "model.layers.0.mlp.down_proj.weight"
PROMPT = "the ball is in the"


@pytest.fixture
def server(tmp_path: Path) -> MaskedServer:
    loaded = load_fresh(Model("local", str(untrained(tmp_path))), "cpu")
    weight = dict(loaded.causal_lm.named_parameters())[NAME]

    @contextmanager
    def put_on(mask: Mask) -> Iterator[None]:
        before = weight.detach().clone()
        with torch.no_grad():
            weight.view(-1)[mask.entries[NAME]] = 5.0
        yield
        with torch.no_grad():
            weight.copy_(before)

    masks = {
        name: lambda count=count: Mask({NAME: torch.arange(count)}, {NAME: weight.numel()})
        for name, count in (("few", 10), ("many", 200))
    }
    return MaskedServer(HfServer(loaded, 256), masks, put_on)


def choice(role: str) -> LikelihoodRequest:
    return LikelihoodRequest(ITEM, PROMPT, (" box", " hall"), role)


def test_each_role_is_answered_under_its_own_mask(server: MaskedServer) -> None:
    plain = server.inner.loglikelihood([choice("")])[0].log_likelihoods
    few = server.loglikelihood([choice("few")])[0].log_likelihoods
    many = server.loglikelihood([choice("many")])[0].log_likelihoods
    assert len({plain, few, many}) == 3
    assert server.loglikelihood([choice("few")])[0].log_likelihoods == few
    assert server.loglikelihood([choice("")])[0].log_likelihoods == plain  # restored


def test_all_kinds_of_request_are_under_the_mask(server: MaskedServer) -> None:
    drawn = [
        GenerateRequest(ITEM, PROMPT, Sampling(1.0, 0, 1.0, 8), (1, 2, 3), role)
        for role in ("", "many")
    ]
    long = [WindowsRequest(ITEM, PROMPT * 9, 8, None, role) for role in ("", "many")]
    plain, masked = (answer(server, [[d], [t]]) for d, t in zip(drawn, long, strict=True))
    assert [s.text for s in plain[0][0].samples] != [s.text for s in masked[0][0].samples]
    assert plain[1][0].tokens == masked[1][0].tokens
    assert set(plain[1][0].tokens[:-1]) == {7}
    assert plain[1][0].log_likelihoods != masked[1][0].log_likelihoods


def test_batches_hold_one_role_and_long_texts_alone(server: MaskedServer) -> None:
    requests = [
        [WindowsRequest(ITEM, PROMPT, 8, None, "")],
        [WindowsRequest(ITEM, PROMPT, 8, None, "few")],
        *([choice(role)] for _ in range(3) for role in ("", "few")),
    ]
    planned = server.batches(requests)
    assert sorted(place for batch in planned for place in batch) == list(range(8))
    assert [{requests[n][0].role for n in batch} for batch in planned[:2]] == [{""}, {""}]
    assert planned[0] == [0]
    assert all(len({requests[n][0].role for n in batch}) == 1 for batch in planned)


def test_an_unknown_mask_is_refused(server: MaskedServer) -> None:
    with pytest.raises(UserError, match="no mask 'all'; there are few, many"):
        server.loglikelihood([choice("all")])
    with pytest.raises(ValueError, match="several masks: few, many"):
        server.loglikelihood([choice("few"), choice("many")])
