"""Why an answer could not be read: the categories of docs/scoring.md."""

import re
from collections import Counter

from tombench.scorers.english import content, plain_words, sentences

CATEGORIES = (
    "answered",
    "multiple_answers",
    "question_evasion",
    "example_repetition",
    "truncated_reasoning",
    "rambling",
    "unparsed",
)
"""All that a free answer can be, in the order in which tables show them."""

LOOP = 3  # times that a sentence is said
LONG = 120  # words that are no answer

_EVADES = re.compile(
    r"\b(?:can(?:not|['’]?t| not)|could not|couldn['’]t|impossible to|not possible to|difficult to"
    r"|hard to|unable to|not able to|no way to|not enough information to)\b[^.]{0,40}"
    r"\b(?:determine|say|tell|know|answer|infer|conclude|predict|be determined|be answered|be said)"
    r"|\b(?:not|n['’]t|no|in)\s*(?:provide |give |have |contain |specify |say |mention |offer )?"
    r"(?:enough|sufficient|any)? ?(?:information|context|evidence|indication|mention)\b"
    r"|\b(?:insufficient|unclear|uncertain|unknown|not (?:clear|specified|stated|known|certain))\b"
    r"|\b(may|might|could) or \1 not\b|\bdepends (?:on|upon)\b|\bI (?:do not|don['’]t) know\b"
    r"|\b(?:I am|I['’]m) (?:sorry|not sure|unable)\b|\bas an ai\b"
    r"|\bplease (?:provide|clarify|rephrase)\b",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(  # that he cannot tell two colours apart evades nothing
    r"\b(?:[Hh]e|[Ss]he|[Tt]hey|(?!I\b|We\b|It\b|You\b|This\b)[A-Z][a-z]+)\s+"
    r"(?:also |still |therefore )?(?:can(?:not|['’]?t| not)|could not|couldn['’]t"
    r"|(?:is|was|are|were) (?:unable|not able) to)\s+(?:tell|know|see|say|determine)\b"
)
_OPTIONS = re.compile(
    r"(?:^|\s)(?:\(?[A-Da-d][).]|\[[ xX]?\]|option \w:?|answer \d:?)\s*(yes|no)\b", re.IGNORECASE
)
_BOTH = re.compile(r"\W*yes\W+no(?:\W+(?:maybe|unsure|unknown))?\W*", re.IGNORECASE)


def category_of_unread(text: str, truncated: bool, step_by_step: bool) -> str:
    """The category of a text in which no verdict was found."""
    if truncated and (step_by_step or not text.strip()):
        return "truncated_reasoning"
    if evades(text):
        return "question_evasion"
    if truncated or loops(text) or len(plain_words(text)) > LONG:
        return "rambling"
    return "unparsed"


def evades(text: str) -> bool:
    """Does it say that this cannot be told?"""
    return bool(_EVADES.search(_SOMEBODY.sub("…", text)))


def lists_options(text: str) -> bool:
    """Does it list yes and no as options, and choose none?"""
    options = {word.lower() for word in _OPTIONS.findall(text)}
    return options == {"yes", "no"} or _BOTH.fullmatch(text) is not None


def loops(text: str) -> bool:
    """Is one sentence said three times or more?"""
    said = Counter(" ".join(plain_words(sentence)) for sentence in sentences(text))
    return any(count >= LOOP for words, count in said.items() if words)


def repeats_example(text: str, asked: str, examples: str) -> bool:
    """Is the answer about a worked example: more of its words than of the scene's own?"""
    if not examples:
        return False
    own, shown = (set(content(plain_words(part))) for part in (asked, examples))
    said = set(content(plain_words(text)))
    return len(said & (shown - own)) >= LOOP and len(said & (shown - own)) > len(said & own - shown)
