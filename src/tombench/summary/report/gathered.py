"""A report from what was computed: cards of the runs, and records as far as there is room."""

from collections.abc import Sequence
from dataclasses import replace

from tombench.runs import read_run
from tombench.summary.columns import RunColumns
from tombench.summary.report.contents import Card, Contents, Headline
from tombench.summary.report.packed import PackedRun
from tombench.summary.report.packing import pack
from tombench.summary.report.page import frame_html, with_records


def cards_of(lines: Sequence[Headline]) -> list[Card]:
    """A card a run, in their order: r0, r1, …."""
    return [
        Card(f"r{place}", line.label, line.run, read_run(line.run.folder))
        for place, line in enumerate(lines)
    ]


def report_of(contents: Contents, columns: Sequence[RunColumns], budget: int) -> tuple[str, str]:
    """The HTML file, in at most `budget` bytes where tables and figures alone are fewer; and what
    it does not carry, in words, "" where it carries all.

    Args:
        contents: without packed records.
        columns: the records, one a card.
        budget: bytes of the whole file; what tables and figures leave of it is for records.
    """
    frame = frame_html(contents)
    bare = len(with_records(frame, contents).encode())
    packed = pack([card.run for card in contents.cards], columns, max(0, budget - bare))
    keys = (card.key for card in contents.cards)
    whole = replace(contents, packed=dict(zip(keys, packed, strict=True)))
    return with_records(frame, whole), _left_out(packed)


def _left_out(packed: Sequence[PackedRun]) -> str:
    records, kept, told = (
        sum(getattr(one, name) for one in packed) for name in ("records", "kept", "told")
    )
    if told == records:
        return ""
    rows = "" if kept == records else f"{kept:,} of {records:,} records, "
    return f"{rows}texts of {told:,} of {records:,} records"
