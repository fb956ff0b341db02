"""A text is read back to the plot that it was told from; a text that says anything else is not."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random

import pytest
from plots import random_plots

from tombench.stories import grammar, suite
from tombench.stories.alterations import ALTERATIONS
from tombench.stories.contrast import CELLS, VARIANTS
from tombench.stories.described import OPENING
from tombench.stories.events import Exit, Nothing, Plot, Swap, Tell
from tombench.stories.grammar import TENSES, meaning, sentences
from tombench.stories.lexicon import TRAINING, Person
from tombench.stories.reading import TextMismatch, Unreadable, canonical, read, verify
from tombench.stories.renderings import RENDERINGS, Rendering
from tombench.stories.suite import Suite
from tombench.stories.telling import Voice, tell
from tombench.stories.wandering import wander
from tombench.stories.whereabouts import timeline

SETS = 20  # of each vocabulary and wording; about 21 stories each
PEOPLE = {
    "Anna": Person("Anna", "she", "her", "her"),
    "Ben": Person("Ben", "he", "him", "his"),
    "Cleo": Person("Cleo", "she", "her", "her"),
}


def told(words: str, wordings: str) -> Iterator[tuple[Plot, Voice]]:
    """Every cell and alteration of some sets."""
    sets = Suite("reading", SETS, words, wordings)
    for number in range(SETS):
        one = sets.contrast_set(number)
        for variant in VARIANTS:
            for name in (*CELLS[one.paradigm], *ALTERATIONS[one.paradigm]):
                surfaces = one.cast(variant).surfaces if name == "on_surface" else ()
                yield (
                    one.plot(name, variant),
                    replace(one.voice, surfaces=frozenset(surfaces)),
                )


@cache
def stories() -> list[tuple[Plot, Voice, str]]:
    """Those of all vocabularies and wordings, and some without design."""
    found = [
        story
        for words in ("training", "held_out", "nonsense")
        for wordings in ("training", "held_out")
        for story in told(words, wordings)
    ]
    rng = Random(5)
    found += [wander(rng, TRAINING, moves=rng.randint(1, 4)) for _ in range(400)]
    return [(plot, voice, tell(plot, voice)) for plot, voice in found]


def test_generated_stories_say_their_plots() -> None:
    for plot, _, text in stories():
        verify(plot, text)
    assert len(stories()) > 2500
    seen = {(voice.tense, voice.style, voice.wordings) for _, voice, _ in stories()}
    assert len(seen) == 6  # spoken ones have training wordings alone


def test_generated_stories_are_english() -> None:
    for _, _, text in stories():
        assert "  " not in text
        assert not re.search(r"[][{}|]", text)
        assert not re.search(r"\b[Aa] [aeiouAEIOU]", text)
        for sentence in sentences(text):
            assert re.match(r'"I |[A-Z]', sentence)
            assert sentence.endswith(".")
            assert not re.search(r"(Then|After that,|Later) (\"|(The|In|It|Unseen) )", sentence)


@pytest.mark.parametrize("wordings", ["training", "held_out"])
def test_random_plots_of_all_events_are_read_back(wordings: str) -> None:
    kinds = set()
    count = 0
    for number, drawn in enumerate(random_plots(3, 900)):
        plot = tellable(drawn)
        if plot is None:
            continue
        rng = Random(number)
        voice = Voice(
            str(number),
            tense=rng.choice(TENSES),
            style=rng.choice(["narrative", "dialogue"]),
            wordings=wordings,
            people=PEOPLE,
        )
        verify(plot, tell(plot, voice))
        kinds |= {type(event) for event in plot.events}
        kinds |= {(e.private, e.trusted) for e in plot.events if isinstance(e, Tell)}
        count += 1
    assert count > 100
    assert len(kinds) == 11 + 4  # all but Move, which generated stories have


def tellable(plot: Plot) -> Plot | None:
    """A random plot in what the templates can say; None where a thing is nowhere put away."""
    if any(plot.setting.is_place(v.subject) for v in plot.setting.variables):
        return None
    for event, before, _ in timeline(plot):
        if isinstance(event, Exit) and not before.room[event.agent]:
            return None
    events = [Nothing(e.agent, "idle") if isinstance(e, Nothing) else e for e in plot.events]
    held = {v.subject for v in plot.setting.variables}
    if any(isinstance(e, Swap) and not {e.first, e.second} <= held for e in events):
        return None
    return replace(plot, events=tuple(events))


def test_a_swap_moves_what_is_inside() -> None:
    text = (
        "Anna and Ben were in the hall. There was a box and a tin in the hall. "
        "Anna put the ball in the box. Ben swapped what was in the box and what was in the tin. "
    )
    read(text + "Anna moved the ball from the tin to the box.")
    with pytest.raises(Unreadable, match="the ball is not there"):
        read(text + "Anna moved the ball from the box to the tin.")


def test_dropped_and_exchanged_sentences_are_noticed() -> None:
    for plot, _, text in stories()[::7]:
        parts = sentences(text)
        for place, part in enumerate(parts):
            if meaning(part).sort not in ("containers", "container"):  # these may be left out
                assert_noticed(plot, [*parts[:place], *parts[place + 1 :]])
            if place and meaning(part).sort not in ("containers", "container"):
                swapped = [*parts[: place - 1], part, parts[place - 1], *parts[place + 1 :]]
                if not same_order(parts[place - 1], part):
                    assert_noticed(plot, swapped)


def same_order(first: str, second: str) -> bool:
    """Sentences that say the same in either order: both of the opening, or alike."""
    sorts = {meaning(first).sort, meaning(second).sort}
    return sorts <= OPENING or meaning(first) == meaning(second)


def assert_noticed(plot: Plot, parts: list[str]) -> None:
    text = " ".join(parts)
    with pytest.raises((TextMismatch, Unreadable)):
        verify(plot, text)


def test_an_exchanged_word_is_noticed() -> None:
    for plot, _, text in stories()[::7]:
        parts = sentences(text)
        for place, part in enumerate(parts):
            said = meaning(part).slots
            for word in {said[slot] for slot in said if slot not in ("in", "out", "side")}:
                other = "Zoltan" if word[0].isupper() else "gizmo"
                wrong = re.sub(rf"\b{word}\b", other, part)
                assert_noticed(plot, [*parts[:place], wrong, *parts[place + 1 :]])


def test_exchanged_names_are_noticed() -> None:
    count = 0
    for plot, _, text in stories()[::7]:
        parts = sentences(text)
        names = [agent.name for agent in plot.setting.agents]
        for place, part in enumerate(parts):
            if meaning(part).sort == "people":
                continue
            for name in names:
                if re.search(rf"\b{name}\b", part):
                    other = next(n for n in names if n != name)
                    wrong = re.sub(rf"\b{name}\b", other, part)
                    assert_noticed(plot, [*parts[:place], wrong, *parts[place + 1 :]])
                    count += 1
    assert count > 1000


HALL = "Anna is in the hall with Ben. "
CONTRADICTIONS = [
    ("Anna flies to the moon.", "no template says this"),
    ("Anna left the hall.", "the tense changes"),
    ("Anna leaves the attic.", "Anna is not in the attic"),
    ("Anna leaves the hall. Anna comes back to the attic.", "Anna has never been there"),
    ("Anna leaves the hall. Anna opens the box and looks inside.", "that Anna is in a room"),
    ("Anna moves the ball from the box to the tin.", "the ball is not there"),
    ("Anna puts the ball in the box. Ben puts the ball in the tin.", "has been put away before"),
    ("Anna puts the ball in the box. Ben is in the hall.", "after the first event"),
    ("Anna puts the ball in the box. Ben puts the hat on the box.", "in and on the box"),
    ("Anna is in the attic.", "Anna is in a room already"),
    ("The box is full of sand. The box is full of salt.", "the box is full already"),
    ("The label on the box says sand. The box has a label that says salt.", "a label already"),
    ("Anna opens the box and looks inside. The box is full of sand.", "after the first event"),
    ("Anna packs the box full of sand.", "nobody says where the box is at first, or what is in"),
    ("The box is full of sand.", "nobody says where the box is:"),
    ("Anna puts the box in the box.", "the box is a thing and a container"),
]


@pytest.mark.parametrize(("rest", "why"), CONTRADICTIONS)
def test_contradictions_are_unreadable(rest: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(HALL + rest)


def test_two_meanings_are_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    also = (*RENDERINGS["look"], Rendering("{a} [left|leaves] the {p}."))
    monkeypatch.setitem(RENDERINGS, "look", also)
    grammar._index.cache_clear()
    meaning.cache_clear()
    try:
        with pytest.raises(Unreadable, match=r"it may mean look \(past\) or exit \(past\)"):
            meaning("Anna left the hall.")
    finally:
        grammar._index.cache_clear()
        meaning.cache_clear()


def test_a_suite_refuses_a_text_that_leaves_something_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(plot: Plot, voice: Voice) -> str:
        return tell(plot, voice).rsplit(". ", 1)[0] + "."

    assert Suite("refused", 2).items()
    monkeypatch.setattr(suite, "tell", forgetful)
    with pytest.raises(TextMismatch):
        Suite("refused", 2).items()


def test_the_canonical_form_forgets_order_alone() -> None:
    plot = next(plot for plot, _, _ in stories() if len(plot.setting.agents) == 3)
    setting = plot.setting
    turned = replace(setting, agents=setting.agents[::-1], containers=setting.containers[::-1])
    assert canonical(Plot(turned, plot.events)) == canonical(plot)
    fewer = replace(setting, agents=setting.agents[:2])
    assert canonical(Plot(fewer, plot.events)) != canonical(plot)
    assert canonical(Plot(setting, plot.events[:-1])) != canonical(plot)
