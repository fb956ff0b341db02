"""The embedded models' pretraining corpus: stories and households, neither with what is tested."""

import hashlib
import re
from random import Random

import pytest

from tombench import corpus
from tombench.corpus import MIXTURE, content_words, corpus_digest, draw_texts
from tombench.household.corpus import household_content_words
from tombench.household.themes import UNSEEN, load_theme
from tombench.household.world import THINGS
from tombench.stories import corpus as stories
from tombench.stories.lexicon import HELD_OUT, TRAINING

HOUSEHOLDS = next(draw for draw in MIXTURE if draw is not stories.draw_texts)


def whole(texts: object) -> str:
    return "\n".join(text.prompt + text.answer for text in texts)


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z']+", text.lower()))


def test_shares_add_up_and_stories_are_most() -> None:
    assert sum(MIXTURE.values()) == pytest.approx(1.0)
    assert len(MIXTURE) == 2 and MIXTURE[stories.draw_texts] == 0.8


def test_both_languages_come_in_their_shares() -> None:
    """A household's prompt or description names several of its things or places at once."""
    classes = {*THINGS, "fridge", "microwave", "kitchentable", "kitchencabinet", "coffeetable"}
    classes |= {"stove", "dishwasher", "sofa", "bathroomcabinet", "kitchen", "livingroom"}
    drawn = [words_of(whole(draw_texts(Random(f"mix/{n}"), 0.5))) for n in range(600)]
    households = sum(len(words & classes) >= 2 for words in drawn)
    names = sum(bool(words & TRAINING.content_words()) for words in drawn)
    assert 0.12 < households / 600 < 0.24
    assert names / 600 > 0.6


def test_texts_follow_from_the_random_stream() -> None:
    assert draw_texts(Random(5), 0.3) == draw_texts(Random(5), 0.3)
    assert {draw_texts(Random(seed), 0.3)[0].prompt for seed in range(9)} != {""}


def test_households_hold_no_held_out_word_of_the_stories() -> None:
    held_out = HELD_OUT.content_words()
    for number in range(1500):
        text = whole(HOUSEHOLDS(Random(f"household/{number}"), 0.5))
        assert words_of(text) & held_out == set(), text


def test_households_hold_no_class_of_another_theme() -> None:
    """Of themes that are for tests alone: names that home has not, and no invented name is."""
    home = {noun.name for noun in load_theme("home").nouns}
    foreign = {noun.name.lower() for theme in UNSEEN for noun in load_theme(theme).nouns} - home
    spoken = {word for noun in load_theme("home").nouns for word in noun.spoken.lower().split()}
    assert len(foreign) > 100
    for number in range(1500):
        text = whole(HOUSEHOLDS(Random(f"foreign/{number}"), 0.5))
        assert words_of(text) & (foreign - spoken) == set(), text


def test_all_words_are_those_of_either() -> None:
    assert content_words() == (
        TRAINING.content_words() | HELD_OUT.content_words() | household_content_words()
    )
    assert {"fridge", "plate"} <= content_words()


def test_another_generator_has_another_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "DIGESTED", 10)
    before = corpus_digest()
    assert corpus_digest() == before
    monkeypatch.setattr(corpus, "MIXTURE", {stories.draw_texts: 1.0})
    assert corpus_digest() != before


def test_corpus_of_the_shipped_models_is_unchanged() -> None:
    """Whoever changes the corpus retrains both: their cards claim that a command remakes them."""
    groups = [t for n in range(400) for t in corpus.draw_texts(Random(f"shipped/{n}"), n / 400)]
    said = "\0".join(f"{text.prompt}\0{text.answer}" for text in groups)
    assert corpus.VERSION == 3
    assert hashlib.sha256(said.encode()).hexdigest().startswith("1dc5b9dbaf408f3f434b")
