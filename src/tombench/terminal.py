"""Text from models and files, made safe to print; tables for the terminal."""

import sys
from collections.abc import Sequence

VISIBLE_BLANKS = "\n\t"
UNBOUNDED = 1000  # columns


def visible(text: str) -> str:
    """`text` with control characters written out (\\x1b …): a terminal shall not obey them."""
    return "".join(
        char
        if char in VISIBLE_BLANKS or char.isprintable()
        else char.encode("unicode_escape").decode()
        for char in text
    )


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A compact table on standard output; plain text when it is piped."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    heading = Text(visible(title), style="bold")
    table = Table(title=heading, box=box.SIMPLE_HEAD, title_justify="left")
    for number, name in enumerate(header):
        justify = "right" if number > 1 else "left"
        table.add_column(Text(visible(name)), justify=justify, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    console = Console(highlight=False)
    needed = console.measure(table, options=console.options.update(width=UNBOUNDED)).maximum
    console.width = max(console.width if sys.stdout.isatty() else 0, needed)  # never cut a number
    console.print(table)
