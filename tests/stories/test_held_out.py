"""What is tested on is not trained on: words, stories, and the texts of published suites."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

from tombench import corpus
from tombench.datafile import EMBEDDED
from tombench.prompts import HEADERS, STEP_BY_STEP
from tombench.stories.accounts import draw_account, draw_look
from tombench.stories.corpus import MIXTURE
from tombench.stories.examples import HEADERS as EXAMPLE_HEADERS
from tombench.stories.examples import draw_examples, draw_preferences
from tombench.stories.facts import draw_facts
from tombench.stories.layouts import draw_layout
from tombench.stories.lexicon import HELD_OUT, TRAINING, nonsense
from tombench.stories.prose import draw_prose
from tombench.stories.suite import Suite

STATIC: dict[str, Callable[[Random], str]] = {
    "facts": lambda rng: _whole(draw_facts(rng)),
    "prose": draw_prose,
}
STORIES: dict[str, Callable[[Random], str]] = {
    "account": lambda rng: _whole(draw_account(rng, 1.0)),
    "look": lambda rng: _whole(draw_look(rng)),
    "layout": lambda rng: _whole(draw_layout(rng)),
}
EXAMPLES: dict[str, Callable[[Random], str]] = {
    "examples": lambda rng: "\n".join(_whole(text) for text in draw_examples(rng, 1.0)),
    "preferences": lambda rng: "\n".join(
        f"{one.prompt}{one.chosen}{one.rejected}" for one in draw_preferences(rng)
    ),
}
DRAWS = {"account": 1500, "look": 300, "layout": 300, "examples": 150, "preferences": 100}


def _whole(text: object) -> str:
    return text.prompt + text.answer


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z']+", text.lower()))


def test_vocabularies_share_no_word() -> None:
    assert TRAINING.content_words() & HELD_OUT.content_words() == set()
    for role in ("things", "fillings", "containers", "surfaces", "rooms", "women", "men"):
        assert getattr(TRAINING, role), role
        assert getattr(HELD_OUT, role), role


def test_nonsense_is_in_neither() -> None:
    known = TRAINING.content_words() | HELD_OUT.content_words()
    for seed in range(200):
        drawn = nonsense(Random(seed))
        nouns = {*drawn.things, *drawn.fillings, *drawn.containers, *drawn.surfaces}
        assert len(nouns) == 18
        assert nouns & known == set()


def test_every_sort_of_corpus_text_is_looked_at() -> None:
    """Whoever adds a sort to the mixture says here whether it may hold held-out words."""
    assert len(MIXTURE) == len(STATIC) + len(STORIES)


@pytest.mark.parametrize("sort", [*STORIES, *EXAMPLES])
def test_stories_hold_no_held_out_word(sort: str) -> None:
    draw, held_out = (STORIES | EXAMPLES)[sort], HELD_OUT.content_words()
    for number in range(DRAWS[sort]):
        text = draw(Random(f"held out/{sort}/{number}"))
        assert words_of(text) & held_out == set(), text


@pytest.mark.parametrize("sort", list(STATIC))
def test_static_texts_hold_every_held_out_word(sort: str) -> None:
    """Else a model would be tested on words that it never saw."""
    found: set[str] = set()
    for number in range(3000):
        found |= words_of(STATIC[sort](Random(f"static/{sort}/{number}")))
    missing = HELD_OUT.content_words() - found
    if sort == "prose":  # it has no fillings
        missing -= {word.lower() for word in HELD_OUT.fillings}
        missing -= {word.lower() for word in HELD_OUT.surfaces}
    assert missing == set()


def beginnings(text: str) -> Iterator[str]:
    """All that comes before the end of a sentence: among it, the story of a prompt."""
    for header in EXAMPLE_HEADERS:
        text = text.removeprefix(header)
    for found in re.finditer(r"[.\"](?= )", text):
        yield text[: found.end()]


@pytest.mark.parametrize("words", ["training", "held_out"])
def test_no_example_is_a_story_of_a_suite(words: str) -> None:
    suites = [Suite(seed, 10, words=words) for seed in ("public-dev", "test")]
    tested = {item.content.story for suite in suites for item in suite.items()}
    assert len(tested) > 200
    own = Suite("own", 1, words=words).items()[0].content
    assert own.story in set(beginnings(f"{own.prompt} tin."))  # the test can see a story
    for number in range(150):
        for text in draw_examples(Random(f"stories/{number}"), 1.0):
            assert tested.isdisjoint(beginnings(text.prompt))


FIXED = (*HEADERS.values(), *EXAMPLE_HEADERS, STEP_BY_STEP, "So, the answer is: ")
LAYOUT = re.compile("|".join(re.escape(text) for text in FIXED if text))


def six_word_runs(text: str) -> set[tuple[str, ...]]:
    """All runs of six words, none across what the prompt's own layout says."""
    found = set()
    for part in LAYOUT.split(text):
        words = re.findall(r"[a-z']+", part.lower())
        found |= {tuple(words[i : i + 6]) for i in range(len(words) - 5)}
    return found


@cache
def trained_on() -> frozenset[tuple[str, ...]]:
    """Runs of 5,000 texts of the whole corpus, households too, and of examples."""
    found: set[tuple[str, ...]] = set()
    for number in range(4000):
        for text in corpus.draw_texts(Random(f"runs/{number}"), 1.0):
            found |= six_word_runs(_whole(text))
    for number in range(125):
        for text in draw_examples(Random(f"runs/{number}"), 1.0):
            found |= six_word_runs(_whole(text))
    return frozenset(found)


@pytest.mark.parametrize("name", ["vignettes/scenarios.json", "false_belief/tasks.json"])
def test_no_six_words_of_a_published_suite_are_trained_on(name: str) -> None:
    path = Path(str(EMBEDDED / name))
    if not path.is_file():
        pytest.skip(f"data/{name} is not there")
    tested: set[tuple[str, ...]] = set()
    for text in strings_in(json.loads(path.read_text(encoding="utf-8"))):
        tested |= six_word_runs(text)
    assert tested
    assert trained_on() & tested == set()


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings_in(part)
