"""Text from models and files, made safe to print; tables for the terminal."""

import sys
from collections.abc import Sequence

VISIBLE_BLANKS = "\n\t"


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

    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for number, name in enumerate(header):
        table.add_column(name, justify="right" if number > 1 else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False).print(table)
