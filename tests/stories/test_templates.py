"""Every template: a grammatical sentence of one meaning, enough of them held out for tests."""

import re

import pytest

from tombench.stories.described import OPENING
from tombench.stories.grammar import SORTS, TENSES, meaning
from tombench.stories.lexicon import HELD_OUT, TRAINING
from tombench.stories.renderings import RENDERINGS, Rendering
from tombench.stories.telling import Tense, in_tense
from tombench.stories.wordings import QUESTIONS

WORDS = dict(a="Anna", b="Ben", c="Cleo", p="box", q="tin", x="ball", v="sand", room="hall")
WORDS |= {"in": "on", "out": "off", "away": "park", "errand": "take a bath"}
PRONOUNS = {"{a.them}": "her", "{a.their}": "her"}
CLAIM = {"past": "the ball was in the box", "present": "the ball is in the box"}
BEGINNINGS = ("{a} ", "{a}'s ", "{b} ", '"', "The ", "In ", "It ", "Unseen")
MANY = {"put", "move", "put_back", "exit", "enter", "return", "read_label", "look"}


def sentence(rendering: Rendering, tense: Tense) -> str:
    template = in_tense(rendering.text, tense)
    for pronoun, word in PRONOUNS.items():
        template = template.replace(pronoun, word)
    return template.format_map(WORDS | {"claim": CLAIM[tense]})


@pytest.mark.parametrize("tense", TENSES)
@pytest.mark.parametrize("sort", RENDERINGS)
def test_every_template_is_read_back(sort: str, tense: Tense) -> None:
    for rendering in RENDERINGS[sort]:
        slots = set(re.findall(r"{([a-z]+)}", rendering.text))
        expected = {slot: WORDS[slot] for slot in slots - {"claim", "away", "errand"}}
        if "claim" in slots:
            expected |= {"thing": "ball", "side": "in", "place": "box"}
        said = meaning(sentence(rendering, tense))
        assert (said.sort, said.tense) == (SORTS.get(sort, sort), tense)
        assert said.slots == expected


@pytest.mark.parametrize("tense", TENSES)
@pytest.mark.parametrize("sort", RENDERINGS)
def test_every_template_is_a_sentence(sort: str, tense: Tense) -> None:
    for rendering in RENDERINGS[sort]:
        assert "[" in rendering.text, "it has no tense"
        text = sentence(rendering, tense)
        assert re.fullmatch(r'("I |[A-Z])[^][{}|.]+\.', text)
        assert "  " not in text
        assert not re.search(r"\b[Aa] [aeiou]", text)
        if SORTS.get(sort, sort) not in OPENING:  # the teller puts connectives before names
            assert rendering.text.startswith(BEGINNINGS)


@pytest.mark.parametrize("sort", RENDERINGS)
def test_enough_renderings_are_held_out(sort: str) -> None:
    texts = [rendering.text for rendering in RENDERINGS[sort]]
    assert len(set(texts)) == len(texts)
    held_out = [rendering for rendering in RENDERINGS[sort] if rendering.held_out]
    assert len(held_out) >= (5 if sort in MANY else 3)


def test_no_container_asks_for_an() -> None:
    for lexicon in (TRAINING, HELD_OUT):
        assert not [w for w in (*lexicon.containers, *lexicon.surfaces) if w[0] in "aeiou"]


QUESTION_TYPES = [(kind, name) for kind, types in QUESTIONS.items() for name in types]


@pytest.mark.parametrize(("kind", "name"), QUESTION_TYPES)
def test_enough_questions_are_held_out(kind: str, name: str) -> None:
    for training, held_out in QUESTIONS[kind][name].values():
        assert len({*held_out} - {*training}) == len(held_out) >= 3


@pytest.mark.parametrize(("kind", "name"), QUESTION_TYPES)
@pytest.mark.parametrize("nested", ["", " Ben thinks that"])
def test_every_question_is_one(kind: str, name: str, nested: str) -> None:
    slots = WORDS | {"at": "in", "act": "sand" if kind == "contents" else "tin"}
    slots |= {"thinks": f"Anna thinks that{nested}", "believes": f"Anna believes that{nested}"}
    slots["does"] = f"Anna think that{nested}"
    slots["does_where"] = f"Anna think that{nested}" if nested else "Anna think"
    for sort, both in QUESTIONS[kind][name].items():
        for text in (*both[0], *both[1]):
            asked = text.format_map(slots)
            assert re.match("[A-Z]", asked)
            assert "  " not in asked
            if sort != "beginning":
                assert asked.endswith("?")
            elif kind == "place":
                assert text.endswith((" {in} the", " {at} the"))
            else:  # a plural or mass noun follows: no article, no verb that agrees
                assert not asked.endswith((" the", " a", " are", " are only", "?", "."))
