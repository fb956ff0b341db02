"""The stories' part of the pretraining corpus: a mixture of sorts of text, versioned, easy first.

`tombench.corpus` has the whole of what the embedded models read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tombench.stories.accounts import draw_account, draw_look
from tombench.stories.facts import draw_facts
from tombench.stories.layouts import draw_layout
from tombench.stories.prose import draw_prose
from tombench.stories.text import Text

VERSION = 3


@dataclass(frozen=True)
class Share:
    """How much of the texts a sort is: at the start of training, and from `EASY` on."""

    first: float
    later: float


EASY = 0.15
"""The part of training in which the shares go from the first to the later ones."""

MIXTURE: Mapping[Callable[[Random, float], Text], Share] = {
    lambda rng, progress: draw_facts(rng): Share(0.6, 0.2),
    lambda rng, progress: draw_account(rng, progress): Share(0.3, 0.58),
    lambda rng, progress: draw_look(rng): Share(0.0, 0.06),
    lambda rng, progress: Text("", draw_prose(rng)): Share(0.1, 0.1),
    lambda rng, progress: draw_layout(rng): Share(0.0, 0.06),
}


def draw_texts(rng: Random, progress: float) -> Sequence[Text]:
    """One text of the mixture at this progress of training in [0, 1), as a group of one."""
    done = min(1.0, progress / EASY)
    weights = [share.first + (share.later - share.first) * done for share in MIXTURE.values()]
    (draw,) = rng.choices(list(MIXTURE), weights)
    return (draw(rng, progress),)
