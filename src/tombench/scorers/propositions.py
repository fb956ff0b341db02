"""What a yes/no question asks about, and what a sentence says about that.

"When Pam drives home, does she assume her tulips have bloomed?" asks about an attitude (to
assume) of somebody (she) to a content (her tulips have bloomed). A sentence is held against it
word by word, not by meaning: what cannot be matched says nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tombench.scorers.attitudes import FINDING, KNOWLEDGE, SIGHT, STATED_BY, attitude
from tombench.scorers.english import (
    FUNCTION_WORDS,
    NEGATIONS,
    content,
    means,
    plain_words,
    stem,
)

Verdict = Literal["yes", "no"]

_AUXILIARY = frozenset("do does did is are was were will would can could has have had".split())
_PRONOUNS = frozenset("he she they it".split())
_STOPS = re.compile(
    r",?\s*\b(?:because|since|although|though|however|even though|due to|instead of|rather than|"
    r"which|who|so that|given that|based on|despite|unless|except)\b|[;(]"
    r"|,\s*(?:but|as|so|and|not|while|when|until|where|or)\b|\s+(?:but|when|while|as)\b(?!\s+a\b)"
)
_FINITE = frozenset("is are was were has have had will would can could did does do".split())
_FOUND = frozenset("find see discover notice learn".split())  # "expects to find her towel"
_WHOLE = frozenset("all every everything everyone entire whole both each".split())
_PART = frozenset("only some half part partially partly most right left one side".split())
_CONDITIONS = frozenset({"if", "whether"})
_POSSIBLE = frozenset("possible possibly perhaps maybe chance possibility".split())
_REFERS = frozenset("so that it this there them".split())
_PLACES = frozenset("where in on at under behind inside beside near next by there".split())
_REACH = 9  # words before a verb in which its subject is looked for


@dataclass(frozen=True)
class Statement:
    """What a sentence says of a proposition."""

    verdict: Verdict
    certain: bool  # False: another content stands in the place of the one asked about
    own: bool = True  # said with the question's own kind of verb, not inferred from another


@dataclass(frozen=True)
class Proposition:
    """SUBJECT VERB COMPLEMENT of a yes/no question, as stems."""

    subject: frozenset[str]  # words of the question's subject; a pronoun matches any
    others: frozenset[str]  # names in the scene and question that are not the subject's
    verbs: frozenset[str]  # in which an answer may be stated
    of_place: bool  # asked where something is: knowing any place is a yes
    same_verb: frozenset[str]  # verbs of the question's own kind
    frame: frozenset[str]  # what the content is about: her tulips
    focus: tuple[str, ...]  # what is said of it: bloomed
    aside: frozenset[str]  # words of the question's time and place, which are no content
    direct: bool  # asked about seeing or finding a thing: another thing in its place is a no
    of_all: bool  # asked about all of them
    negated: bool  # the question's content is itself negated

    def stated_in(self, sentence: str) -> list[Statement]:
        """What the sentence says of this proposition, in its order; [] where nothing."""
        found = []
        for clause in _clauses(sentence):
            words = plain_words(clause)
            for place, word in enumerate(words):
                who = self._subject_before(words[:place]) if word in self.verbs else None
                statement = None
                if who is not None:
                    negated = _denied(words[:who], _own_part(words[who + 1 : place]))
                    statement = self._read(negated, word, words[place + 1 :])
                if statement:
                    found.append(replace(statement, own=word in self.same_verb))
                    break
        return found

    def answered_by(self, sentence: str) -> Verdict | None:
        """The verdict of a bare "she does not", "Yes, they do"."""
        words = [word for word in plain_words(sentence) if word not in ("yes", "no", "so")]
        words = [word for word in words if word not in self.subject | _PRONOUNS | {"the", "and"}]
        if not words or words[0] not in _AUXILIARY or set(words[1:]) - {"not", "indeed"}:
            return None
        return "no" if "not" in words else "yes"

    def _subject_before(self, before: Sequence[str]) -> int | None:
        """Where the one stands that is asked about, if nobody else is nearer to the verb."""
        if (_CONDITIONS | _POSSIBLE) & set(before):
            return None
        for place in range(len(before) - 1, max(-1, len(before) - 1 - _REACH), -1):
            word = before[place]
            if word in self.subject or word in _PRONOUNS:
                possessive = list(before[place + 1 : place + 2]) == ["s"]  # "Sarah's sister"
                return None if possessive else place
            if word in self.others:
                return None
        return None

    def _read(self, denied: bool, verb: str, after: Sequence[str]) -> Statement | None:
        matrix_negated = denied != (verb == "unaware")
        if denied and verb in ("sure", "convinced"):  # who is not sure need not hold the contrary
            return None
        if after and after[0] in _CONDITIONS:  # who does not know whether it is so does not hold it
            ignorant = matrix_negated and verb in KNOWLEDGE
            return Statement("no", certain=False) if ignorant else None
        if after and after[0] in ("when", "about", "how", "why"):
            return None
        said = content(word for word in after if word not in self.aside)
        if not said:
            if verb not in self.same_verb or (after and after[-1] not in _REFERS):
                return None
            return Statement("no" if matrix_negated else "yes", certain=True)
        if self.of_place and not _PLACES & set(after):
            return None
        return self._compare(said, after, matrix_negated)

    def _compare(
        self, said: Sequence[str], after: Sequence[str], matrix_negated: bool
    ) -> Statement | None:
        matches = [means(said, wanted) for wanted in self.focus]
        inner = _negated(after) != self.negated
        if self.focus and all(matches):
            opposite = (matches.count(-1) + inner + matrix_negated) % 2 == 1
            if self.of_all and set(after) & _PART and not set(after) & _WHOLE:
                return None if inner or matrix_negated else Statement("no", certain=False)
            return Statement("no" if opposite else "yes", certain=True)
        known = self.frame | set(self.focus)
        shared = [word for word in said if word in known or means(known, word) == 1]
        new = [word for word in said if word not in known]
        if not new:  # "expects to find it there": the content is referred to, not repeated
            return Statement("no" if matrix_negated != inner else "yes", certain=True)
        if (shared or self.direct) and not inner and not matrix_negated:
            return Statement("no", certain=False)
        return None


def proposition(question: str, scene: str = "") -> Proposition | None:
    """Take a yes/no question apart; None where it asks about no attitude that is known here."""
    words = plain_words(question)
    start = next((i for i, word in reversed(list(enumerate(words))) if _asks(words, i)), None)
    if start is None:
        return None
    verb_at = next(i for i in range(start + 1, len(words)) if attitude(words[i]))
    kind = str(attitude(words[verb_at]))
    same, stated = STATED_BY[kind]
    complement = words[verb_at + 1 :]
    subject = {word for word in words[start + 1 : verb_at] if word not in FUNCTION_WORDS}
    names = _names(f"{question} {scene}")
    if not subject:  # a pronoun: whoever the question names before it
        subject = {word for word in words[:start] if word in names} or {
            word for word in words[:start] if word not in FUNCTION_WORDS
        }
    frame, focus = _frame_and_focus(complement, names)
    return Proposition(
        subject=frozenset(subject),
        others=names - subject,
        verbs=stated,
        of_place=complement[:1] == ["where"],
        same_verb=same,
        frame=frozenset(frame),
        focus=tuple(focus),
        aside=(frozenset(words[:start]) - set(complement)) | _FOUND.intersection(complement[:2]),
        direct=kind in ("see", "find") and not frame,
        of_all=bool(set(complement) & _WHOLE),
        negated=_negated(complement),
    )


def _asks(words: Sequence[str], place: int) -> bool:
    """Does the question proper begin here: an auxiliary with a known verb soon after it?"""
    return words[place] in _AUXILIARY and any(
        attitude(word) for word in words[place + 1 : place + 8]
    )


def _names(text: str) -> frozenset[str]:
    """Capitalised words that also stand inside a sentence, lower-cased."""
    inside = re.findall(r"(?<=[a-z,;:] )[A-Z][a-z]+", text)
    first = re.findall(r"(?:^|[.!?] )([A-Z][a-z]+)", text)
    counted = {word.lower() for word in inside}
    return frozenset(counted | {w.lower() for w in first if w.lower() not in FUNCTION_WORDS})


def _frame_and_focus(
    complement: Sequence[str], names: frozenset[str]
) -> tuple[list[str], list[str]]:
    """What a content is about, and what it says of that.

    "her tulips | have | bloomed": the predicate is what is said. "her chocolate in the cupboard":
    all of it. Names are frame: what is said of Amy is not Amy.
    """
    inner = next((i for i, word in enumerate(complement) if i and word in _FINITE), None)
    verb = next((i for i, word in enumerate(complement) if word in FINDING | SIGHT), None)
    if inner is not None and (verb is None or inner < verb):
        frame, focus = content(complement[:inner]), content(complement[inner:])
        return frame, focus or frame
    start = 0 if verb is None or verb > 2 else verb + 1  # "to find her chocolate …"
    said = content(complement[start:])
    focus = [word for word in said if word not in {stem(name) for name in names}]
    return [word for word in said if word not in focus], focus or said


def first_clause(sentence: str) -> str:
    """A sentence up to where a reason or a contrast begins; "" where it begins with one."""
    if _STOPS.match(sentence.lstrip()):
        return ""
    return next(iter(_clauses(sentence.lstrip(" ,:.–—-"))), "")


def _clauses(sentence: str) -> list[str]:
    """A sentence cut where another thought begins: because, but, although, instead of."""
    return [part for part in _STOPS.split(sentence) if part and part.strip()]


def _own_part(between: Sequence[str]) -> Sequence[str]:
    """What belongs to the verb: "never reads the news and | never thinks"."""
    last = max((i for i, word in enumerate(between) if word in ("and", "or", "so")), default=-1)
    return between[last + 1 :]


def _denied(before: Sequence[str], between: Sequence[str]) -> bool:
    """Is it denied that the subject holds it: "does not think", "it is unlikely that he thinks"?"""
    near = list(before[-_REACH:])
    doubted = "unlikely" in near or any(
        pair in (["not", "likely"], ["not", "true"], ["not", "possible"])
        for pair in (near[i : i + 2] for i in range(len(near)))
    )
    return doubted != _negated(between)


def _negated(words: Sequence[str]) -> bool:
    """An odd number of negations: "does not", "has yet to", "is not unaware"."""
    count = 0
    for place, word in enumerate(words):
        if word == "yet":
            count += place + 1 < len(words) and words[place + 1] == "to"
        elif (word == "no" and words[place + 1 : place + 2] == ["longer"]) or word in NEGATIONS:
            count += 1
    return count % 2 == 1
