"""The words that scenes are made of: people, things, places, states, hours, and invented words.

No name here is a name in the test vignettes, and no list was chosen to match them.
"""

from dataclasses import dataclass
from random import Random

INVENTED_SHARE = 0.1  # of names and things: teaches copying a word that is several tokens


def listed(text: str) -> tuple[str, ...]:
    """The words of a text: keeps the long lists below readable."""
    return tuple(text.split())


@dataclass(frozen=True)
class Person:
    """Somebody in a scene."""

    name: str
    they: str  # she, he
    them: str  # her, him
    their: str  # her, his


@dataclass(frozen=True)
class Noun:
    """A thing, named without its article; `plural` decides between "is" and "are"."""

    text: str
    plural: bool = False

    @property
    def be(self) -> str:
        return "are" if self.plural else "is"


WOMEN = listed(
    "Ada Bella Carla Clara Dora Elena Ella Emma Eva Fiona Grace Hanna Helen Ida Ines Iris Jana "
    "Julia Kate Lena Lily Lucy Maja Mara Mia Nadia Nina Nora Olga Paula Petra Rita Rosa Ruth "
    "Sofia Stella Tina Vera Wendy Zoe"
)
MEN = listed(
    "Adam Ben Boris Carl Dan David Dennis Emil Erik Felix Frank Gus Hugo Ivan Jack Jonas Karl "
    "Leo Luke Mark Max Milo Nick Noah Omar Oscar Otto Paul Peter Ralph Ray Rob Sam Simon Theo "
    "Tim Tom Victor Walter Yuri"
)

SINGLE = listed(
    "apple ball banana bell belt book bottle bowl bracelet brush bucket button cake camera candle "
    "cap card carrot clock coat coin comb cookie cup diary doll drum egg fan flag flute fork game "
    "glove guitar hammer hat jacket jar kite knife lamp lemon letter lock magazine map mask melon "
    "mirror mug necklace needle newspaper notebook orange pan parcel pear pen pencil phone photo "
    "pie pillow plate pot present puzzle radio ribbon ring rope ruler sandwich saw scarf shell "
    "shirt spoon stamp stone sweater teddy ticket toothbrush torch towel toy train umbrella vase "
    "wallet watch whistle"
)
PLURAL = listed(
    "beads berries biscuits boots buttons cherries chips coins cookies crayons cushions eggs "
    "flowers forks gloves grapes letters marbles matches mittens nails needles nuts onions papers "
    "peas pencils pens photos pins plums potatoes seeds shells slippers socks spoons stamps "
    "stickers stones sweets tickets tomatoes tools toys"
)
MASS = listed("bread butter cheese cocoa flour honey jam juice milk money oil rice salt sand soap")
THINGS = (
    *(Noun(word) for word in SINGLE),
    *(Noun(word, plural=True) for word in PLURAL),
    *(Noun(word) for word in MASS),
)
FILLINGS = (*PLURAL, *MASS)  # what a container may be full of

CONTAINERS = listed(
    "backpack bag barrel basket bin box briefcase bucket cabinet canister carton case chest closet "
    "crate cupboard dresser drawer fridge hamper jar locker pocket pot pouch purse sack safe "
    "shoebox suitcase tin toolbox trunk wardrobe"
)
SURFACES = listed("bed bench bookcase chair counter desk piano rug shelf sofa stool table tray")
ROOMS = listed(
    "attic basement bathroom bedroom classroom garage gym hall kitchen laundry library lobby "
    "nursery office pantry playroom porch shed studio workshop"
)
OUTSIDE = listed("bakery bank beach garden market museum park playground station street yard")
ERRANDS = (
    "buy some bread",
    "call a friend",
    "feed the cat",
    "fetch some water",
    "go for a walk",
    "meet a neighbor",
    "ride a bike",
    "take a bath",
    "visit an aunt",
    "wash the car",
    "water the plants",
    "work outside",
)
HOURS = listed("one two three four five six seven eight nine ten eleven noon")
DAYS = listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
OCCASIONS = listed("concert exam lesson meeting party picnic play race show trip visit wedding")

STATES = (  # subject, state before, what somebody did, state after
    ("lamp", "on", "turned off the lamp", "off"),
    ("lamp", "off", "turned on the lamp", "on"),
    ("radio", "on", "turned off the radio", "off"),
    ("heater", "off", "turned on the heater", "on"),
    ("door", "open", "closed the door", "closed"),
    ("door", "locked", "unlocked the door", "unlocked"),
    ("gate", "closed", "opened the gate", "open"),
    ("window", "closed", "opened the window", "open"),
    ("window", "open", "closed the window", "closed"),
    ("floor", "dirty", "cleaned the floor", "clean"),
    ("table", "clean", "spilled some paint on the table", "dirty"),
    ("towel", "dry", "dropped the towel in the water", "wet"),
    ("coat", "wet", "dried the coat by the fire", "dry"),
    ("soup", "cold", "heated the soup on the stove", "hot"),
    ("bath", "full", "let the water out of the bath", "empty"),
    ("bowl", "empty", "poured some milk into the bowl", "full"),
    ("bike", "broken", "repaired the bike", "fixed"),
    ("vase", "whole", "knocked over the vase", "broken"),
    ("wall", "white", "painted the wall green", "green"),
    ("fence", "brown", "painted the fence blue", "blue"),
    ("chair", "red", "painted the chair yellow", "yellow"),
    ("cat", "inside", "let the cat out", "outside"),
    ("dog", "outside", "let the dog in", "inside"),
    ("shop", "closed", "opened the shop early", "open"),
)

ONSETS = listed("b bl br c ch cl d dr f fl g gr h j k l m n p pl pr qu r s sh sl st t th tr v w z")
NUCLEI = listed("a e i o u ai ea ee oo ou")
CODAS = listed("b ck d g l ll m n nd ng nt p r rd rm rt s sh ss st t th x")


def invented(rng: Random) -> str:
    """A word that does not exist, of one or two syllables, such as "plimoost"."""
    parts = [rng.choice(ONSETS), rng.choice(NUCLEI)]
    if rng.random() < 0.6:
        parts += [rng.choice(ONSETS), rng.choice(NUCLEI)]
    return "".join([*parts, rng.choice(CODAS)])


def draw_people(rng: Random, count: int) -> list[Person]:
    """`count` people of different names."""
    names: dict[str, Person] = {}
    while len(names) < count:
        woman = rng.random() < 0.5
        name = rng.choice(WOMEN if woman else MEN)
        if rng.random() < INVENTED_SHARE:
            name = invented(rng).capitalize()
        pronouns = ("she", "her", "her") if woman else ("he", "him", "his")
        names[name] = Person(name, *pronouns)
    return list(names.values())


def draw_thing(rng: Random) -> Noun:
    """A thing that somebody could put somewhere."""
    if rng.random() < INVENTED_SHARE:
        return Noun(invented(rng))
    return rng.choice(THINGS)


def draw_places(rng: Random, count: int) -> list[str]:
    """Different places inside a room, such as "in the box" or "under the bed"."""
    places: dict[str, str] = {}
    while len(places) < count:
        if rng.random() < 0.7:
            word, side = rng.choice(CONTAINERS), "in"
        else:
            word, side = rng.choice(SURFACES), rng.choice(("on", "under", "behind"))
        places.setdefault(word, f"{side} the {word}")
    return list(places.values())
