"""Log-likelihoods of windows, against the model's own loss."""

from pathlib import Path

import pytest
import torch
from toy_models import untrained

from tombench.errors import UserError
from tombench.masking.serving.windows import cut, text_windows, window_log_likelihoods
from tombench.models.base import Model
from tombench.models.load import Loaded, load_fresh

TEXT = "the ball is in the box and the box is in the hall . " * 6


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder: Path = untrained(tmp_path_factory.mktemp("weights"))
    return load_fresh(Model("local", str(folder)), "cpu")


def test_cut() -> None:
    assert cut(range(10), 4) == [range(0, 4), range(4, 8), range(8, 10)]
    assert cut(range(9), 4) == [range(0, 4), range(4, 8)]  # one token predicts nothing
    assert cut(range(10), 4, most=1) == [range(0, 4)]


@pytest.mark.parametrize("batch_tokens", [1, 16, 1000])
def test_each_window_is_the_models_own_loss(loaded: Loaded, batch_tokens: int) -> None:
    windows = text_windows(loaded, TEXT, 16)
    assert len(windows[-1]) not in (1, 16)
    found = window_log_likelihoods(loaded, windows, batch_tokens)
    for window, value in zip(windows, found, strict=True):
        ids = torch.tensor([list(window)])
        loss = loaded.causal_lm(input_ids=ids, labels=ids).loss.item()
        assert value == pytest.approx(-loss * (len(window) - 1), rel=1e-5)


def test_what_cannot_be_read_is_told(loaded: Loaded) -> None:
    with pytest.raises(UserError, match=r"task\.window=5000: the model's context is 1024 tokens"):
        text_windows(loaded, TEXT, 5000)
    with pytest.raises(UserError, match="fewer than two tokens"):
        text_windows(loaded, "", 16)
