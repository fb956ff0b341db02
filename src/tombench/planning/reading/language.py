"""The nouns of a world: what rooms, places and things are called in texts, and their class names.

The grammar knows English and no noun; a world in other words is another `Language`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tombench.planning.episode import PlaceKind

Nouns = Mapping[str, tuple[str, ...]]
"""Class name to its phrases in the singular: {"wineglass": ("wine glass", "goblet")}."""

ANYWHERE = ""
"""In `Language.shared`, the rooms that are not named."""


@dataclass(frozen=True)
class Language:
    """What the nouns of a theme mean.

    Phrases are lower-case singulars. Plurals are made (the word before "of" where there is one),
    and so are spellings with the blanks left out: "wineglasses".
    """

    theme: str
    rooms: Nouns
    containers: Nouns
    surfaces: Nouns
    things: Nouns
    shared: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Phrases that mean another place in each room: {"cabinet": {"kitchen": "kitchencabinet"}}."""
    numbered: frozenset[str] = frozenset()  # places told apart by ordinals: "2nd kitchencabinet"
    only_in: Mapping[str, str] = field(default_factory=dict)  # class of place -> its one room
    plurals: Mapping[str, str] = field(default_factory=dict)  # irregular ones, by singular word
    dwellings: tuple[str, ...] = ("apartment", "flat", "home", "house")

    def kind(self, name: str) -> PlaceKind:
        """Of a class of places."""
        return "surface" if name in self.surfaces else "container"

    @property
    def room_count(self) -> int:
        """How many rooms a dwelling has."""
        return len(self.rooms)

    def place_senses(self) -> dict[str, dict[str, str]]:
        """Every phrase for a place with its class by room; ANYWHERE stands for other rooms."""
        own = {
            phrase: {self.only_in.get(name, ANYWHERE): name, ANYWHERE: name}
            for nouns in (self.containers, self.surfaces)
            for name, phrases in nouns.items()
            for phrase in phrases
        }
        return own | {phrase: dict(senses) for phrase, senses in self.shared.items()}


def spellings(phrase: str, language: Language) -> Iterator[tuple[str, bool]]:
    """A phrase as it may be written: words with blanks or without, and whether it is a plural."""
    words = phrase.split()
    for plural in (False, True):
        head = words.index("of") - 1 if "of" in words[1:] else len(words) - 1
        told = [*words]
        if plural:
            told[head] = plural_of(words[head], language)
        yield " ".join(told), plural
        if len(words) > 1 and "of" not in words:
            yield "".join(told), plural


def plural_of(word: str, language: Language) -> str:
    """Irregular ones from the language, others by rule."""
    if word in language.plurals:
        return language.plurals[word]
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


HOME = Language(
    theme="home",
    rooms={
        "bedroom": ("bedroom",),
        "kitchen": ("kitchen",),
        "livingroom": ("living room", "lounge", "sitting room"),
        "bathroom": ("bathroom", "washroom", "restroom"),
    },
    containers={
        "kitchencabinet": ("kitchen cabinet", "kitchen cupboard"),
        "bathroomcabinet": ("bathroom cabinet", "bathroom cupboard"),
        "fridge": ("fridge", "refrigerator"),
        "microwave": ("microwave", "microwave oven"),
        "stove": ("stove", "oven"),
        "dishwasher": ("dishwasher", "dish washer"),
        "cabinet": (),
    },
    surfaces={
        "kitchentable": ("kitchen table", "dining table"),
        "coffeetable": ("coffee table",),
        "desk": ("desk",),
        "sofa": ("sofa", "couch"),
    },
    things={
        "apple": ("apple",),
        "book": ("book",),
        "chips": ("chips", "bag of chips", "packet of chips", "chip bag", "chip"),
        "condimentbottle": ("condiment bottle", "bottle of condiment", "condiment"),
        "cupcake": ("cupcake", "cup cake"),
        "dishbowl": ("dish bowl", "bowl"),
        "plate": ("plate",),
        "remotecontrol": ("remote control", "remote", "remote controller"),
        "salmon": ("salmon", "salmon fillet"),
        "waterglass": ("water glass", "glass of water"),
        "wine": ("bottle of wine", "wine bottle", "wine"),
        "wineglass": ("wine glass",),
    },
    shared={
        word: {"kitchen": "kitchencabinet", "bathroom": "bathroomcabinet", ANYWHERE: "cabinet"}
        for word in ("cabinet", "cupboard")
    }
    | {"table": {"kitchen": "kitchentable", ANYWHERE: "coffeetable"}},
    numbered=frozenset({"kitchencabinet"}),
    only_in={"kitchencabinet": "kitchen", "bathroomcabinet": "bathroom"},
    plurals={"chips": "chips", "shelf": "shelves"},
)
"""MMToM-QA's apartments (VirtualHome) and the class names of BIP-ALM and the scaled planner."""
