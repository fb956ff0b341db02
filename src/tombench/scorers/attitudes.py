"""Verbs of thinking, knowing, seeing, finding and acting: what a question asks about."""

from functools import lru_cache

BELIEF = frozenset(
    (
        "think thinks thought thinking believe believes believed believing assume assumes assumed "
        "assuming expect expects expected expecting suppose supposes supposed presume presumes "
        "presumed suspect suspects suspected imagine imagines imagined guess guesses guessed "
        "reckon reckons conclude concludes concluded anticipate anticipates anticipated convinced "
        "sure impression belief assumption feel feels felt consider considers"
    ).split()
)
KNOWLEDGE = frozenset(
    (
        "know knows knew known knowing aware unaware realize realizes realized realise realises "
        "realised learn learns learned learnt understand understands understood remember "
        "remembers remembered recognize recognizes recognise recognises knowledge"
    ).split()
)
SIGHT = frozenset(
    (
        "see sees saw seen seeing notice notices noticed observe observes observed spot spots "
        "spotted watch watches watched hear hears heard recognize recognizes"
    ).split()
)
FINDING = frozenset(
    (
        "find finds found finding discover discovers discovered discovering notice notices "
        "noticed realize realizes realized realise realises see sees saw seen learn learns "
        "learned"
    ).split()
)
ACTION = frozenset(
    (
        "look looks looked looking search searches searched go goes went reach reaches reached "
        "open opens opened say says said want wants wanted choose chooses chose take takes took "
        "ask asks asked tell tells told"
    ).split()
)
STATED_BY = {
    "believe": (BELIEF, BELIEF | KNOWLEDGE),
    "know": (KNOWLEDGE, KNOWLEDGE | FINDING),
    "see": (SIGHT, SIGHT | FINDING),
    "find": (FINDING, FINDING | SIGHT),
    "act": (ACTION, ACTION),
}
"""By kind: the verbs that a question is asked with, and those in which its answer is stated."""


@lru_cache(maxsize=1 << 14)
def attitude(word: str) -> str | None:
    """The kind of a verb of thinking, knowing, seeing, finding or acting, whatever its tense."""
    return next((kind for kind, (own, _) in STATED_BY.items() if word in own), None)
