"""Figures of stories: every moment a column, every value there, nothing over anything else."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from matplotlib.patches import PathPatch, Rectangle

from tombench.stories.contrast import CELLS
from tombench.stories.suite import ContrastSet, Suite
from tombench.summary import timeline_rows as rows
from tombench.summary.timeline_figure import contrast_figure, headline, main, timeline_figure
from tombench.summary.timeline_marks import (
    FAINT,
    SMALL,
    TEXT,
    Box,
    Sheet,
    palette,
    text_width,
    wrapped,
)

SETS = [Suite(seed="figure", sets=2).contrast_set(number) for number in (0, 1)]
ALTERED = ("peeked", "glass")  # somebody watches unseen; somebody is away and does not know


def texts(sheet: Sheet) -> list[str]:
    return [text.get_text() for text in sheet.axes.texts]


def sentences(sheet: Sheet, columns: int) -> Iterator[str]:
    """What stands below each column, its lines joined."""
    for number in range(columns):
        x = rows.MARGIN + rows.LABELS + number * rows.COLUMN + 0.05
        own = [t for t in sheet.axes.texts if abs(t.get_position()[0] - x) < 1e-6]
        yield " ".join(t.get_text() for t in sorted(own, key=lambda t: t.get_position()[1]))


@pytest.fixture(scope="module", params=[0, 1], ids=["transfer", "contents"])
def drawn(request) -> tuple[rows.Told, Sheet]:
    story = SETS[request.param]
    plot = story.plot(ALTERED[request.param], "original")
    one = rows.told(plot, story.voice)
    return one, timeline_figure(one)


def test_a_column_a_moment_with_its_sentence(drawn):
    story, sheet = drawn
    assert len(story.sentences) == len(story.timeline.plot.events) + 1
    assert list(sentences(sheet, len(story.sentences))) == list(story.sentences)
    assert sheet.width == pytest.approx(story.width)


def test_no_value_is_missing(drawn):
    story, sheet = drawn
    values = [moment.values[chain] for moment, chain in story.timeline.cells()]
    assert values and len(values) == len(story.timeline.chains) * len(story.sentences)
    for value in story.timeline.plot.setting.variables[0].values:
        assert texts(sheet).count(value) == values.count(frozenset({value}))
    notes = texts(sheet).count(rows.NOT_KNOWN) + texts(sheet).count(rows.OPEN)
    assert notes == sum(len(held) > 1 for held in values)
    false = sum(moment.false(chain) for moment, chain in story.timeline.cells())
    assert texts(sheet).count(rows.FALSE) == false


def test_marks_of_perception_and_of_what_becomes_false(drawn):
    story, sheet = drawn
    names = [chain[0] for chain in story.timeline.chains if len(chain) == 1]
    moments = story.timeline.moments
    seen = sum(moment.perceives(name) for moment in moments for name in names)
    unseen = any(moment.audience.unseen for moment in moments)
    eyes = [patch for patch in sheet.axes.patches if isinstance(patch, PathPatch)]
    assert len(eyes) == seen + 1 + unseen  # and the legend's
    outlined = [
        patch
        for patch in sheet.axes.patches
        if isinstance(patch, Rectangle) and patch.get_linewidth() > 2
    ]
    became = sum(
        story.timeline.becomes_false(chain, number)
        for chain in story.timeline.chains
        for number in range(len(moments))
    )
    assert len(outlined) == became + bool(became)
    away = sum(moment.presence(name) == "away" for moment in moments for name in names)
    assert texts(sheet).count("away") == away


def assert_nothing_overlaps(sheet: Sheet) -> None:
    renderer = sheet.figure.canvas.get_renderer()
    boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in sheet.axes.texts]
    page = sheet.figure.bbox
    for text, box in boxes:
        assert page.x0 <= box.x0 and box.x1 <= page.x1, text
        assert page.y0 <= box.y0 and box.y1 <= page.y1, text
    for (one, a), (other, b) in combinations(boxes, 2):
        apart = min(a.x1, b.x1) - max(a.x0, b.x0) < 0.5 or min(a.y1, b.y1) - max(a.y0, b.y0) < 0.5
        assert apart, (one, other)


def test_no_text_lies_over_another(drawn):
    assert_nothing_overlaps(drawn[1])


@pytest.mark.parametrize("story", SETS, ids=lambda story: story.paradigm)
def test_a_contrast_set_has_its_four_cells_and_what_differs_in_black(story: ContrastSet):
    sheet = contrast_figure(story)
    for letter, cell in zip("ABCD", CELLS[story.paradigm], strict=True):
        assert f"{letter}   {cell.replace('_', ' ').capitalize()}" in texts(sheet)
        assert headline(story, cell, "original") in texts(sheet)
    assert_nothing_overlaps(sheet)
    if story.paradigm == "transfer":
        plots = [story.plot(cell, "original") for cell in ("false_belief", "no_transfer")]
        first, other = (rows.told(plot, story.voice).lines for plot in plots)
        black = [line for line in other if line not in first]  # the move alone
        assert len(black) == 1
        moved = [t for t in sheet.axes.texts if t.get_text() == black[0][-1]]
        assert TEXT in {t.get_color() for t in moved}
        came_back = [t for t in sheet.axes.texts if t.get_text() == first[-1][0]]
        assert [t.get_color() for t in came_back] == [TEXT, FAINT, FAINT, FAINT]


def test_the_headline_of_a_false_belief():
    story = SETS[0]
    cast = story.cast("original")
    said = headline(story, "false_belief", "original").split(". ")
    assert said[0].endswith(cast.places[1]) and said[1].endswith(f"{cast.places[0]}.")


def test_lines_are_as_wide_as_their_column():
    lines = wrapped("a story is told here in a number of words", 0.8, SMALL)
    assert " ".join(lines) == "a story is told here in a number of words"
    assert len(lines) > 1 and all(text_width(line, SMALL) <= 0.8 for line in lines)
    assert wrapped("unbreakable", 0.1, SMALL) == ["unbreakable"]


def test_the_command_writes_both_figures(tmp_path, capsys):
    assert main(["7", str(tmp_path)]) == 0
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(written) == [
        *("contrast_set.png", "contrast_set.svg", "story_timeline.png", "story_timeline.svg")
    ]
    assert written["contrast_set.png"].startswith(b"\x89PNG")
    assert b"<svg" in written["story_timeline.svg"]
    assert main(["7"]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_figure_is_the_same_file_each_time(kind):
    def saved() -> bytes:
        sheet = Sheet(1, 1)
        sheet.cell(Box(0, 0, 1, 0.5), ["box", "tin"], palette(["box", "tin"]), "note")
        sheet.eye(0.5, 0.7)
        return sheet.saved(kind)

    assert saved() == saved()
