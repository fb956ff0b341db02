"""Training texts in the forms that trainers read, and their card.

Prompt and completion, and chosen and rejected, are the plain forms of TRL: the blank
between prompt and answer is the answer's first character.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count as numbers
from itertools import islice
from random import Random
from types import MappingProxyType
from typing import Literal

from tombench import __version__
from tombench.stories.card import front_matter, table
from tombench.stories.corpus import VERSION as CORPUS_VERSION
from tombench.stories.corpus import draw_texts
from tombench.stories.examples import draw_examples, draw_preferences
from tombench.stories.suite import GENERATOR_VERSION

TextKind = Literal["examples", "preferences", "corpus"]
FILES: Mapping[TextKind, str] = MappingProxyType(
    {
        "examples": "train.jsonl",
        "preferences": "preferences.jsonl",
        "corpus": "corpus.jsonl",
    }
)
_TOLD = {
    "examples": "stories with a question about them: cells of contrast sets, those of one story "
    "together. `prompt` and `completion`.",
    "preferences": "stories with a question about them: cells of contrast sets, those of one story "
    "together. `prompt`, `chosen` (the right answer) and `rejected` (where belief and reality part "
    "what a reader gives who takes everybody to know the facts, else the other possible answer).",
    "corpus": "plain texts for pretraining: facts, stories with what is so in them, prose. `text`.",
}


def text_lines(kind: TextKind, count: int, seed: int) -> Iterator[str]:
    """`count` JSON objects, a line each; groups are drawn one by one, so a longer file begins
    with a shorter one."""
    rows = (row for number in numbers() for row in _DRAWS[kind](Random(f"{seed}/{number}")))
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in islice(rows, count))


def _examples(rng: Random) -> Iterator[dict[str, str]]:
    for text in draw_examples(rng, 1.0):
        yield {"prompt": text.prompt, "completion": text.answer}


def _preferences(rng: Random) -> Iterator[dict[str, str]]:
    for one in draw_preferences(rng):
        yield {"prompt": one.prompt, "chosen": one.chosen, "rejected": one.rejected}


def _corpus(rng: Random) -> Iterator[dict[str, str]]:
    for text in draw_texts(rng, 1.0):
        yield {"text": text.prompt + text.answer}


_DRAWS: Mapping[TextKind, Callable[[Random], Iterator[dict[str, str]]]] = {
    "examples": _examples,
    "preferences": _preferences,
    "corpus": _corpus,
}


def text_card(kind: TextKind, lines: Sequence[str], seed: int, sha256: str) -> str:
    """README.md of exported training texts."""
    words = sum(len(" ".join(json.loads(line).values()).split()) for line in lines)
    rows = {
        "texts": f"{len(lines):,}",
        "words": f"{words:,}",
        "seed": str(seed),
        "generator": f"version {GENERATOR_VERSION}, corpus version {CORPUS_VERSION}, "
        f"tombench {__version__}",
        f"sha256 of {FILES[kind]}": f"`{sha256}`",
    }
    name = f"Training texts ({kind})"
    return "\n".join(
        (
            front_matter(name, len(lines), FILES[kind]),
            f"# {name}\n\n`{FILES[kind]}`: {_TOLD[kind]}\n\nLicence: CC BY 4.0.\n",
            table(("", ""), list(rows.items())),
            "English from templates. Stories hold words of the training vocabulary alone; the "
            "words that test suites are made of stand in facts and prose at most.\n",
        )
    )
