"""A small apartment and episodes in it, for tests."""

from tombench.planning.episode import Claim, Episode, Event, Furnishing, Hypothesis, Place, Query

FRIDGE = Place("kitchen", "fridge")
STOVE = Place("kitchen", "stove")
TABLE = Place("kitchen", "kitchentable")
SOFA = Place("livingroom", "sofa")
CABINET = Place("livingroom", "cabinet")
FURNISHINGS = (
    Furnishing(FRIDGE, "container", ("apple",)),
    Furnishing(STOVE, "container", ("plate",)),
    Furnishing(TABLE, "surface", ("wineglass",)),
    Furnishing(SOFA, "surface"),
    Furnishing(CABINET, "container", ("book", "plate")),
)


def start(room: str) -> Event:
    return Event("start", room=room)


def enter(room: str) -> Event:
    return Event("enter", room=room)


def walk(place: Place, done: bool = True) -> Event:
    return Event("walk", place=place, done=done)


def opens(place: Place, done: bool = True) -> Event:
    return Event("open", place=place, done=done)


def closes(place: Place) -> Event:
    return Event("close", place=place)


def grabs(place: Place, thing: str) -> Event:
    return Event("grab", place=place, thing=thing)


def episode(*events: Event, query: Query | None = None) -> Episode:
    """An episode in the apartment; without a query, the goals apple (a) and plate (b) are asked."""
    asked = query or Query("2.2", (Hypothesis("apple"), Hypothesis("plate")), key="a")
    rooms = ("kitchen", "livingroom")
    return Episode("e-1", "e", "Ada", rooms, FURNISHINGS, events, asked)


def belief_query(goal: str, place: Place) -> Query:
    """(a) thinks inside, (b) thinks not inside."""
    inside, outside = (Hypothesis(goal, Claim(goal, place, said)) for said in (True, False))
    return Query("1.1", (inside, outside), key="a")
