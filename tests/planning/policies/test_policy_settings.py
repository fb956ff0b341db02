"""What every policy's settings refuse, and what they set by themselves."""

import pytest

from tombench.errors import UserError
from tombench.planning.policies.language_model import Lm
from tombench.planning.policies.observer import Observer


def test_the_studys_rule_writes_the_studys_beliefs():
    assert Observer(decision="study").belief_writer == "study"
    assert Observer(decision="study", belief_writer="comma").belief_writer == "comma"
    assert Lm(decision="study", prompt="study").over == "tokens"


def test_the_studys_beliefs_and_no_prior_are_of_its_rule():
    with pytest.raises(
        UserError, match=r"policy.belief_writer=comma: .* give policy.decision=study"
    ):
        Observer(belief_writer="comma")
    with pytest.raises(UserError, match=r"policy.prior_a=0.7: the study's rule has no prior"):
        Observer(decision="study", prior_a=0.7)
