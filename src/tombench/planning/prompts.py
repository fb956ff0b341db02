"""A situation as a short prompt: all that decides, in few tokens.

    at: kitchen fridge open
    goal: plate
    belief: 1st kitchencabinet stove sofa
    action: walktowards stove

State comes first, so that the hypotheses about one moment share their beginning. Places of one
name in two rooms are written once, as in the study's lists. Without commas the prompt is
shorter, and a small model reads more examples in the same time.
"""

from collections.abc import Mapping, Sequence
from random import Random

from tombench.planning.situations import Action, Situation


def short_prompt(situation: Situation, rng: Random | None = None) -> str:
    """The prompt; an action goes on with `continuation`.

    Args:
        rng: shuffles the list of places, as the study's pairs have it; None: the episode's order.
    """
    at = [situation.room or "nowhere"]
    if situation.at is not None:
        at.append(situation.at.name)
    if situation.is_open:
        at.append("open")
    names = list(dict.fromkeys(place.name for place in situation.possible))
    if rng is not None:
        rng.shuffle(names)
    belief = " ".join(names) or "nowhere"
    return f"at: {' '.join(at)}\ngoal: {situation.goal}\nbelief: {belief}\naction:"


def continuation(action: Action) -> str:
    """What a policy says after a prompt."""
    return f" {action.text}"


def spoken(candidates: Sequence[Action]) -> Mapping[str, tuple[int, ...]]:
    """Distinct continuations, each with the candidates that it stands for."""
    found: dict[str, tuple[int, ...]] = {}
    for number, action in enumerate(candidates):
        text = continuation(action)
        found[text] = (*found.get(text, ()), number)
    return found
