"""Questions about one to three plain facts: the easy first lesson in comparing and negating.

Scenes ask for several steps at once; a small model finds these steps sooner one by one.
"""

from random import Random

from tombench.stories import words
from tombench.stories.questions import Question


def draw_fact_question(rng: Random, answer: bool) -> Question:
    """A question with the wanted answer about where things or people are, or who saw what."""
    return rng.choice((_placed, _placed, _moved, _seen))(rng, answer)


def _question(facts: list[str], ask: str, answer: bool, statement: str, reason: str) -> Question:
    return Question(" ".join(facts), "fact", "fact", "", ask, answer, statement, (reason,))


def _placed(rng: Random, answer: bool) -> Question:
    """ "The ball is in the box. The cups are on the desk. Is the ball on the desk?" """
    count = rng.randint(1, 3)
    facts = {}
    places = words.draw_places(rng, count + 1)
    if rng.random() < 0.3:
        names = [person.name for person in words.draw_people(rng, count)]
        places = [f"in the {room}" for room in rng.sample(words.ROOMS, count + 1)]
        facts = {name: ("is", place) for name, place in zip(names, places, strict=False)}
    while len(facts) < count:
        thing = words.draw_thing(rng)
        facts.setdefault(f"the {thing.text}", (thing.be, places[len(facts)]))
    sentences = [_sentence(f"{subject} {be} {at}") for subject, (be, at) in facts.items()]
    subject = rng.choice(list(facts))
    be, truth = facts[subject]
    others = [place for place in places if place != truth]
    asked = truth if answer else rng.choice(others)
    no_ = "" if answer else "not "
    ask = f"{be.capitalize()} {subject} {asked}?"
    return _question(
        sentences,
        ask,
        answer,
        f"{subject} {be} {no_}{asked}.",
        _sentence(f"{subject} {be} {truth}"),
    )


def _moved(rng: Random, answer: bool) -> Question:
    """ "Mara put the ball in the box. Then Tom put the ball in the bag. Is the ball now …?" """
    a, b = words.draw_people(rng, 2)
    thing, (first, then) = words.draw_thing(rng), words.draw_places(rng, 2)
    subject = f"the {thing.text}"
    sentences = [f"{a.name} put {subject} {first}.", f"Then {b.name} put {subject} {then}."]
    asked = then if answer else first
    no_ = "" if answer else "not "
    return _question(
        sentences,
        f"{thing.be.capitalize()} {subject} now {asked}?",
        answer,
        f"{subject} {thing.be} {no_}{asked}.",
        _sentence(f"{subject} {thing.be} {then}"),
    )


def _seen(rng: Random, answer: bool) -> Question:
    """ "Tom opened the door. Mara saw it. Ida did not see it. Did Mara see that Tom …?" """
    a, b, actor = (person.name for person in words.draw_people(rng, 3))
    _, _, event, _ = rng.choice(words.STATES)
    saw, missed = rng.choice(
        (
            ("saw it", "did not see it"),
            ("was there and watched", "was not there"),
            ("looked up and saw it", "did not look up"),
        )
    )
    who, other = (a, b) if rng.random() < 0.5 else (b, a)
    reason = f"{who} {saw if answer else missed}."
    told = [reason, f"{other} {missed if answer else saw}."]
    rng.shuffle(told)
    verb = "saw" if answer else "did not see"
    return _question(
        [f"{actor} {event}.", *told],
        f"Did {who} see that {actor} {event}?",
        answer,
        f"{who} {verb} that {actor} {event}.",
        reason,
    )


def _sentence(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}."
