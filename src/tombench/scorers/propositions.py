"""What a yes/no question asks about, and what a sentence says about that.

"When Pam drives home, does she assume her tulips have bloomed?" asks about an attitude (to
assume) of somebody (she) to a content (her tulips have bloomed). A sentence is held against it
word by word, not by meaning: what cannot be matched says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tombench.scorers.attitudes import BELIEF, KNOWLEDGE
from tombench.scorers.denial import REACH, clauses, denied, negated
from tombench.scorers.english import (
    ABSENT,
    GONE,
    RIVALS,
    content,
    means,
    plain_words,
    stem,
)

Verdict = Literal["yes", "no"]

_PRONOUNS = frozenset("he she they it".split())
FINITE = frozenset("is are was were has have had will would can could did does do".split())
_ASKS = frozenset("what how why who which".split())
_SMALL = frozenset("probably likely certainly definitely indeed not still the and also".split())
WHOLE = frozenset("all every everything everyone entire whole both each".split())
_PART = frozenset("only some half part partially partly most right left one side".split())
_CONDITIONS = frozenset({"if", "whether"})
_POSSIBLE = frozenset("possible possibly perhaps maybe chance possibility".split())
_REFERS = frozenset("so that it this there them yet".split())
_SPOKEN = (["yes"], ["no"])
_LONGEST = 60  # words after a verb that are read
_PLACES = frozenset("where in on at under behind inside beside near next by there".split())


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
    names: frozenset[str]  # stems of names: who is spoken of is no content
    auxiliaries: frozenset[str]  # of a short answer: she does
    direct: bool  # asked about seeing or finding a thing: another thing in its place is a no
    of_all: bool  # asked about all of them
    negated: bool  # the question's content is itself negated

    def stated_in(self, sentence: str) -> list[Statement]:
        """What the sentence says of this proposition, in its order; [] where nothing."""
        found = []
        for clause in clauses(sentence):
            words = plain_words(clause)
            for place, word in enumerate(words):
                who = self._subject_before(words[:place]) if word in self.verbs else None
                statement = None
                if who is not None:
                    turned = denied(words[:who], words[who + 1 : place])
                    after = words[place + 1 : place + 1 + _LONGEST]
                    statement = self._read(turned, word, after)
                if statement:
                    found.append(replace(statement, own=word in self.same_verb))
                    break
        return found

    def answered_by(self, sentence: str) -> Verdict | None:
        """The verdict of a bare "She does not.", "Yes, they do"; not of a sentence cut off."""
        spoken = plain_words(sentence)
        if not (sentence.rstrip(" \"'”’)*").endswith((".", "!")) or spoken[:1] in _SPOKEN):
            return None
        words = [word for word in spoken if word not in ("yes", "no", "so")]
        rest = [word for word in words if word not in self.subject | _PRONOUNS | _SMALL]
        if len(rest) != 1 or rest[0] not in self.auxiliaries:
            return None
        return "no" if "not" in words else "yes"

    def concerns_another(self, sentence: str) -> bool:
        """Does it name somebody else, and not the one who is asked about?"""
        words = set(plain_words(sentence))
        return bool(words & self.others) and not words & self.subject

    def _subject_before(self, before: Sequence[str]) -> int | None:
        """Where the one stands that is asked about, if nobody else is nearer to the verb."""
        if (_CONDITIONS | _POSSIBLE) & set(before):
            return None
        if self.direct and BELIEF & set(before):  # "thinks that he sees a fish"
            return None
        for place in range(len(before) - 1, max(-1, len(before) - 1 - REACH), -1):
            word = before[place]
            if word in self.subject or word in _PRONOUNS:
                possessive = list(before[place + 1 : place + 2]) == ["s"]  # "Sarah's sister"
                asked = place and before[place - 1] in _ASKS  # "I cannot know what she thinks"
                return None if possessive or asked else place
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
        if self.of_place:
            return self._placed(said, after, matrix_negated)
        if said:
            return self._compare(said, after, matrix_negated)
        if after and after[-1] not in _REFERS:
            return None
        if verb not in self.same_verb:  # who does not know of it does not hold it
            return Statement("no", certain=False) if matrix_negated and verb in KNOWLEDGE else None
        return Statement("no" if matrix_negated else "yes", certain=True)

    def _placed(
        self, said: Sequence[str], after: Sequence[str], matrix_negated: bool
    ) -> Statement | None:
        """What is said of knowing where something is: to know any place of it is a yes."""
        about = set(said) & {*self.frame, *self.focus} or set(after[:2]) & {"it", "they", "them"}
        if after[:1] != ["where"] and not (about and _PLACES & set(after)):
            return None
        return Statement("no" if matrix_negated else "yes", certain=True)

    def _compare(
        self, said: Sequence[str], after: Sequence[str], matrix_negated: bool
    ) -> Statement | None:
        matches = [means(said, wanted) for wanted in self.focus]
        inner = negated(after) != self.negated
        turned = inner != matrix_negated
        agents = self.names & set(self.frame)
        if agents and not agents & set(said) and not (_PRONOUNS | {"him", "her"}) & set(after):
            return None if turned or not all(matches) else Statement("no", certain=False)
        if self.focus and all(matches):
            if self.of_all and set(after) & _PART and not set(after) & WHOLE:
                return None if inner or matrix_negated else Statement("no", certain=False)
            if not turned and -1 not in matches and self._rivals(said):
                return Statement("no", certain=False)  # "comes on Thursday"
            opposite = (matches.count(-1) + turned) % 2 == 1
            return Statement("no" if opposite else "yes", certain=True)
        missing = {w for w, found in zip(self.focus, matches, strict=True) if not found}
        known = {*self.frame, *self.focus}
        shared = {word for word in said if word in known or means(known, word) == 1} - self.names
        new = {word for word in said if word not in known} - shared
        if -1 in matches and shared:
            return Statement("yes" if turned else "no", certain=False)
        if missing & ABSENT and shared:  # "they find no soda", "the soda is gone"
            absent = inner != bool(new & GONE)
            return Statement("yes" if absent != matrix_negated else "no", certain=False)
        if not new:
            return self._referred(after, turned)
        if turned or inner or not (shared or self.direct):
            return None
        most = 3 * len(missing) <= len(self.focus) and not self._rivals(said)
        return Statement("yes" if most else "no", certain=False)

    def _rivals(self, said: Sequence[str]) -> set[str]:
        """Words that exclude what is asked about: another colour, another day."""
        own = {*self.frame, *self.focus, *(stem(word) for word in self.aside)}
        groups = [group for group in RIVALS if group & own and not group & own & set(said)]
        return {word for word in said for group in groups if word in group}

    def _referred(self, after: Sequence[str], turned: bool) -> Statement | None:
        """ "Expects to find it there": the content is referred to, not repeated.

        Not so where a predicate stands that is no content here: "thinks the debate goes on".
        """
        predicate = next((i for i, word in enumerate(after) if i and word in FINITE), None)
        rest = after[predicate:] if predicate is not None else ["it"]
        if not content(rest) and not _REFERS & set(rest):
            return None
        return Statement("no" if turned else "yes", certain=True)
