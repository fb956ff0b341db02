"""Short ways to read texts, for tests."""

from tombench.planning.episode import Event
from tombench.planning.reading.actions import read_actions
from tombench.planning.reading.apartment import read_apartment
from tombench.planning.reading.language import HOME, Language
from tombench.planning.reading.scene import Scene
from tombench.planning.reading.tokens import lexicon

KITCHEN = (
    "The kitchen has four cabinets, a fridge, a stove, a microwave, a dishwasher, a sofa, and a "
    "kitchen table. "
)
HOUSE = (
    "The apartment consists of a bedroom, a kitchen, a living room and a bathroom. The kitchen has "
    "eight cabinets, a fridge, a stove, a microwave, a dishwasher and a kitchen table with a wine "
    "glass on it. The bedroom has a cabinet, a desk and a sofa. The living room has a desk, a "
    "coffee table and a sofa. The bathroom has a cabinet. "
)


def scene_of(text: str, language: Language = HOME) -> Scene:
    words = lexicon(language)
    return read_apartment(words.tokens(text), words)


def contents_of(scene: Scene) -> dict[str, str]:
    """By "room name", what is there; empty places are left out."""
    return {
        f"{one.place.room} {one.place.name}": " ".join(one.contents)
        for one in scene.furnishings()
        if one.contents
    }


def in_kitchen(text: str) -> dict[str, str]:
    """What the kitchen's places hold after a sentence about them."""
    held = contents_of(scene_of(KITCHEN + text))
    return {
        name.removeprefix("kitchen ").replace(" kitchencabinet", ""): held[name] for name in held
    }


def shown(event: Event) -> str:
    """ "open fridge", "about to open fridge", "enter kitchen"."""
    what = event.place.name if event.place else event.thing or event.room
    return f"{'' if event.done else 'about to '}{event.kind} {what}".replace(" kitchencabinet", "")


def done_in(text: str, house: str = HOUSE) -> str:
    """What is read from sentences about a person's actions, in short."""
    scene, words = scene_of(house), lexicon(HOME)
    scene.room = ""
    return ", ".join(shown(one) for one in read_actions(text, words.tokens(text), scene))
