"""The rows of a story's figure: what is so and who believes what, above the sentences."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tombench.stories.events import Plot
from tombench.stories.telling import Voice, happenings, opening
from tombench.stories.timeline import FACTS, Chain, Moment, Timeline, watch
from tombench.summary.timeline_marks import (
    EYE,
    FAINT,
    SIZE,
    SMALL,
    TEXT,
    Box,
    Sheet,
    depth,
    palette,
    text_width,
    wrapped,
)

MARGIN, LABELS, COLUMN = 0.12, 1.12, 1.16  # inches
CELL, STRIP, GAP = 0.38, 0.22, 0.08
NO_BREAK = "\u00a0"  # a space
FALSE, NOT_KNOWN, OPEN = "false", "does not know", "left open"


@dataclass(frozen=True)
class Told:
    """A story as it is drawn: its beliefs and its text."""

    timeline: Timeline
    voice: Voice
    sentences: tuple[str, ...]  # one a moment: how it opens, then the events

    @cached_property
    def lines(self) -> list[list[str]]:
        """The sentences as they are set below the rows."""
        return [wrapped(text, COLUMN - 0.14, SMALL) for text in self.sentences]

    @property
    def width(self) -> float:
        """Of its figure, in inches."""
        return 2 * MARGIN + LABELS + len(self.sentences) * COLUMN

    @property
    def rows_height(self) -> float:
        return sum(_height(chain) for chain in self.timeline.chains)

    @property
    def height(self) -> float:
        """Of rows and sentences, in inches."""
        return self.rows_height + 2 * GAP + depth(max(map(len, self.lines)))

    def opening(self, text: str) -> "Told":
        """The same with another text for how it opens."""
        return replace(self, sentences=(text, *self.sentences[1:]))


def told(plot: Plot, voice: Voice, chains: Sequence[Chain] | None = None) -> Told:
    """A plot's timeline with its text."""
    first = " ".join(opening(plot, voice))
    return Told(watch(plot, chains=chains), voice, (first, *happenings(plot, voice)))


def row_name(story: Told, chain: Chain) -> str:
    """ "Ben thinks that Anna thinks"; of the facts, "The ball is in"."""
    if chain != FACTS:
        return " that ".join(f"{name} thinks" for name in chain)
    setting, subject = story.timeline.plot.setting, story.timeline.subject
    if not setting.is_place(subject):
        return f"The {subject} is full of"
    on = all(value in story.voice.surfaces for value in setting.variable(subject).values)
    return f"The {subject} is {'on' if on else 'in'}"


def draw_rows(sheet: Sheet, story: Told, top: float) -> None:
    """A row of cells for each chain; above a person's own belief what they perceive."""
    timeline, y = story.timeline, top
    variable = timeline.plot.setting.variable(timeline.subject)
    colours = palette(tuple(dict.fromkeys((variable.initial, *variable.values))))
    for chain in timeline.chains:
        y += _height(chain)
        name = wrapped(_together(row_name(story, chain)), LABELS - 0.1, SIZE)
        sheet.column(MARGIN, y - (CELL + depth(len(name), SIZE)) / 2, name, SIZE)
        for number, moment in enumerate(timeline.moments):
            box = Box(MARGIN + LABELS + number * COLUMN, y - CELL, COLUMN, CELL)
            sheet.cell(box, sorted(moment.values[chain]), colours, _note(moment, chain))
            if timeline.becomes_false(chain, number):
                sheet.outline(box)
            if len(chain) == 1:
                _perception(sheet, moment, chain[0], Box(box.x, box.y - STRIP, COLUMN, STRIP))


def draw_sentences(sheet: Sheet, story: Told, top: float, black: Iterable[int]) -> None:
    """What is told, each sentence below the beliefs that it leaves; in grey unless `black`."""
    left, strong = MARGIN + LABELS, set(black)
    for number, lines in enumerate(story.lines):
        x = left + number * COLUMN
        sheet.line((x + 0.01, top + GAP), (x + COLUMN - 0.01, top + GAP))
        ink = TEXT if number in strong else FAINT
        style = "italic" if number == 0 else "normal"
        sheet.column(x + 0.05, top + 1.6 * GAP, lines, SMALL, color=ink, style=style)


def draw_legend(sheet: Sheet, stories: Sequence[Told], y: float) -> None:
    """What the marks mean that occur."""
    timelines = [story.timeline for story in stories]
    happened = [moment for each in timelines for moment in each.moments if moment.event]
    own = {chain[0] for each in timelines for chain in each.chains if len(chain) == 1}
    x = MARGIN + LABELS + EYE + 0.05
    sheet.eye(x, y)
    x = _named(sheet, x + EYE, y, "perceives the event")
    if any(own & moment.audience.unseen for moment in happened):
        sheet.eye(x, y, unseen=True)
        x = _named(sheet, x + EYE, y, "does so unseen")
    if any(not moment.perceives(agent) for moment in happened for agent in own):
        sheet.ring(x, y)
        x = _named(sheet, x + EYE, y, "does not perceive it")
    if any(moment.false(chain) for each in timelines for moment, chain in each.cells()):
        frame = Box(x - EYE, y - 0.075, 0.26, 0.15)
        sheet.outline(frame)
        _named(sheet, frame.x + frame.width, y, "the belief becomes false")


def _named(sheet: Sheet, x: float, y: float, name: str) -> float:
    """A mark's meaning; where the next mark stands."""
    sheet.write(x + 0.06, y, name, SMALL)
    return x + 0.06 + text_width(name, SMALL) + 0.3


def _together(name: str) -> str:
    """The name of the facts' row, its end held together: "is in", "is full of"."""
    return re.sub(r"(?<= )is (in|on|full of)$", lambda end: end[0].replace(" ", NO_BREAK), name)


def _height(chain: Chain) -> float:
    return GAP + CELL + (STRIP if len(chain) == 1 else 0)


def _note(moment: Moment, chain: Chain) -> str:
    if len(moment.values[chain]) > 1:
        return NOT_KNOWN if len(chain) == 1 else OPEN
    return FALSE if moment.false(chain) else ""


def _perception(sheet: Sheet, moment: Moment, agent: str, strip: Box) -> None:
    """Whether the agent perceives the event, and how the agent is there after it."""
    x, y = strip.x + 0.14, strip.y + strip.height / 2
    if moment.event is not None:
        if moment.perceives(agent):
            sheet.eye(x, y, unseen=agent in moment.audience.unseen)
        else:
            sheet.ring(x, y)
    presence = moment.presence(agent)
    if presence != "present":
        sheet.write(x + 0.14, y, presence, SMALL, color=FAINT)
        after = x + 0.14 + text_width(presence, SMALL) + 0.06
        sheet.line((after, y), (strip.x + strip.width - 0.06, y), linestyle=(0, (1, 2)))
