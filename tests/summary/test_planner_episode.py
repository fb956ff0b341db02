"""One episode shown: words, what was possible, and a picture in which nothing lies over another."""

import math
from dataclasses import replace
from itertools import combinations

import pytest
from planning.apartments import (
    CABINET,
    FRIDGE,
    SOFA,
    STOVE,
    TABLE,
    belief_query,
    closes,
    enter,
    episode,
    grabs,
    opens,
    start,
    walk,
)

from tombench.planning.episode import Claim, Episode, Event, Furnishing, Hypothesis, Place, Query
from tombench.planning.inference import Inference, StepEvidence, infer, paths
from tombench.planning.policies.observer import Observer
from tombench.summary.planner_apartment import BODY, plan
from tombench.summary.planner_episode import Watched, watched
from tombench.summary.planner_episode_figure import episode_figure, episode_sheet
from tombench.summary.planner_episode_grid import apartment_grid, evidence_grid, steps_grid
from tombench.summary.planner_posterior import evidence
from tombench.summary.planner_way import Stop, Way
from tombench.summary.planner_words import a_thing, action_words, question_words
from tombench.summary.timeline_marks import Sheet, text_width
from tombench.tasks.planner_scoring import taken

OPENED = (walk(FRIDGE), opens(FRIDGE), closes(FRIDGE))


def inferred(asked: Episode) -> Inference:
    known = paths(asked)
    return infer(asked, known, taken(Observer(), known.all).tolist())


@pytest.fixture(scope="module")
def story() -> Watched:
    """The fridge holds the apple (a); who closes it, and goes to the living room, wants a plate."""
    asked = episode(start("livingroom"), enter("kitchen"), *OPENED, walk(CABINET))
    return watched(asked, inferred(asked))


def test_steps_are_decisions_in_the_light_of_both_hypotheses(story):
    assert [step.action for step in story.steps] == [
        "walks to the fridge",
        "opens the fridge",
        "closes the fridge",
        "walks to the cabinet",
    ]
    first, _, third, last = story.steps
    everywhere = {FRIDGE, STOVE, CABINET}  # both rooms' surfaces were seen
    assert first.possible == (everywhere, everywhere) and first.seen == (None, None)
    assert third.possible == ({FRIDGE}, everywhere - {FRIDGE}) and third.seen == (FRIDGE, None)
    assert last.place == CABINET
    assert first.probability_a == pytest.approx(0.5) and last.probability_a < 0.01


def test_a_step_that_nobody_decided_is_refused():
    asked = episode(start("kitchen"), *OPENED)
    wrong = Inference(0.5, (StepEvidence(0, "walktowards fridge", (0.0, 0.0)),))
    with pytest.raises(ValueError, match="nothing is decided by event 0"):
        watched(asked, wrong)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (walk(FRIDGE), "walks to the fridge"),
        (walk(FRIDGE, done=False), "heads for the fridge"),
        (opens(FRIDGE, done=False), "is about to open the fridge"),
        (closes(FRIDGE), "closes the fridge"),
        (grabs(FRIDGE, "apple"), "takes the apple"),
        (Event("walk", place=Place("Room B", "Place 3")), "walks to Place 3"),
    ],
)
def test_actions_in_words(event, words):
    assert action_words(event, event.place) == words


def test_things_in_words():
    assert [a_thing(n) for n in ("plate", "apple", "chips", "wineglass", "Object G")] == [
        *("a plate", "an apple", "chips", "a wineglass", "Object G"),
    ]


def test_questions_in_words(story):
    assert story.question == "What does Ada want?"
    assert story.options == ("Ada wants an apple", "Ada wants a plate")
    stated = Query("2.1", (Hypothesis("apple"), Hypothesis("plate")), Claim("apple", TABLE, False))
    assert question_words(episode(query=stated)) == (
        "Ada thinks: there is no apple on the kitchentable. What does Ada want?"
    )
    asked = episode(walk(STOVE), query=belief_query("plate", STOVE))
    believed = watched(asked, inferred(asked))
    assert believed.question == "Ada wants a plate. What does Ada think?"
    assert believed.options == (
        "Ada thinks: there is a plate in the stove",
        "Ada thinks: there is no plate in the stove",
    )


@pytest.mark.parametrize(
    ("odds", "words"),
    [
        (math.log(1.04), "nothing"),
        (-math.log(1.04), "nothing"),
        (math.log(4.06), "4.1 : 1 for (a)"),
        (-math.log(49), "49 : 1 for (b)"),
        (math.log(1001), "> 999 : 1 for (a)"),
        (math.inf, "> 999 : 1 for (a)"),
    ],
)
def test_what_a_step_says(odds, words):
    assert evidence((odds, 0.0)) == words


