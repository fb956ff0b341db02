"""The training corpus as a function: a random stream in, one text out."""

from random import Random

from tombench.prompts import HEADERS
from tombench.stories.facts import draw_fact_question
from tombench.stories.layouts import PROMPTINGS, Text, evaluation_text, plain_text
from tombench.stories.prose import draw_prose
from tombench.stories.questions import Question, draw_question

PROSE_SHARE = 0.1
PLAIN_SHARE = 0.4  # the rest are the evaluation's promptings
FACT_SHARE = 0.4  # of the questions
SCENE_KINDS = ("belief", "belief", "belief", "belief", "knowledge", "reality", "memory", "presence")
"""Half of the scenes' questions ask for a belief: by far the slowest to learn."""
PROMPTING_DRAWS = (*PROMPTINGS, "base", "sbs")
"""Prompts with worked examples are three times as long, so there are fewer of them."""


def draw_any_question(rng: Random) -> Question:
    """A question of any kind; its answer is a fair coin."""
    answer = rng.random() < 0.5
    if rng.random() < FACT_SHARE:
        return draw_fact_question(rng, answer)
    return draw_question(rng, rng.choice(SCENE_KINDS), answer)


def draw_text(rng: Random) -> Text:
    """One text: prose, a question in a plain layout, or one under a prompting of the evaluation."""
    part = rng.random()
    if part < PROSE_SHARE:
        return Text("", draw_prose(rng))
    question = draw_any_question(rng)
    if part < PROSE_SHARE + PLAIN_SHARE:
        return plain_text(rng, question)
    prompting = rng.choice(PROMPTING_DRAWS)
    shots = 2 if prompting.endswith("cot") else 0
    examples = tuple(draw_any_question(rng) for _ in range(shots))
    reasoned = rng.random() < 0.7
    return evaluation_text(rng.choice(list(HEADERS)), prompting, question, examples, reasoned)
