"""The method at a glance: an apartment, what somebody does in it, and what that tells of a mind."""

from tombench.planning.episode import Episode
from tombench.planning.inference import Inference
from tombench.summary.planner_apartment import BODY, draw_apartment, plan
from tombench.summary.planner_episode import Watched, watched
from tombench.summary.planner_posterior import Chart, draw_posterior
from tombench.summary.timeline_marks import FAINT, Sheet, text_width

MARGIN, BETWEEN, HEADING = 0.15, 0.3, 0.42  # inches
WIDTH = 9.0  # at least
SIZE = 10.5  # points, of the question
KINDS = "framed: a container, opened to be seen into · shaded: a surface, in view in its room"


def episode_figure(episode: Episode, inference: Inference, kind: str) -> bytes:
    """Rooms with what they hold and the way; below, P(a) step by step and what was possible.

    Args:
        kind: png or svg.
    """
    return episode_sheet(watched(episode, inference)).saved(kind)


def episode_sheet(story: Watched) -> Sheet:
    """The same, not saved."""
    inner = max(WIDTH - 2 * MARGIN, Chart(story, WIDTH).least)
    chart, rooms = Chart(story, inner), plan(story, inner)
    height = MARGIN + HEADING + rooms.height + BETWEEN + chart.height + MARGIN
    sheet = Sheet(inner + 2 * MARGIN, height)
    sheet.write(MARGIN, MARGIN + 0.08, story.question, SIZE, weight="bold")
    _key(sheet, story)
    sheet.write(MARGIN, MARGIN + 0.3, KINDS, BODY, color=FAINT)
    draw_apartment(sheet, story, rooms, MARGIN + HEADING, MARGIN)
    draw_posterior(sheet, chart, MARGIN + HEADING + rooms.height + BETWEEN, MARGIN)
    return sheet


def _key(sheet: Sheet, story: Watched) -> None:
    """The right answer, where it is known, at the end of the first line or below it."""
    query = story.episode.query
    if query.key is None:
        return
    told = f"type {query.question_type}, " if query.question_type else ""
    text = f"{told}right answer ({query.key})"
    question = text_width(story.question, SIZE, "bold")
    fits = question + text_width(text, BODY) + 0.3 < sheet.width - 2 * MARGIN
    y = MARGIN + (0.08 if fits else 0.3)
    sheet.write(sheet.width - MARGIN, y, text, BODY, color=FAINT, ha="right")
