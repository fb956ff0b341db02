"""The model's fields: how long it may think, and what tables call it."""

import pytest
from omegaconf import OmegaConf

from tombench.config import build
from tombench.errors import UserError
from tombench.models.base import Model


@pytest.mark.parametrize(
    ("given", "read"),
    [("off", "off"), ("on", "on"), (False, "off"), (True, "on"), (512, 512), ("512", 512)],
)  # YAML reads a bare on as true
def test_thinking_is_off_on_or_a_budget(given: object, read: object) -> None:
    assert Model("m", "p", thinking=given).thinking == read


@pytest.mark.parametrize("given", ["maybe", "", 0, -3, 1.5, "1.5", None, [1]])
def test_any_other_thinking_is_refused_in_one_line(given: object) -> None:
    node = {"_target_": "tombench.models.base.Model", "name": "m", "path": "p", "thinking": given}
    with pytest.raises(UserError) as error:
        build(OmegaConf.create({"model": node}), "model")
    hint = "give off, on, or the most tokens of thinking, 1 or more"
    assert error.value.mistakes == (f"model.thinking={given}: {hint}",)


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({}, "m"),
        ({"thinking": "on"}, "m+thinking"),
        ({"thinking": 64, "adapter": "some/lora"}, "m+lora+thinking:64"),
    ],
)
def test_the_label_tells_runs_apart(fields: dict, label: str) -> None:
    assert Model("m", "p", **fields).label == label
