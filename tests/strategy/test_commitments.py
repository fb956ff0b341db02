"""Choices in free text: the cases of `commitment_cases`, by hand."""

import pytest
from strategy.commitment_cases import CASES, NEUTRAL

from tombench.errors import UserError
from tombench.strategy.commitments import commitment


@pytest.mark.parametrize(("text", "action", "reason"), CASES)
def test_labels_c_and_d(text: str, action: int | None, reason: str) -> None:
    found = commitment(text)
    assert found.action == action
    assert not reason or found.reason == reason
    if found.valid:
        assert found.span and text[slice(*found.span)].upper() == "CD"[found.action]


@pytest.mark.parametrize(("labels", "text", "action"), NEUTRAL)
def test_other_labels(labels: tuple[str, str], text: str, action: int | None) -> None:
    assert commitment(text, labels).action == action


def test_there_are_many_cases_of_every_verdict() -> None:
    assert len(CASES) > 30
    for verdict in (0, 1, None):
        assert sum(action == verdict for _, action, _ in CASES) > 10


def test_labels_that_cannot_be_told_apart() -> None:
    with pytest.raises(UserError, match="two different"):
        commitment("C", ("C", "c"))
