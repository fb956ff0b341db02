"""Is a theme fit to be read? What the check finds would make some question unanswerable.

A thing that shares its name with another cannot be asked for; a name within another is found where
it is not meant by whoever looks for strings; a word of home is no new word. (The themes of the
scaled planner's paper fail all three.)
"""

from collections import Counter
from collections.abc import Iterator

from tombench.household.layouts import CONTAINERS, ROOMS, SURFACES
from tombench.household.themes import Noun, Theme
from tombench.household.world import THINGS


def theme_faults(theme: Theme) -> list[str]:
    """What is wrong with a theme, one sentence each; home may hold names within names."""
    faults = [*_incomplete(theme), *_shared(theme), *_misshapen(theme)]
    if theme.name != "home":
        faults += [*_within(theme), *_of_home(theme)]
    return faults


def _incomplete(theme: Theme) -> Iterator[str]:
    needed = {"rooms": ROOMS, "places": (*CONTAINERS, *SURFACES), "things": THINGS}
    for kind, classes in needed.items():
        own = set(getattr(theme, kind))
        for name in sorted(set(classes) - own):
            yield f"{kind}: no word for {name}"
        for name in sorted(own - set(classes)):
            yield f"{kind}: {name} is no class of home"


def _shared(theme: Theme) -> Iterator[str]:
    for what in ("name", "spoken", "plural"):
        counts = Counter(_bare(getattr(noun, what)) for noun in theme.nouns)
        yield from (f"'{word}' is the {what} of two" for word, n in counts.items() if n > 1)


def _misshapen(theme: Theme) -> Iterator[str]:
    for noun in theme.nouns:
        if not (noun.name.isalpha() and noun.name.islower()):
            yield f"'{noun.name}' is not one word in lower case"
        if not noun.spoken.replace(" ", "").isalpha():
            yield f"'{noun.spoken}' has characters that are no letters"


def _within(theme: Theme) -> Iterator[str]:
    """Names within names; prefixes are a case of this."""
    for one in theme.nouns:
        for other in theme.nouns:
            if one is not other and any(
                word in longer for word in _forms(one) for longer in _forms(other)
            ):
                yield f"'{one.spoken}' is within '{other.spoken}'"


def _of_home(theme: Theme) -> Iterator[str]:
    home = {*ROOMS, *CONTAINERS, *SURFACES, *THINGS}
    for noun in theme.nouns:
        yield from (f"'{noun.spoken}' is home's '{w}'" for w in sorted(_forms(noun) & home))


def _forms(noun: Noun) -> set[str]:
    return {noun.name, _bare(noun.spoken), noun.spoken.lower()}


def _bare(phrase: str) -> str:
    return phrase.lower().replace(" ", "")
