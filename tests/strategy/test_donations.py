"""Amounts in free text: the cases of `donation_cases`, by hand."""

import pytest
from strategy.donation_cases import CASES

from tombench.strategy.donations import donation


@pytest.mark.parametrize(("text", "amount", "reason"), CASES)
def test_amounts(text: str, amount: float | None, reason: str) -> None:
    found = donation(text)
    assert (found.amount, found.reason) == (amount, reason)


def test_where_it_was_read() -> None:
    text = "If they give 3, fine. I will donate $7."
    found = donation(text)
    assert found.span and text[slice(*found.span)] == "7"


def test_other_bounds() -> None:
    assert donation("I donate 12.", high=20).amount == 12
    assert donation("I donate 1.", low=2).reason == "out of bounds"
