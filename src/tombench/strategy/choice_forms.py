"""The forms in which people state a choice between two labels, as patterns.

Patterns are for text without markup (`clauses.plain`); the label that is chosen is the group
`label`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tombench.strategy.telling import Presentation


@dataclass(frozen=True)
class Forms:
    """Patterns for one pair of labels."""

    labels: tuple[str, str]
    mention: re.Pattern[str]  # either label
    both: re.Pattern[str]  # "C or D"
    leading: re.Pattern[str]  # at the beginning of an answer
    alone: re.Pattern[str]  # a line that is a label and nothing else
    committed: tuple[re.Pattern[str], ...]  # in a sentence
    final: tuple[re.Pattern[str], ...]  # in a sentence


NOUN = (
    r"(?:strategy|option|action|choice|policy|project|plan|letter|word|scheme|contract|code|style|"
    r"set-up|rule|move|line|answer|box|colou?r)"
)
_FILLER = (  # a few words, none of which denies or leaves open
    r"(?:(?!(?:not|never|between|or|nor|if|when|whether|either|neither|both|unless|and|against|"
    r"over|than|instead|that|because|since|what|which)\b)[a-z-]+\s*:?\s+){0,4}?"
)
_ASIDE = r"(?:\s*,[^,.;]*,)?"
_ADVERBS = r"(?:\s+(?:rather|still|therefore|thus|then|now|definitely|probably|also|just|hereby))*"
_AUXILIARY = r"(?:\s*'(?:d|ll|m|ve)|\s+(?:would|will|shall|should|must|am|have|do|had))?"
_TOWARDS = (
    r"(?:\s+(?:going|decided?|inclined|like|prefer|chosen?|choose|intend|plan|want|lean(?:ing)?)"
    r"\s+(?:to|towards?))?"
)
_VERB = (
    r"(?:cho(?:ose|osing|se|sen)|pick(?:ing|ed)?|select(?:ing|ed)?|play(?:ing)?|tak(?:e|ing)|"
    r"adopt(?:ing|ed)?|follow(?:ing)?|answer|vote\s+for|commit\s+to|(?:go|going|went)\s+(?:with|for)"
    r"|opt(?:ing|ed)?\s+for|settled?\s+(?:on|for)|stick(?:ing)?\s+(?:with|to)|"
    r"decided?\s+(?:on|for))"
)
_CHOICE = r"(?:choice|answer|decision|pick|selection|strategy|option|move)"
_IS = r"\s*(?:would\s+be|will\s+be|is|:|=)\s*:?\s*"
_HENCE = r"(?:therefore|thus|so|hence|finally|overall|in\s+conclusion)"

REFUSAL = re.compile(
    r"\bI\s*(?:'m|am)\s+(?:sorry|unable|not\s+able)|\bI\s+(?:cannot|can\s+not|can't|won't|refuse|"
    r"decline|will\s+not\s+(?:choose|take\s+part))\b|\bas\s+an\s+AI\b",
    re.I,
)


@lru_cache(maxsize=64)
def forms(labels: tuple[str, str]) -> Forms:
    """The forms of a choice between two labels. Raises UserError as `Presentation` does."""
    Presentation(labels)
    either = "|".join(map(_label, labels))
    then = rf"(?:the\s+)?(?:{NOUN}\s+)?(?:{either})"
    chosen = (
        rf"(?P<label>{either})(?!\s*(?:,?\s*(?:or|and)\b|/|&)\s*{then})"
        r"(?!\s+with\s+(?:a\s+)?(?:probability|chance|\d))"  # a mixture is no choice
    )
    start = r"^\s*"
    return Forms(
        labels=labels,
        mention=_pattern(either),
        both=_pattern(rf"(?:{either})\s*(?:,|,?\s*(?:or|nor|and)\b|/|&)\s*{then}"),
        leading=_pattern(
            rf"{start}(?:{NOUN}\s+)?{chosen}(?!\s*,\s*{then}\s*(?:$|[.\n]))"
            r"(?=\s*(?:$|[.,;:!\n–—-]|(?:because|since|as)\b))"
        ),
        alone=_pattern(rf"\s*(?:{NOUN}\s+)?(?P<label>{either})\s*[.!]?\s*"),
        committed=(
            _pattern(
                rf"\bI{_ASIDE}{_AUXILIARY}{_ADVERBS}{_TOWARDS}\s+{_VERB}\s*:?\s+"
                rf"{_FILLER}(?:{NOUN}\s*,\s*)?{chosen}"
            ),
            _pattern(rf"{start}{_HENCE}\s*[,:]?\s*(?:{NOUN}\s+)?(?P<label>{either})\s*[.!]?\s*$"),
        ),
        final=(
            _pattern(rf"\bmy\s+(?:own\s+)?(?:final\s+)?{_CHOICE}{_IS}{_FILLER}{chosen}"),
            _pattern(
                rf"{start}(?:{_HENCE}\s*,?\s+)?(?:the\s+)?(?:final\s+)?{_CHOICE}{_IS}{_FILLER}{chosen}"
            ),
            _pattern(rf"{start}(?:{NOUN}\s+)?{chosen}{_IS}my\s+(?:final\s+)?{_CHOICE}"),
            _pattern(rf"\bboxed\s*(?P<label>{either})"),
        ),
    )


def _label(label: str) -> str:
    """A label as a word of its own; "A" as a capital alone, since "a" is an article."""
    word = re.escape(label)
    return rf"(?<![\w'-])(?-i:{word})(?![\w-])" if label == "A" else rf"(?<![\w'-]){word}(?![\w-])"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)
