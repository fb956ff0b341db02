"""Words of a text with what each is: a noun of the language, or a word of the grammar."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tombench.planning.reading.english import CARDINALS, ORDINALS, grammar_words
from tombench.planning.reading.language import Language, spellings

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:st|nd|rd|th)?|[^\s\w—–-]")
_ENDINGS = re.compile(r"['’](?:s|ll|re|ve|d)$")
_NUMBER = re.compile(r"(\d{1,3})(st|nd|rd|th)?$")


class Token(NamedTuple):
    """A word or phrase. (No dataclass: hundreds are made a question.)"""

    kind: str  # room, place, thing, number, ordinal, or a kind of `english`; unknown
    text: str  # as it is written, in lower case
    start: int  # characters from the text's beginning
    end: int
    value: int = 0  # of a number or an ordinal
    name: str = ""  # class of a room or thing; the phrase of a place
    plural: bool = False


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What some words in a row mean."""

    words: tuple[str, ...]
    kind: str
    value: int = 0
    name: str = ""
    plural: bool = False


class Lexicon:
    """All words that a text in a language may use."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.senses = language.place_senses()
        self._known: dict[tuple[str, ...], _Phrase] = {}
        for phrase, kind in grammar_words().items():
            self._put(phrase, kind)
        for phrase in language.dwellings:
            self._put(phrase, "dwelling")
        for kind, nouns in (("room", language.rooms), ("thing", language.things)):
            for name, phrases in nouns.items():
                for phrase in phrases:
                    self._put_noun(phrase, kind, name)
        for phrase in self.senses:
            self._put_noun(phrase, "place", phrase)
        self._by_first: dict[str, list[_Phrase]] = {}
        for words in sorted(self._known, key=len, reverse=True):  # the longest first
            self._by_first.setdefault(words[0], []).append(self._known[words])

    def tokens(self, text: str) -> list[Token]:
        """Longest phrases first; a noun wins over a word of the grammar."""
        words, spans = _words(text)
        found: list[Token] = []
        at = 0
        while at < len(words):
            phrase = self._phrase(words, at)
            last = at + len(phrase.words)
            kind = phrase.kind
            if phrase.words == ("rest",) and not (found and found[-1].kind == "definite"):
                kind = "verb"  # "two books rest on it", not "the rest"
            told = " ".join(phrase.words)
            start, end = spans[at][0], spans[last - 1][1]
            found.append(Token(kind, told, start, end, phrase.value, phrase.name, phrase.plural))
            at = last
        return found

    def _put_noun(self, phrase: str, kind: str, name: str) -> None:
        for text, plural in spellings(phrase, self.language):
            if plural and text in self.senses:  # no plural hides another noun
                continue
            self._put(text, kind, name, plural and text != phrase)

    def _put(self, phrase: str, kind: str, name: str = "", plural: bool = False) -> None:
        words = tuple(_words(phrase)[0])
        self._known[words] = _Phrase(words, kind, _value(phrase), name, plural)

    def _phrase(self, words: list[str], at: int) -> _Phrase:
        """The longest known one that begins here, else a number, else an unknown word."""
        for phrase in self._by_first.get(words[at], ()):
            length = len(phrase.words)
            if length == 1 or tuple(words[at : at + length]) == phrase.words:
                return phrase
        number = _NUMBER.match(words[at])
        if number is None:
            return _Phrase((words[at],), "unknown")
        return _Phrase((words[at],), "ordinal" if number[2] else "number", int(number[1]))


def _words(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """Lower-case words without possessive endings, and where they stand; "isn't" is two words."""
    words, spans = [], []
    for match in _WORD.finditer(text.lower()):
        word, span = match[0], match.span()
        if "'" in word or "’" in word:
            if word.endswith(("n't", "n’t")):
                words.append(word[:-3])
                spans.append(span)
                word = "not"
            else:
                word = _ENDINGS.sub("", word)
        words.append(word)
        spans.append(span)
    return words, spans


def _value(text: str) -> int:
    if text in CARDINALS:
        return CARDINALS.index(text) + 1
    if text in ORDINALS:
        return ORDINALS.index(text) + 1
    return {"couple": 2, "pair": 2, "dozen": 12}.get(text, 0)


_MADE: dict[int, Lexicon] = {}


def lexicon(language: Language) -> Lexicon:
    """The language's words, made once for each object."""
    made = _MADE.get(id(language))
    if made is None or made.language is not language:
        made = _MADE[id(language)] = Lexicon(language)
    return made


def shared_words(language: Language) -> Mapping[str, str]:
    """Nouns that are words of the grammar, too, with their kind: those may be misread."""
    grammar = grammar_words()
    nouns = (
        text
        for group in (language.rooms, language.things, language.containers, language.surfaces)
        for phrases in group.values()
        for phrase in phrases
        for text, _ in spellings(phrase, language)
    )
    return {text: grammar[text] for text in nouns if text in grammar}
