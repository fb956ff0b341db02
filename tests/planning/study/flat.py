"""One flat in words and as it is, and episodes in it."""

from dataclasses import replace

from tombench.planning.episode import Claim, Episode, Event, Furnishing, Hypothesis, Place, Query

STATE = (
    "The home has a bedroom, a kitchen, a living room and a bathroom. "
    "\nThe bedroom offers a coffee table, on which lies a book, and a desk. "
    "\nThe kitchen comes with four cabinets, a refrigerator, a kitchen table, a microwave and a "
    "stove. The second cabinet keeps a plate, the third cabinet a wine glass. The first and fourth "
    "cabinets are empty. A dish bowl waits in the refrigerator. There is a wine glass on the "
    "kitchen table. "
    "\nThe living room shows a cabinet with a plate and a sofa with an apple. "
    "\nThe bathroom has a bathroom cabinet with nothing inside. "
)
QUESTION = (
    f"What's inside the apartment: {STATE}\nActions taken by Ann: She went about. "
    "\nQuestion: Which is likelier? (a) Ann thinks that the plate is inside the fridge. "
    "(b) Ann thinks that the plate is not inside the fridge. Please respond with either a or b."
)

CABINETS = tuple(Place("kitchen", f"{nth} kitchencabinet") for nth in ("1st", "2nd", "3rd", "4th"))
FRIDGE = Place("kitchen", "fridge")
CABINET = Place("livingroom", "cabinet")
FURNISHINGS = (
    Furnishing(Place("bedroom", "coffeetable"), "surface", ("book",)),
    Furnishing(Place("bedroom", "desk"), "surface"),
    *(
        Furnishing(place, "container", contents)
        for place, contents in zip(CABINETS, ((), ("plate",), ("wineglass",), ()), strict=True)
    ),
    Furnishing(FRIDGE, "container", ("dishbowl",)),
    Furnishing(Place("kitchen", "kitchentable"), "surface", ("wineglass",)),
    Furnishing(Place("kitchen", "microwave"), "container"),
    Furnishing(Place("kitchen", "stove"), "container"),
    Furnishing(CABINET, "container", ("plate",)),
    Furnishing(Place("livingroom", "sofa"), "surface", ("apple",)),
    Furnishing(Place("bathroom", "bathroomcabinet"), "container"),
)

NEARBY = ((), (), (), (), ("fridge",), ("fridge",), ("fridge",), ("kitchencabinet", "plate"))
"""Steps 0 to 7; the fridge comes near at step 4."""


def opened(place: Place) -> tuple[Event, ...]:
    """A place walked to, opened and closed."""
    return (Event("walk", place=place), Event("open", place=place), Event("close", place=place))


def said(*events: Event) -> tuple[Event, ...]:
    """The same events in words: a walk that no word tells is no step of the study's."""
    return tuple(replace(event, said="so") for event in events)


TO_THE_THIRD = said(
    Event("start", room="bathroom"),
    Event("enter", room="kitchen"),
    *opened(FRIDGE),
    Event("walk", place=CABINETS[2]),
    Event("open", place=CABINETS[2], done=False),
)


def belief_query(place: Place = CABINETS[2], thing: str = "plate") -> Query:
    """Is it there? (a) it is."""
    there, away = (Hypothesis(thing, Claim(thing, place, inside)) for inside in (True, False))
    return Query("1.1", (there, away), key="a")


def goal_query(a: str = "plate", b: str = "dishbowl", stated: Claim | None = None) -> Query:
    """Which of two things is wanted?"""
    kind = "2.1" if stated else "2.3"
    return Query(kind, (Hypothesis(a), Hypothesis(b)), stated, key="b")


EPISODE = Episode(
    id="7-1.1-0-6",
    cluster="7",
    person="Ann",
    rooms=("bedroom", "kitchen", "livingroom", "bathroom"),
    furnishings=FURNISHINGS,
    events=TO_THE_THIRD,
    query=belief_query(),
    nearby=NEARBY,
    state_text=STATE,
    question_text=QUESTION,
)


def told(*events: Event) -> Episode:
    """The flat with other events, each a step."""
    return replace(EPISODE, events=said(*events), nearby=())