def test_the_terminal_tells_apartment_and_steps(story):
    grid = apartment_grid(story)
    assert grid.rows[0] == ("kitchen: fridge", "apple", "container", "1, 2, 3")
    assert grid.rows[-1] == ("livingroom: cabinet", "book, plate", "container", "4")
    assert grid.notes == ("Ada starts in the livingroom.",)
    steps = steps_grid(story)
    assert steps.title == "What does Ada want?"
    last = steps.rows[2]
    assert last[:2] == ("3", "closes the fridge")
    assert last[5:] == ("295 : 1 for (b)", "1, yes", "2, no")  # (0.98 + 0.02 / 5) / (0.02 / 6)
    assert "(b) Ada wants a plate" in steps.notes
    alone = evidence_grid([StepEvidence(-1, "open fridge", (-1.0, -2.0))], 0.5, "it is gone")
    assert alone.rows == (("1", "open fridge", "-1.000", "-2.000", "0.731", "2.7 : 1 for (a)"),)
    assert alone.notes[0].endswith("not shown: it is gone")


def test_every_place_is_drawn_once_and_inside_the_page(story):
    found = plan(story, 8.7)
    cells = [cell for room, _ in found.rooms for row in room.rows for cell in row]
    assert sorted(cell.furnishing.place for cell in cells) == sorted(story.episode.places)
    assert {c.furnishing.place: c.numbers for c in cells if c.numbers} == {
        FRIDGE: "1–3", CABINET: "4"
    }  # fmt: skip
    for _, box in found.rooms:
        assert box.x >= 0 and box.x + box.width <= 8.7 + 1e-9
        assert box.y + box.height <= found.height + 1e-9


def test_the_way_keeps_to_the_gaps():
    """Within a room across the nearest lane, between rooms through the corridor."""
    way = Way(corridor=5.0)
    way.lanes["kitchen"] = [0.0, 2.0, 4.0]
    here, below = Stop("kitchen", 1.5, 1.0), Stop("kitchen", 3.5, 2.0)
    assert list(way._legs(here, below)) == [
        ((1.5, 1.0), (2.0, 1.0)),
        ((2.0, 1.0), (2.0, 2.0)),
        ((2.0, 2.0), (3.5, 2.0)),
    ]
    away = Stop("bedroom", 6.0, 0.5)
    assert list(way._legs(here, away))[1] == ((5.0, 1.0), (5.0, 0.5))
    assert list(way._legs(here, Stop("kitchen", 3.0, 1.0))) == [((1.5, 1.0), (3.0, 1.0))]


def boxes(sheet: Sheet) -> list:
    renderer = sheet.figure.canvas.get_renderer()
    return [(t.get_text(), t.get_window_extent(renderer)) for t in sheet.axes.texts]


def test_no_text_lies_over_another_or_leaves_the_page(story):
    sheet = episode_sheet(story)
    found, page = boxes(sheet), sheet.figure.bbox
    assert min(text.get_fontsize() for text in sheet.axes.texts) >= 7
    for text, box in found:
        assert page.x0 <= box.x0 and box.x1 <= page.x1, text
        assert page.y0 <= box.y0 and box.y1 <= page.y1, text
    for (one, first), (other, second) in combinations(found, 2):
        narrower = first.padded(-1.5), second.padded(-1.5)  # lines of a column touch
        assert not narrower[0].overlaps(narrower[1]), (one, other)


def test_dots_are_filled_where_the_goal_may_be(story):
    from matplotlib.colors import to_hex
    from matplotlib.patches import Circle

    circles = [one for one in episode_sheet(story).axes.patches if isinstance(one, Circle)]
    filled = [to_hex(one.get_facecolor()) for one in circles]
    possible = [sum(len(step.possible[side]) for step in story.steps) for side in (0, 1)]
    assert filled.count("#0072b2") == possible[0] + 1  # and one in the legend
    assert filled.count("#d55e00") == possible[1] + 1
    assert len(circles) == 2 * len(story.steps) * 5 + 2


def test_the_same_picture_each_time(story):
    asked, found = story.episode, inferred(story.episode)
    assert episode_figure(asked, found, "png").startswith(b"\x89PNG")
    assert episode_figure(asked, found, "svg") == episode_figure(asked, found, "svg")


def test_one_room_and_nothing_done():
    asked = episode(start("kitchen"))
    alone = Episode(
        *("e", "e", "Ada", ("kitchen",)), asked.furnishings[:3], asked.events, asked.query
    )
    sheet = episode_sheet(watched(alone, Inference(0.5, ())))
    assert {SOFA.name, CABINET.name}.isdisjoint({text.get_text() for text in sheet.axes.texts})


def test_names_stay_inside_their_places():
    names = [f"{n}th kitchencabinet" for n in range(1, 9)] + ["sarcophagus-of-the-eldest-queen"]
    places = [Furnishing(Place("kitchen", name), "container") for name in names]
    asked = episode(start("kitchen"), *(opens(one.place) for one in places[2:4]))
    many = replace(asked, furnishings=(*places, *asked.furnishings))
    story = watched(many, inferred(many))
    found = plan(story, 8.7)
    for room, box in found.rooms:
        for row in room.rows:
            assert sum(cell.width for cell in row) <= box.width
            for cell in row:
                pill = 0.15 if cell.numbers else 0.0
                widest = max(text_width(line, BODY, "bold") for line in cell.name)
                assert widest + pill <= cell.width
