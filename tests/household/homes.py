"""A small apartment with coordinates, for tests: two rooms side by side, a door at (4, 2)."""

from tombench.household.trace import Agent, Apartment, Spot
from tombench.planning.episode import Furnishing, Place
from tombench.planning.situations import Situation

FRIDGE = Place("kitchen", "fridge")
STOVE = Place("kitchen", "stove")
TABLE = Place("kitchen", "kitchentable")
SOFA = Place("livingroom", "sofa")
CABINET = Place("livingroom", "cabinet")
PLACES = (FRIDGE, STOVE, TABLE, SOFA, CABINET)

APARTMENT = Apartment(
    rooms=("kitchen", "livingroom"),
    furnishings=(
        Furnishing(FRIDGE, "container", ("apple", "plate")),
        Furnishing(STOVE, "container"),
        Furnishing(TABLE, "surface", ("wineglass",)),
        Furnishing(SOFA, "surface", ("book", "book")),
        Furnishing(CABINET, "container", ("plate",)),
    ),
    spots=(
        Spot(FRIDGE, 2.0, 1.0),
        Spot(STOVE, 1.0, 3.6),
        Spot(TABLE, 2.0, 3.0),
        Spot(SOFA, 6.0, 2.0),
        Spot(CABINET, 6.0, 3.5),
    ),
    layout="small",
)


def agent(goal: str, *excluded: Place, knows: bool = False, slip: float = 0.0) -> Agent:
    """Somebody for whom all rooms are alike."""
    return Agent("Ada", goal, frozenset(excluded), knows, nearness=0.0, slip=slip)


def situation(
    *possible: Place,
    at: Place | None = None,
    is_open: bool = False,
    seen: Place | None = None,
    candidates: tuple = (),
) -> Situation:
    """Somebody in the kitchen who looks for a plate."""
    return Situation("plate", "kitchen", at, is_open, possible, seen, PLACES, candidates)
