"""Episodes in words: what is asked, what either option says, what a person does."""

from collections.abc import Sequence

from tombench.planning.episode import Claim, Episode, Event, Hypothesis, Place

VERBS = {
    "walk": ("walks to", "heads for"),
    "open": ("opens", "is about to open"),
    "close": ("closes", "is about to close"),
}
"""Of what is done, and of what is not done yet."""


def a_thing(name: str) -> str:
    """ "a plate", "an apple"; what is plural, or a name, stands alone."""
    if name[0].isupper() or (name.endswith("s") and not name.endswith("ss")):
        return name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def counted(name: str, contents: Sequence[str]) -> str:
    """How often a thing is among contents: "plate", "plate ×2"."""
    number = contents.count(name)
    return f"{name} ×{number}" if number > 1 else name


def the_place(place: Place) -> str:
    """ "the fridge"; a name stands alone."""
    return place.name if place.name[0].isupper() else f"the {place.name}"


def action_words(event: Event, place: Place) -> str:
    """ "walks to the fridge", "is about to open the fridge"."""
    if event.kind == "grab":
        return f"takes the {event.thing}" if event.done else f"is about to take the {event.thing}"
    done, begun = VERBS[event.kind]
    return f"{done if event.done else begun} {the_place(place)}"


def option_words(episode: Episode, option: Hypothesis) -> str:
    """ "Ada wants a plate"; "Ada thinks: there is no plate in the fridge"."""
    if option.belief is None:
        return f"{episode.person} wants {a_thing(option.goal)}"
    return f"{episode.person} thinks: {_claim(episode, option.belief)}"


def question_words(episode: Episode) -> str:
    """What is asked."""
    query, person = episode.query, episode.person
    first = query.options[0]
    if first.belief is not None:
        return f"{person} wants {a_thing(first.goal)}. What does {person} think?"
    if query.stated is None:
        return f"What does {person} want?"
    return f"{person} thinks: {_claim(episode, query.stated)}. What does {person} want?"


def _claim(episode: Episode, claim: Claim) -> str:
    kinds = {one.place: one.kind for one in episode.furnishings}
    where = "on" if kinds.get(claim.place) == "surface" else "in"
    is_there = "there is" if claim.inside else "there is no"
    thing = a_thing(claim.thing) if claim.inside else claim.thing
    return f"{is_there} {thing} {where} {the_place(claim.place)}"
