"""Free text to a verdict: yes, no or unparsed.

The rules for free text, in their order; the first that finds something decides:

1. What the model invents after its answer (a new "Scenario:", "Context:" or "Question:") is cut,
   and so is what answers nothing: "yes and no", "neither yes nor no", "not yes", "no one",
   "no idea".
2. A stated conclusion decides: "the answer is (likely) no", "answer: yes". Two that differ are no
   answer.
3. Else the first word, if it is yes or no.
4. Else yes or no as a word of the text, if only one of the two occurs.
5. Else the text is unparsed: counted as wrong and reported, never guessed.
"""

import re

from tombench.schema import Score

UNPARSED = "unparsed"

_INVENTED = re.compile(r"\b(?:Scenario|Context|Question)\s*:")
_HEDGE = r"(?:most |very )?(?:likely |probably |simply |clearly |definitely |therefore |that )?"
_MARK = r"[\s\"'“”‘’*#(<>\-–—.:]"  # what may stand around the word
_NO_ANSWER = re.compile(
    r"\b(?:neither\s+|not\s+|either\s+)?(?:yes\s*(?:and|or|nor|/)\s*no"
    r"|no\s*(?:and|or|nor|/)\s*yes)\b"
    r"|\bnot\s+[\"'“‘*]*(?:yes|no)\b"
    r"|\bno(?:-|\s+)(?:one|idea|doubt|problem|way)\b",
    re.IGNORECASE,
)
_CONCLUSION = re.compile(
    rf"\banswer(?:\s+to\s+th[^.:\n]{{0,40}})?\s*(?:is|would be|should be|:|is:)\s*:?\s*"
    rf"{_HEDGE}{_MARK}*\b(yes|no)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"^{_MARK}*(yes|no)\b", re.IGNORECASE)
_WORD = re.compile(r"\b(yes|no)\b(?=\s*(?:[.,;:!?\"'“”‘’)*<–—-]|$))", re.IGNORECASE)


def answered_part(text: str) -> str:
    """The text up to the first scenario or question that the model invents itself."""
    return _INVENTED.split(text, maxsplit=1)[0]


def _telling_part(text: str) -> str:
    return _NO_ANSWER.sub("…", answered_part(text))


def read_yes_no(text: str) -> tuple[str, str]:
    """The answer in a free text ("yes", "no" or "unparsed") and the rule that read it."""
    text = _telling_part(text)
    conclusions = {match.lower() for match in _CONCLUSION.findall(text)}
    if len(conclusions) > 1:
        return UNPARSED, "it concludes both yes and no"
    if conclusions:
        return conclusions.pop(), "stated as the answer"
    if first := _FIRST.match(text):
        return first.group(1).lower(), "the first word"
    words = {match.lower() for match in _WORD.findall(text)}
    if len(words) == 1:
        return words.pop(), "the only yes or no in the text"
    return UNPARSED, "it says both yes and no" if words else "it says neither yes nor no"


def score_yes_no(text: str, target: str) -> Score:
    """Free text against the right answer; 1 right, 0 wrong or unparsed."""
    answer, how = read_yes_no(text)
    category = UNPARSED if answer == UNPARSED else "answered"
    verdict = "right" if answer == target else f"wrong, {target} is right"
    reason = f"read as {answer}: {how}; {verdict}"
    return Score(float(answer == target), answer, reason, category)
