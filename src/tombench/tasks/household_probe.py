"""What a training has made of a policy, measured while it goes on: situations of other apartments.

- divergence: KL(label || policy) over the candidate actions, in nats; 0 is the generating agents'
  own policy.
- twins: of two situations that differ in one place that is possible, the share in which the policy
  holds an action likelier where it is; by how much it ought to be: `elsewhere` where the place is
  one of many (a belief question about a place that the person passed), `at it` where the action is
  to go there.
- Each in home's words and in invented ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from tombench.household.agent import Diversity, at_hand, expected_probabilities
from tombench.household.examples import spoken_shares
from tombench.household.invented import invented_names, renamed
from tombench.household.labelled import Labelling, draw_twin, situations_with_labels
from tombench.planning.policies.base import Labelled
from tombench.planning.prompts import short_prompt
from tombench.schema import Item, LikelihoodRequest

PAIRS = 120
BATCH_TOKENS = 16_384
PROBABLE = 0.03
"""Actions less probable than this in both situations are not looked at."""
CLEAR = np.log(3)
"""Nats from which on a difference is that of a possible and an impossible place."""
NOBODY = Item("probe", "probe", None)


@dataclass(frozen=True)
class Twins:
    """A situation and its twin, with their soft labels."""

    first: Labelled
    second: Labelled


def probe(model: Any, tokenizer: Any) -> dict[str, float]:
    """Numbers by name; a few seconds. Its apartments are those for development."""
    from tombench.backends.hf.server import HfServer
    from tombench.models.encoding import Encoding
    from tombench.models.load import Loaded

    server = HfServer(Loaded(model, Encoding(tokenizer, None)), BATCH_TOKENS)
    found: dict[str, float] = {}
    for words in ("home", "invented"):
        pairs = twins(words)
        asked = [one for pair in pairs for one in (pair.first, pair.second)]
        values = [
            np.array(response.log_likelihoods)
            for response in server.loglikelihood([_request(one) for one in asked])
        ]
        scores = [own - logsumexp(own) for own in values]
        found |= {f"{words}/{name}": value for name, value in measured(asked, scores).items()}
    return found


def measured(asked: Sequence[Labelled], scores: Sequence[NDArray[np.float64]]) -> dict[str, float]:
    """From normalised log-probabilities of what is said, twins one after the other."""
    divergences = []
    right: dict[str, list[float]] = {"twins elsewhere": [], "twins at it": []}
    for number in range(0, len(asked), 2):
        shares = [spoken_shares(one) for one in asked[number : number + 2]]
        own = scores[number : number + 2]
        for labels, values in zip(shares, own, strict=True):
            wanted = np.array(list(labels.values()))
            divergences.append(float((wanted * (np.log(wanted) - values)).sum()))
        known = [dict(zip(*pair, strict=True)) for pair in zip(shares, own, strict=True)]
        for text in shares[0].keys() & shares[1].keys():
            if max(shares[0][text], shares[1][text]) < PROBABLE:
                continue
            ought = np.log(shares[1][text] / shares[0][text])
            if abs(ought) > 1e-9:
                name = "twins at it" if abs(ought) > CLEAR else "twins elsewhere"
                right[name].append(float((known[1][text] > known[0][text]) == (ought > 0)))
    told = {name: float(np.mean(values)) for name, values in right.items() if values}
    return {"divergence": float(np.mean(divergences)), **told}


@cache
def twins(words: str) -> tuple[Twins, ...]:
    """Pairs of development apartments."""
    rng, found = Random(f"probe/{words}"), []
    situations = situations_with_labels(rng, Labelling(split="dev", twins=False))
    while len(found) < PAIRS:
        (one,) = islice(situations, 1)
        twin = draw_twin(rng, one.situation)
        if twin is None or at_hand(one.situation) is not None:
            continue
        names: Mapping[str, str] = invented_names(rng) if words == "invented" else {}
        pair = [
            Labelled(renamed(own, names), tuple(expected_probabilities(own, Diversity()).tolist()))
            for own in (one.situation, twin)
        ]
        found.append(Twins(*pair))
    return tuple(found)


def _request(one: Labelled) -> LikelihoodRequest:
    return LikelihoodRequest(NOBODY, short_prompt(one.situation), tuple(spoken_shares(one)))
