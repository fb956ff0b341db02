"""The report as one HTML document that opens from disk: no network, no second file.

Everything that a user or a model named goes through `visible` and Jinja's escaping. The page's
policy (CSP) lets run the one script and the two styles whose digests it names, and nothing else.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tombench.summary.grid import Grid
from tombench.summary.report.blocks import part_blocks, record_blocks
from tombench.summary.report.contents import Contents
from tombench.summary.report.figures_html import FigureView, figure_view
from tombench.summary.report.headlines_html import headline_view
from tombench.summary.report.links import Links, links_of
from tombench.summary.report.runs_html import card_view
from tombench.summary.report.tables_html import TableView, table_view
from tombench.terminal import visible

ASSETS = "tombench.summary.report"
FIRST = ("navigate.js", "theme.js", "sort.js", "data.js", "report.css", "tables.css")
"""Scripts and styles that others build on; those follow by name."""
LAST = ("print.css",)
"""What narrow screens and paper change of all others."""
RECORDS = Markup("<!-- records -->")
"""Where they go; no text of a user's or a model's can hold it, as each < is escaped."""
WITHOUT_SCRIPT = "main > section { display: block }"
"""The style where scripts are off: all pages, one after the other."""

_BREAK = re.compile(r"([,=_/:])(?=\w)")


@dataclass(frozen=True)
class TaskView:
    """A task's page: what leads, its figures, and the further tables."""

    key: str  # task-0: its address
    title: str
    leading: Sequence[TableView]
    lines: Sequence[str]
    figures: Sequence[FigureView]
    further: Sequence[TableView]


def report_html(contents: Contents) -> str:
    """The whole document."""
    return with_records(frame_html(contents), contents)


def frame_html(contents: Contents) -> str:
    """The document without records, for `with_records` to put them in."""
    links, style, script = links_of(contents.cards), _joined("css"), _script()
    made = _environment().get_template("report.html")
    return made.render(
        policy=Markup(_policy(script, (style, WITHOUT_SCRIPT))),
        style=Markup(style),
        without_script=Markup(WITHOUT_SCRIPT),
        script=Markup(script),
        blocks=RECORDS + part_blocks(contents.cards, links),
        made=contents.made,
        headline=headline_view(contents, links),
        cards=[
            card_view(card, line, links)
            for card, line in zip(contents.cards, contents.headline, strict=True)
        ],
        tasks=[_task(contents, place, links) for place in range(len(contents.pages))],
        beside=[table_view(grid, links, f"beside-{n}") for n, grid in enumerate(contents.beside)],
    )


def with_records(frame: str, contents: Contents) -> str:
    """The frame with the blocks that depend on how many records are carried."""
    before, _, after = frame.partition(RECORDS)
    return f"{before}{record_blocks(contents)}{after}"


def _task(contents: Contents, place: int, links: Links) -> TaskView:
    """The tables that the terminal shows come first, whole; then the figures; then the others."""
    page, key = contents.pages[place], f"task-{place}"
    filed = [(grid, table.name) for table in page.tables for grid in table.grids if grid.rows]
    leading: list[tuple[Grid, str | None]] = []
    for grid in page.shown:
        same = [pair for pair in filed if _head(pair[0]) == _head(grid)]
        found = same or [(grid, None)]
        leading += [pair for pair in found if pair[0].rows and pair not in leading]
    further = [pair for pair in filed if pair not in leading]
    views = [
        table_view(grid, links, f"{key}-table-{n}", name)
        for n, (grid, name) in enumerate([*leading, *further])
    ]
    figures = (figure_view(each, f"{key}-figure-{n}") for n, each in enumerate(page.figures))
    return TaskView(
        key,
        page.title,
        views[: len(leading)],
        page.lines,
        [view for view in figures if view],
        views[len(leading) :],
    )


def _head(grid: Grid) -> tuple[str, tuple[str, ...]]:
    """What a table in the terminal has in common with the whole of it in the files."""
    return grid.title, grid.header


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(ASSETS, "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    return environment


def _breakable(text: str) -> Markup:
    """The text with places where a narrow column may break a long setting or path."""
    return Markup(_BREAK.sub(r"\1<wbr>", str(escape(visible(text)))))


def _seen(value: Any) -> Any:
    """Every text that the template prints, with its control characters written out."""
    if isinstance(value, Markup) or not isinstance(value, str) or value.isprintable():
        return value
    return visible(value)


def _policy(script: str, styles: Sequence[str]) -> str:
    """What the page may load and run: by digest, so that no text in it can become more."""
    sources = {
        "default-src": ["'none'"],
        "img-src": ["data:"],
        "style-src": [_digest(style) for style in styles],
        "script-src": [_digest(script)],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(f"{kind} {' '.join(named)}" for kind, named in sources.items())


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _script() -> str:
    """All scripts in one scope of their own."""
    return f'(() => {{ "use strict";\n{_joined("js")}\n}})();'


def _joined(ending: str) -> str:
    """The assets of one kind, in their order."""
    folder = files(ASSETS) / "assets"
    names = [each.name for each in folder.iterdir() if each.name.endswith(f".{ending}")]
    names.sort(key=_rank)
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def _rank(name: str) -> tuple[int, str]:
    place = FIRST.index(name) if name in FIRST else len(FIRST)
    return (len(FIRST) + 1 if name in LAST else place, name)
