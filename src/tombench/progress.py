"""A bar on standard error: items, items a second, time left; silent where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Bar:
    """Where a long job stands; without a rich bar behind it, it is silent."""

    def __init__(self, rich_bar: Any = None, task: Any = None) -> None:
        self._bar, self._task = rich_bar, task

    def advance(self, count: int) -> None:
        """`count` more are done."""
        if self._bar is not None:
            self._bar.advance(self._task, count)
            self._show_rate()

    def reached(self, done: int, total: int) -> None:
        """`done` of `total` are done."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total)
            self._show_rate()

    def _show_rate(self) -> None:
        speed = self._bar.tasks[0].speed
        self._bar.update(self._task, rate=f"{speed:.1f}/s" if speed else "")


@contextmanager
def progress(label: str, total: int, quiet: bool = False) -> Iterator[Bar]:
    """Yield a bar; shown only on a terminal and unless `quiet`."""
    if quiet or not sys.stderr.isatty():
        yield Bar()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Bar(bar, bar.add_task(label, total=total, rate=""))
