"""What a policy is asked: a person with goal and belief, and all that the person could do next."""

from dataclasses import dataclass
from typing import Literal

from tombench.planning.episode import Place

ActionKind = Literal["walk", "open", "close", "grab"]

VERBS: dict[ActionKind, str] = {
    "walk": "walktowards",
    "open": "open",
    "close": "close",
    "grab": "grab",
}
"""As the study's post-training pairs write actions."""


@dataclass(frozen=True, order=True)
class Action:
    """One thing to do next; a walk goes all the way to a place, through whatever rooms."""

    kind: ActionKind
    place: Place  # where the person goes, or stands
    thing: str | None = None  # what is grabbed

    @property
    def text(self) -> str:
        """In the study's words: "walktowards 2nd kitchencabinet", "grab plate"."""
        return f"{VERBS[self.kind]} {self.thing if self.kind == 'grab' else self.place.name}"


@dataclass(frozen=True)
class Situation:
    """One moment of decision as the person knows it."""

    goal: str  # a class of things
    room: str  # where the person stands
    at: Place | None  # the place at which the person stands; None: none yet
    is_open: bool  # `at` is a container that stands open
    possible: tuple[Place, ...]  # where the goal may be for all that the person knows
    seen: Place | None  # where the person sees, or has seen, the goal; then it alone is possible
    places: tuple[Place, ...]  # all of the apartment, in the order in which they are told
    candidates: tuple[Action, ...]  # what the person could do next

    def __post_init__(self) -> None:
        if self.seen is not None and self.possible != (self.seen,):
            raise ValueError(f"the goal is seen at {self.seen}, and {self.possible} are possible")


@dataclass(frozen=True)
class Decision:
    """A situation and what the person did in it."""

    situation: Situation
    action: Action  # one of the situation's candidates
    event: int  # which event of the episode shows it (0-based)
