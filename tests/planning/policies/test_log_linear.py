"""The fit against what it must come to."""

import numpy as np
import pytest
from planning.apartments import FRIDGE, closes, episode, opens, start, walk
from scipy.optimize import approx_fprime

from tombench.planning.beliefs import decisions
from tombench.planning.policies.base import Labelled
from tombench.planning.policies.log_linear import FEATURES, Fitted, LogLinear, features, fit
from tombench.planning.policies.observer import Observer

OBSERVER = Observer(slip=0.05)


def labelled() -> list[Labelled]:
    walks = episode(start("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE))
    found = [one.situation for goal in ("apple", "plate", "book") for one in decisions(walks, goal)]
    return [
        Labelled(one, tuple(np.exp(values).tolist()))
        for one, values in zip(found, OBSERVER.log_probs(found), strict=True)
    ]


def test_a_runs_identity_tells_what_it_is_fitted_to():
    """Another simulator or another seed is another fit; how many situations follow is a setting."""
    examples = labelled()
    one, other = (
        LogLinear().fitted_to(lambda rng, own=own: iter(own)) for own in (examples, examples[1:])
    )
    assert one != other
    shuffled = [
        LogLinear(fit_seed=n).fitted_to(lambda rng: iter(rng.sample(examples, 4))) for n in (0, 1)
    ]
    assert shuffled[0] != shuffled[1]
    assert OBSERVER.fitted_to(lambda rng: iter(examples)) is None


def test_each_feature_has_a_name():
    assert features(labelled()[0].situation).shape[1] == len(FEATURES) == 17


def test_probabilities_add_up():
    values = Fitted(np.linspace(-1, 1, 17)).log_probs([one.situation for one in labelled()])
    assert [np.exp(own).sum() for own in values] == pytest.approx([1.0] * len(values))


def test_the_fit_is_where_the_loss_is_flat():
    examples = labelled()
    weights = fit(examples, prior_scale=10.0)

    def loss(w: np.ndarray) -> float:
        values = Fitted(w).log_probs([one.situation for one in examples])
        told = sum(
            -np.dot(one.probabilities, own) for one, own in zip(examples, values, strict=True)
        )
        return told / len(examples) + 0.5 * (w**2).sum() / 100 / len(examples)

    assert np.abs(approx_fprime(weights, loss)).max() < 1e-3


def test_it_learns_what_its_features_can_say():
    """A wanted place gets what the observer gives it, in each situation, within a hundredth."""
    examples = labelled()
    fitted = Fitted(fit(examples, prior_scale=1000.0))
    values = fitted.log_probs([one.situation for one in examples])
    for one, own in zip(examples, values, strict=True):
        assert np.exp(own) == pytest.approx(np.array(one.probabilities), abs=0.04)
