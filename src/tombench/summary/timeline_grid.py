"""The timeline of a story as a table: a row a moment, with what is so and who believes what."""

import textwrap
from dataclasses import replace

from tombench.stories.alterations import ALTERATIONS
from tombench.stories.events import Plot
from tombench.stories.suite import Suite
from tombench.stories.telling import Voice
from tombench.stories.timeline import Chain, Moment
from tombench.summary.grid import Grid
from tombench.summary.timeline_rows import Told, row_name, told

SENTENCE = 40  # characters a line
PERCEIVED, UNSEEN, NOT_PERCEIVED = "●", "◐", "○"
NOTES = {
    PERCEIVED: "perceives the event",
    UNSEEN: "perceives it unseen",
    NOT_PERCEIVED: "does not perceive it",
    "?": "does not know which",
}


def story_of(suite: Suite, item: str) -> tuple[Plot, Voice]:
    """The plot and the voice of an item of a generated suite, by the item's id.

    Raises KeyError for an id that the suite does not have.
    """
    name, _, story = item.partition("/")
    cell, _, variant = story.partition("/")[0].rpartition(".")
    sets = (suite.contrast_set(number) for number in range(suite.sets))
    found = next((each for each in sets if each.id == name), None)
    if found is None:
        raise KeyError(item)
    voice, altered = found.voice, ALTERATIONS[found.paradigm].get(cell)
    if altered and altered.on_surfaces:
        voice = replace(voice, surfaces=frozenset(found.cast(variant).surfaces))
    return found.plot(cell, variant), voice


def timeline_grid(plot: Plot, voice: Voice) -> Grid:
    """What is so, each one's belief and two beliefs about beliefs, before and after each event."""
    story = told(plot, voice)
    timeline = story.timeline
    names = (_heading(story, chain) for chain in timeline.chains)
    told_at = zip(story.sentences, timeline.moments, strict=True)
    rows = tuple(
        (
            str(number or ""),
            textwrap.fill(text, SENTENCE),
            *(_cell(moment, chain) for chain in timeline.chains),
        )
        for number, (text, moment) in enumerate(told_at)
    )
    shown = "".join("".join(row[2:]) for row in rows)
    notes = "; ".join(f"{mark} {said}" for mark, said in NOTES.items() if mark in shown)
    header = ("", "what is told", *names)
    return Grid("Who believes what after each event", header, rows, (f"{notes}.",) if notes else ())


def _heading(story: Told, chain: Chain) -> str:
    """ "Anna thinks"; of what Ben thinks that Anna thinks, "Ben about Anna"."""
    return " about ".join(chain) if len(chain) > 1 else row_name(story, chain)


def _cell(moment: Moment, chain: Chain) -> str:
    return f"{_mark(moment, chain)}{_value(moment, chain)}"


def _mark(moment: Moment, chain: Chain) -> str:
    """What the agent perceives whose belief it is."""
    if len(chain) != 1 or moment.event is None:
        return ""
    if chain[0] in moment.audience.unseen:
        return f"{UNSEEN} "
    return f"{PERCEIVED if moment.perceives(chain[0]) else NOT_PERCEIVED} "


def _value(moment: Moment, chain: Chain) -> str:
    values = sorted(moment.values[chain])
    said = " or ".join(values) + ("?" if len(values) > 1 else "")
    remarks = []
    if moment.false(chain):
        remarks.append("false")
    if len(chain) == 1 and moment.presence(chain[0]) != "present":
        remarks.append(moment.presence(chain[0]))
    return f"{said} ({', '.join(remarks)})" if remarks else said
