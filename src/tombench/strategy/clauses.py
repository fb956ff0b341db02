"""Where sentences of an answer end, and whether a clause is meant or only supposed."""

import re
from collections.abc import Iterator

_MARKUP = re.compile(r"[*_`#>\"“”«»\[\](){}\\$]|(?<!\w)['‘’]|['‘’](?!\w)")
_END = re.compile(r"(?:[.!?;]+(?=\s|$)|\n)+\s*")
_IF = (
    r"\b(?<!even )(?:if|unless|when|whenever|suppose|supposing|assume|assuming|imagine|"
    r"in case|provided that|as long as|had i|were i|should i|had they|were they)\b"
)
_SUPPOSED = re.compile(rf"(?:{_IF}|\bwhether\b)[^,:]*$", re.I)
_CONDITION = re.compile(rf"{_IF}(?P<condition>[^,]*),", re.I)
_CONCLUDED = re.compile(
    r"(?:\b(?:but|so|yet|thus|hence|therefore|nevertheless|still))\s*,?\s*$", re.I
)
_OTHERS = re.compile(
    r"\b(?:coplayer|co-player|player|players|opponent|counterpart|other|others|they|them|he|she|"
    r"everyone|everybody|anyone|friend|colleague|partner)\b",
    re.I,
)
_AFTERWARDS = re.compile(
    r"\s*,?\s*(?:but\s+)?(?:only\s+)?(?:if|unless|when|whenever|provided|assuming|as long as|"
    r"in case)\b",
    re.I,
)
_THOUGHT = re.compile(
    r"\b(?:think|thinks|believe|believes|expect|expects|assumes|know|knows|hope|hopes|guess|guesses|"
    r"predict|predicts|fear|fears|say|says|said)\b[^,]*$",
    re.I,
)


def plain(text: str) -> str:
    """The text with markup and quotation marks blanked, character for character."""
    return _MARKUP.sub(" ", text).replace("’", "'")


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Sentences and lines, each with where it begins; its end mark is part of it."""
    start = 0
    for end in _END.finditer(text):
        yield start, text[start : end.end()]
        start = end.end()
    if start < len(text):
        yield start, text[start:]


def is_supposed(sentence: str, start: int, end: int, mention: re.Pattern[str]) -> bool:
    """Is what stands from start to end in a sentence no more than a case that is looked at?

    It is in an if-clause ("if I chose D"), depends on one that speaks of the coplayer or holds a
    `mention` ("if they play C, I choose D"; "I choose D if they do"), is asked, or is what
    somebody else thinks ("they expect that I choose C").
    """
    before, after = sentence[:start], sentence[end:]
    if _SUPPOSED.search(before) or _AFTERWARDS.match(after) or "?" in after[-4:]:
        return True
    if not _CONCLUDED.search(before):
        for found in _CONDITION.finditer(before):
            condition = found["condition"]
            if mention.search(condition) or _OTHERS.search(condition):
                return True
    thought = _THOUGHT.search(before)
    return bool(thought and _OTHERS.search(before[: thought.start()].rpartition(",")[2]))
