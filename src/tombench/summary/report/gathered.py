"""A report from what was computed: cards of the runs, and records as far as there is room."""

from collections.abc import Sequence
from dataclasses import replace

from tombench.runs import read_run
from tombench.summary.columns import RunColumns
from tombench.summary.report.contents import Card, Contents, Headline
from tombench.summary.report.packing import pack
from tombench.summary.report.page import frame_html, with_records


def cards_of(lines: Sequence[Headline]) -> list[Card]:
    """A card a run, in their order: r0, r1, …."""
    return [
        Card(f"r{place}", line.label, line.run, read_run(line.run.folder))
        for place, line in enumerate(lines)
    ]


def report_of(contents: Contents, columns: Sequence[RunColumns], budget: int) -> str:
    """The HTML file, in at most `budget` bytes where tables and figures alone are fewer.

    Args:
        contents: without packed records.
        columns: the records, one a card.
        budget: bytes of the whole file; what tables and figures leave of it is for records.
    """
    frame = frame_html(contents)
    bare = len(with_records(frame, contents).encode())
    packed = pack([card.run for card in contents.cards], columns, max(0, budget - bare))
    keys = (card.key for card in contents.cards)
    return with_records(frame, replace(contents, packed=dict(zip(keys, packed, strict=True))))
