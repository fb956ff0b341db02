"""A whole question as MMToM-QA words it: the apartment, what somebody did there, what is asked.

The parts are told apart by their headings. Every content word that is not understood, every thing
without a place and every place that no room has is told as a fault; nothing is dropped in silence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tombench.planning.episode import Event, Fault, Furnishing, Query
from tombench.planning.reading.actions import read_actions
from tombench.planning.reading.apartment import read_apartment
from tombench.planning.reading.language import HOME, Language
from tombench.planning.reading.query import QueryReader
from tombench.planning.reading.tokens import Token, lexicon

_PARTS = re.compile(
    r"What(?:'|’)?s inside the [^:\n]*:(?P<state>.*?)"
    r"\bActions taken by (?P<person>[^:\n]+):(?P<actions>.*?)"
    r"\bQuestion:(?P<question>.*)",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True)
class Parsed:
    """All that a question's text says."""

    person: str
    rooms: tuple[str, ...]
    furnishings: tuple[Furnishing, ...]
    events: tuple[Event, ...]
    query: Query  # of no key, and of the question type that the text itself shows
    state_text: str
    faults: tuple[Fault, ...] = ()
    unread: tuple[str, ...] = ()  # content words that are not understood, in their order


def read_question_text(text: str, language: Language = HOME) -> Parsed:
    """Read a question.

    Raises:
        ValueError: it lacks a part, or its options say nothing that is known; says what.
    """
    parts = _PARTS.search(text)
    if parts is None:
        raise ValueError(
            'it must have the parts "What\'s inside the apartment:", '
            '"Actions taken by NAME:" and "Question:"'
        )
    words = lexicon(language)
    person = parts["person"].strip()
    state, actions = parts["state"].strip(), parts["actions"].strip()
    told, done = words.tokens(state), words.tokens(actions)
    scene = read_apartment(told, words)
    scene.room = ""
    furnishings = scene.furnishings()
    events = read_actions(actions, done, scene)
    reader = QueryReader(words, scene, events)
    query = reader.read(parts["question"])
    typed = replace(query, question_type=question_type(query, furnishings, events))
    unread = (*_unread(told), *_unread(done, person))
    faults = [*scene.faults, *reader.faults]
    if unread:
        faults.append(Fault("unread_words", f"not understood: {', '.join(unread)}"))
    return Parsed(
        person, tuple(scene.rooms), furnishings, events, typed, state, tuple(faults), unread
    )


def question_type(
    query: Query, furnishings: tuple[Furnishing, ...], events: tuple[Event, ...]
) -> str:
    """By the definitions of the seven types, from what is there and what was done last; "" unclear.

    1.1, 1.2: about to open the place that is asked about, and the goal is, or is not, in it; 1.3:
    another last aim. 2.1: a belief is stated; 2.3: a place was closed last; 2.2: one of the goals
    is where the person goes; 2.4: none is.
    """
    last = events[-1] if events else None
    if query.stated is not None:
        return "2.1"
    if last is None or last.place is None:
        return ""
    inside = next((set(one.contents) for one in furnishings if one.place == last.place), set())
    claim = query.options[0].belief
    if claim is not None:
        if claim.place != last.place or last.kind == "close":
            return "1.3"
        return "1.1" if claim.thing in inside else "1.2"
    if last.kind == "close":
        return "2.3"
    return "2.2" if inside & {option.goal for option in query.options} else "2.4"


def _unread(tokens: Sequence[Token], person: str = "") -> list[str]:
    names = set(re.findall(r"\w+", person.lower()))
    unknown = (token.text for token in tokens if token.kind == "unknown")
    return [word for word in unknown if word not in names and any(c.isalnum() for c in word)]
