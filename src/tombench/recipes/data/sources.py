"""What a fine-tuning learns from, when the user names it: `recipe.data` checked, read, digested."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from tombench.errors import UserError, gathered, nearest, told
from tombench.origins.keys import Keys
from tombench.origins.origin import Origin, origin
from tombench.origins.table import Table
from tombench.recipes.data.fields import Layout
from tombench.recipes.data.mixture import divided, weighed
from tombench.recipes.data.prompt_format import PromptFormat
from tombench.recipes.data.reading import Reading, read_rows
from tombench.recipes.data.rows import Kind, Row
from tombench.recipes.data.settings import DataSettings

KEYS = Keys(data="recipe.data", split="recipe.split")


@dataclass(frozen=True)
class Data:
    """Rows of one kind, from all data sets together."""

    rows: tuple[Row, ...]  # of one epoch, in the order of the data sets and their files
    validation: tuple[Row, ...]  # held out; none of them, nor their prompts, is among `rows`
    digest: str  # as `data_digest` gives it
    told: tuple[str, ...]  # lines for dry_run=true and the log


def check_data(settings: DataSettings, kind: Kind) -> None:
    """Refuse what cannot be learnt from, before any weights load; reads all of it.

    Raises:
        UserError: a data set is missing, malformed, or has no rows of `kind`; all of them at once.
    """
    _readings(settings, kind)


def read_data(settings: DataSettings, kind: Kind, seed: int) -> Data:
    """The rows of an epoch, and those held out.

    Args:
        seed: of which rows are held out, and which are seen once more for a fractional weight.

    Raises:
        UserError: as `check_data`.
    """
    readings = _readings(settings, kind)
    division = divided([reading.rows for reading in readings], settings.validation, seed)
    weights = _weights(settings)
    rows = [
        row
        for number, learnt in enumerate(division.learnt)
        for row in weighed(learnt, weights[number], number, seed)
    ]
    validation = tuple(row for held_out in division.held_out for row in held_out)
    told = [line for pair in zip(readings, weights, strict=True) for line in _told(*pair, kind)]
    if settings.validation and not validation:
        told.append("note   recipe.validation: all rows have one prompt, so that none is held out")
    return Data(tuple(rows), validation, data_digest(settings), tuple(told))


def data_digest(settings: DataSettings) -> str:
    """sha256, 64 hex digits, of what the data sets hold, their order and their weights.

    Of a file by its bytes, of a Hub data set by its commit; names and places do not matter.

    Raises:
        UserError: a data set is missing.
    """
    sets = [each.fingerprint(settings.split) for each in _origins(settings)]
    known = json.dumps([sets, _weights(settings)], default=str)
    return hashlib.sha256(known.encode()).hexdigest()


def _origins(settings: DataSettings) -> list[Origin]:
    if not settings.data:
        raise UserError("recipe.data names nothing; give files, folders or Hub data sets")
    return gathered(*(lambda name=name: origin(name, KEYS) for name in settings.data))


def _weights(settings: DataSettings) -> list[float]:
    return list(settings.weights or [1.0] * len(settings.data or ()))


def _readings(settings: DataSettings, kind: Kind) -> list[Reading]:
    sets = _origins(settings)
    tables = gathered(*(lambda each=each: each.table(settings.split) for each in sets))
    _check_columns(settings, tables)
    form = PromptFormat.of(settings.prompt) if settings.prompt else None
    layouts = [Layout(table, _mapped(settings, table), form) for table in tables]
    return gathered(*(lambda layout=layout: read_rows(layout, kind) for layout in layouts))


def _check_columns(settings: DataSettings, tables: Sequence[Table]) -> None:
    """Refuse a mapping to a column that no data set has; where one has it, others need not."""
    columns = list(dict.fromkeys(column for table in tables for column in table.columns))
    for role, column in settings.columns.items():
        if column not in columns:
            raise UserError(
                told(
                    f"recipe.columns.{role}={column}: no such column in "
                    + ", ".join(table.name for table in tables),
                    nearest(column, columns),
                    f"there are {', '.join(columns)}",
                )
            )


def _mapped(settings: DataSettings, table: Table) -> dict[str, str]:
    """Those of the user's columns that a data set has."""
    return {role: name for role, name in settings.columns.items() if name in table.columns}


def _told(reading: Reading, weight: float, kind: Kind) -> list[str]:
    seen = "" if weight == 1 else f", each seen {weight:g} times an epoch"
    roles = ", ".join(reading.roles) or "recipe.prompt"
    line = f"data   {reading.name}: {len(reading.rows):,} {kind} ({roles}){seen}"
    return [line, *(f"note   {note}" for note in reading.notes)]
