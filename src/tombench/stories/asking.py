"""A query to words: what follows the story, and the words that may be answered.

Three forms: a beginning whose next word is the answer ("Anna will look for the ball in the"), a
yes/no question, a multiple choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tombench.stories.asked import Form, StoryQuestion
from tombench.stories.events import Plot
from tombench.stories.queries import YES_NO, Query, last_dealer
from tombench.stories.telling import Voice
from tombench.stories.wordings import QUESTIONS

LETTERS = "ABCDEFGH"
UNKNOWN = "does not know"
"""The answer that a multiple choice offers where it is the right one in some cell."""


@dataclass(frozen=True)
class Asker:
    """Asks about one plot in one voice."""

    plot: Plot
    voice: Voice

    def beginning(self, query: Query, answer: str) -> str:
        """What is to be completed by the answer, or by another value of the subject."""
        return self._chosen(query, "beginning").format_map(self._slots(query, answer, answer))

    def whether(self, query: Query, answer: str, value: str) -> str:
        """A yes/no question: is it `value`? (percept and knowledge do not name one)"""
        return self._chosen(query, "whether").format_map(self._slots(query, answer, value))

    def which(self, query: Query, answer: str) -> str:
        """A question with the subject's values for answers."""
        return self._chosen(query, "which").format_map(self._slots(query, answer, answer))

    def values(self, query: Query) -> tuple[str, ...]:
        return self.plot.setting.variable(query.subject).values

    def _chosen(self, query: Query, sort: str) -> str:
        kind = "place" if self.plot.setting.is_place(query.subject) else "contents"
        training, held_out = QUESTIONS[kind][query.type][sort]
        own = held_out if self.voice.wordings == "held_out" else training
        return own[self.voice.chosen(f"{query.name}/{sort}", len(own))]

    def _slots(self, query: Query, answer: str, value: str) -> Mapping[str, str]:
        """Nouns for a question's template. "{thinks}" is "Anna thinks that Ben thinks that"."""
        chain, surfaces = query.chain, self.voice.surfaces
        slots = {"x": query.subject, "p": query.subject, "v": value, "act": answer}
        slots["thinks"] = " ".join(f"{name} thinks that" for name in chain)
        slots["believes"] = " ".join(f"{name} believes that" for name in chain)
        slots["in"] = "on" if value in surfaces else "in"
        slots["at"] = "on" if answer in surfaces else "in"
        if chain:
            rest = "".join(f" {name} thinks that" for name in chain[1:])
            slots["a"] = chain[0]
            slots["b"] = last_dealer(self.plot, chain[0], query.subject)
            slots["does"] = f"{chain[0]} think that{rest}"
            slots["does_where"] = f"{chain[0]} think" + (f" that{rest}" if rest else "")
        return slots


@dataclass(frozen=True)
class Put:
    """A question as it is put, and which option says which value."""

    question: StoryQuestion
    options: Mapping[str | None, str]  # by value, "yes" or "no"; None: does not know


def ask(story: str, query: Query, answer: str | None, asker: Asker, form: Form) -> Put:
    """The question in a form; percept and knowledge are yes/no questions in every form.

    The value that a yes/no question asks about, and the order of a multiple choice, depend on the
    voice and the query alone, so they are the same in every cell.
    """
    values = list(asker.values(query))
    rng = Random(f"{asker.voice.seed}/{query.name}/{form}")
    known = answer or values[0]
    if form == "next_word" and query.type not in YES_NO:
        words = asker.beginning(query, known)
        asked = StoryQuestion(story, words, tuple(values), "next_word", header="")
        return Put(asked, {value: value for value in values})
    if form == "multiple_choice" and query.type not in YES_NO:
        rng.shuffle(values)
        return _multiple_choice(story, query, known, asker, values)
    value = rng.choice(values)
    words = f"Question: {asker.whether(query, known, value)} Answer:"
    options: dict[str | None, str] = {other: "No" for other in values} | {value: "Yes", None: "No"}
    if query.type in YES_NO:
        options = {"yes": "Yes", "no": "No"}
    return Put(StoryQuestion(story, words, ("Yes", "No"), "yes_no", header=""), options)


def _multiple_choice(story: str, query: Query, known: str, asker: Asker, values: list[str]) -> Put:
    """Lettered values; where a belief is asked for, that there is none is the last of them."""
    place = asker.plot.setting.is_place(query.subject)
    said = [asker.voice.at(value) if place else value for value in values]
    options: list[str | None] = [*values]
    if query.chain:
        said.append(f"{query.chain[0]} {UNKNOWN}")
        options.append(None)
    letters = tuple(LETTERS[: len(said)])
    lines = [f"{letter}. {text}" for letter, text in zip(letters, said, strict=True)]
    words = "\n".join([f"Question: {asker.which(query, known)}", *lines, "Answer:"])
    asked = StoryQuestion(story, words, letters, "multiple_choice", header="")
    return Put(asked, dict(zip(options, letters, strict=True)))
