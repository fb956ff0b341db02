"""The little English that reading an answer takes: words, stems, negation, opposites, clauses."""

import re
from collections.abc import Iterable
from functools import lru_cache

_WORD = re.compile(r"\d+(?:[-–:.]\d+)+|\w+(?:n['’]t)?|\w+", re.UNICODE)
_CANNOT = re.compile(r"\bcan(?:not|['’]?t)\b", re.IGNORECASE)
_IGNORANT = re.compile(r"\bha(?:s|ve|d) no (?:idea|clue|knowledge)\b", re.IGNORECASE)
_DOUBTS = re.compile(r"\b(?<!not )(?<!n't )doubts?(?= (?:that|whether|it))", re.IGNORECASE)
_CONTRACTED = re.compile(r"(?<=\w)n['’]t\b", re.IGNORECASE)

NEGATIONS = frozenset(
    (
        "not never no none nothing neither nor without cannot unlikely hardly doubts doubt "
        "unaware fails fail failed unable nobody "
        "rarely seldom refuses refused lacks lacked"
    ).split()
)
"""Words that turn a statement round; "has yet to" does too."""

FUNCTION_WORDS = frozenset(
    (
        "a an the this that these those his her hers its their theirs my your our he she it they "
        "him them we you i who whom which what where when while how there here of in on at to "
        "from into onto under over by with for about as up out off down back be is are was were "
        "been being am do does did done has have had having will would shall should can could may "
        "might must and or so then now still already just really actually also too very again "
        "always probably likely most certainly definitely simply indeed however therefore thus "
        "hence because since if whether not never no none neither nor yet any some all both each "
        "every such own same other another one than like only even after before until during time "
        "day today tomorrow morning evening night later soon going go goes get gets got make "
        "makes made than s t d ll ve re m"
    ).split()
)
"""Words that carry no content of their own here."""

_OPPOSITES = (
    "full empty", "occupied empty", "asleep awake", "sleeping awake", "open closed", "open shut",
    "sick healthy", "sick well", "ill well", "clean dirty", "cleaned dirty", "wet dry", "hot cold",
    "warm cold", "alive dead", "true false", "right wrong", "same different", "won lost",
    "present missing", "present gone", "there gone", "solved unresolved", "solved ongoing",
    "locked unlocked", "early late", "real fake", "inside outside", "sleeping swimming",
)  # fmt: skip

_ALIKE = (
    "bloom flower blossom", "sick ill unwell", "asleep sleep sleeping", "occupied taken",
    "empty gone missing drained", "empty unoccupied vacant free available", "solve resolve settle",
    "clean wipe wash", "hair mane", "fridge refrigerator", "buy purchase", "car vehicle",
    "see saw seen", "find found", "big large", "small little tiny", "awake woke wake woken",
    "mow cut trim", "lawn grass", "contain full hold",
)  # fmt: skip

NUMBERS = dict(
    zip("2 3 4 5 6 7 8 9 10 20 30 40 50 100".split(),
        "two three four five six seven eight nine ten twenty thirty forty fifty hundred".split(),
        strict=True)
)  # fmt: skip
"""Numbers in digits -> in words."""


def plain_words(text: str) -> list[str]:
    """Lower-case words; "doesn't" is "does not", "has no idea" is "does not know"."""
    text = _IGNORANT.sub("does not know", _CANNOT.sub("can not", text))
    text = _DOUBTS.sub("does not think", text)
    text = _CONTRACTED.sub(" not", text)
    return [word.lower() for word in _WORD.findall(text)]


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """A word without its inflection, good enough to compare two: bloomed, blooming → bloom."""
    for ending, left in (("ies", "y"), ("ied", "y"), ("sses", "ss")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + left
    for ending in ("ing", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]  # snagged → snag
    return word.removesuffix("e") if len(word) > 3 else word


def _groups(lines: Iterable[str]) -> dict[str, frozenset[str]]:
    groups: dict[str, frozenset[str]] = {}
    for line in lines:
        words = frozenset(stem(word) for word in line.split())
        for word in words:
            groups[word] = groups.get(word, frozenset()) | words - {word}
    return groups


OPPOSITE = _groups(_OPPOSITES)
ALIKE = _groups(_ALIKE)


def content(words: Iterable[str]) -> list[str]:
    """Stems of the words that carry content, in their order; numbers as words."""
    return [stem(NUMBERS.get(word, word)) for word in words if word not in FUNCTION_WORDS]


ABSENT = frozenset(stem(word) for word in "empty unoccupied vacant".split())
"""What says that something is not there."""

GONE = frozenset(stem(word) for word in "gone missing drunk drank vanished stolen".split())

RIVALS = tuple(
    frozenset(stem(word) for word in line.split())
    for line in (
        "monday tuesday wednesday thursday friday saturday sunday",
        "red orange yellow green blue purple pink brown black white grey gray",
        " ".join(NUMBERS.values()),
        "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen fifty",
    )
)
"""Words of one kind that exclude each other."""


def means(stemmed: Iterable[str], wanted: str) -> int:
    """Do these stems say the wanted one? 1 yes (or a synonym), −1 its opposite, 0 neither."""
    said = set(stemmed)
    if wanted in said or said & ALIKE.get(wanted, frozenset()):
        return 1
    negated = {f"{prefix}{wanted}" for prefix in ("un", "in", "dis", "non", "im")}
    bare = next((wanted[2:] for p in ("un", "in", "im") if wanted.startswith(p)), "")
    if said & negated or (len(bare) > 3 and said & ({bare} | ALIKE.get(bare, frozenset()))):
        return -1
    return -1 if said & OPPOSITE.get(wanted, frozenset()) else 0


_LIST_MARK = re.compile(
    r"(?m)^[ \t]*(?:(?:\(?\d{1,2}[.):]|[-*•–])[ \t]+|Step \d+[:.]?[ \t]*)", re.IGNORECASE
)
_INLINE_MARK = re.compile(r"(?<=[.!?:])\s+\d{1,2}[.)]\s+(?=[A-Z])")
_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(*]*[A-Z0-9])|\n+")


def sentences(text: str) -> list[str]:
    """The sentences of a text, marks of lists and steps taken off."""
    text = _INLINE_MARK.sub("\n", _LIST_MARK.sub("", text))
    text = re.sub(r":\s*\n+", ": ", text)
    return [part.strip() for part in _END.split(text) if part and part.strip()]
