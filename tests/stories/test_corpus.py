"""The pretraining corpus: same seed same bytes, statements that the events bear out, easy first."""

import re
from random import Random

import pytest

from tombench.stories import accounts
from tombench.stories.corpus import MIXTURE, draw_texts
from tombench.stories.events import Tell
from tombench.stories.examples import draw_examples, draw_preferences
from tombench.stories.facts import draw_facts
from tombench.stories.lexicon import TRAINING
from tombench.stories.oracles import Oracles
from tombench.stories.reading import read
from tombench.stories.wandering import wander


def texts(count: int, seed: str = "test") -> list[str]:
    groups = (draw_texts(Random(f"{seed}/{n}"), n / count) for n in range(count))
    return [text.prompt + text.answer for group in groups for text in group]


def test_same_seed_gives_same_bytes() -> None:
    assert texts(50) == texts(50)
    assert texts(50) != texts(50, "other")


def test_facts_come_first() -> None:
    """A list of facts ends as it went on; stories, looks and prose do not."""
    early, late = (
        sum(
            bool(text.prompt) and text.answer.split(".")[0].strip() in text.prompt
            for number in range(400)
            for text in draw_texts(Random(number), progress)
        )
        for progress in (0.0, 0.9)
    )
    assert early > 200 > 150 > late
    firsts, laters = zip(*((share.first, share.later) for share in MIXTURE.values()), strict=True)
    assert sum(firsts) == pytest.approx(1) and sum(laters) == pytest.approx(1)


def test_facts_are_repeated_to_the_letter() -> None:
    for number in range(300):
        text = draw_facts(Random(number))
        for sentence in re.findall(r"[^.]+\.", text.answer):
            assert sentence.strip() in text.prompt


@pytest.mark.parametrize("number", range(150))
def test_what_is_said_of_a_story_holds(number: int) -> None:
    """Each statement of place against the oracles, on the plot as read back from the text."""
    rng = Random(f"account/{number}")
    plot, voice = wander(rng, TRAINING, moves=3)
    oracles = Oracles(plot)
    for _ in range(6):
        said = accounts._something(rng, plot, voice)
        found = re.match(
            r"(Now |At first )?[Tt]he (\w+) (?:is|was)( at first)? (?:in|on) the (\w+)", said
        )
        if not found:
            continue
        first, thing, late, place = found.groups()
        variable = plot.setting.variable(thing)
        at_first = first == "At first " or late
        assert place == (variable.initial if at_first else oracles.truth(thing)), said


def test_who_looks_in_the_corpus_goes_where_the_thing_is() -> None:
    """That is what they believe, unless they were told a falsehood and trusted it."""
    lied_to = 0
    for number in range(200):
        text = accounts.draw_look(Random(f"look/{number}"))
        plot = read(text.prompt)
        found = re.match(r" (\w+) (?:will look|wants) .* (?:in|on) the (\w+)\.$", text.answer)
        assert found, text.answer
        who, thing = found[1], re.search(r"(?:for|wants) the (\w+)", text.answer)[1]
        oracles = Oracles(plot)
        assert oracles.truth(thing) == found[2]
        if oracles.belief((who,), thing) != found[2]:
            told = [e for e in plot.events if isinstance(e, Tell) and e.subject == thing]
            assert any(e.trusted and e.value != found[2] for e in told), text
            lied_to += 1
    assert lied_to < 20


def test_no_belief_is_asked_about_in_pretraining() -> None:
    """Who is told something may believe it; what is said of a story never tells a belief."""
    for number in range(3000):
        for text in draw_texts(Random(f"test/{number}"), number / 3000):
            assert not re.search(r"\b(think|believe|know|expect)s?\b", text.answer), text


def test_examples_come_as_minimal_pairs() -> None:
    """In a group the same question has different answers, by what was perceived alone."""
    split = 0
    for number in range(200):
        group = draw_examples(Random(f"group/{number}"), 0.0)
        answers: dict[str, set[str]] = {}
        for text in group:
            ask = text.prompt.rsplit(".", 1)[1] if ". " in text.prompt else text.prompt
            answers.setdefault(ask, set()).add(text.answer)
        split += any(len(found) > 1 for found in answers.values())
        assert len(group) >= 4
    assert split == 200


def test_preferences_set_the_right_answer_against_the_tempting_one() -> None:
    """What one cell rejects, another of the story prefers: no answer is better as such."""
    both = 0
    for number in range(100):
        pairs = draw_preferences(Random(f"preference/{number}"))
        for one in pairs:
            assert one.chosen != one.rejected and one.chosen[0] == " " and one.chosen[-1] == "."
        both += {one.chosen for one in pairs} >= {one.rejected for one in pairs}
    assert both == 100


def test_a_wanderer_may_be_lied_to() -> None:
    """Pretraining has told falsehoods, so what is told is no sure sign of what is so."""
    lies = 0
    for number in range(300):
        plot, _ = wander(Random(f"lies/{number}"), TRAINING, moves=2)
        for variable in plot.setting.variables:
            oracles = Oracles(plot)
            for agent in plot.setting.agents:
                belief = oracles.belief((agent.name,), variable.subject)
                lies += belief not in (None, oracles.truth(variable.subject))
    assert lies > 20
