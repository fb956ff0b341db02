"""A data set's rows as what a recipe learns from: its form recognised, each row read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from tombench.errors import UserError
from tombench.recipes.data.fields import Fields, Layout
from tombench.recipes.data.forms import FORMS, Form
from tombench.recipes.data.rows import Completion, Kind, Preference, Question, Row


@dataclass(frozen=True)
class Reading:
    """The rows of one data set that can be learnt from."""

    name: str
    rows: tuple[Row, ...]
    roles: tuple[str, ...]  # of the columns that they were read from
    notes: tuple[str, ...]  # what is left out, and what may be unmeant


def read_rows(layout: Layout, kind: Kind) -> Reading:
    """All rows that are not empty, in the data set's order.

    Raises:
        UserError: no form of `kind` has these columns, a field is no text, or no row is left.
    """
    layout.check_format()
    form, name = recognised(layout, kind), layout.table.name
    rows: list[Row] = []
    dropped: Counter[str] = Counter()
    for index in range(len(layout.table.rows)):
        for row in form.rows(Fields(layout, index)):
            why = _nothing_to_learn(row)
            if why:
                dropped[why] += 1
            else:
                rows.append(row)
    if not rows:
        raise UserError(f"{name}: no {kind} left to learn from; in all of them {min(dropped)}")
    notes = [f"{name}: {count:,} {kind} are left out: {why}" for why, count in dropped.items()]
    if layout.format is None:
        notes += _joints(name, rows)
    return Reading(name, tuple(rows), tuple(form.needed(layout.format is not None)), tuple(notes))


def recognised(layout: Layout, kind: Kind) -> Form:
    """The first form whose columns are all there, among those that read what the user mapped.

    Raises:
        UserError: there is none; says what the form that fits best lacks, and how to map it.
    """
    formatted = layout.format is not None
    mapped = {*layout.columns} - {*(layout.format.names if layout.format else ())}
    forms = [form for form in FORMS[kind] if mapped <= {*form.needs, *form.also}] or FORMS[kind]

    def misfit(form: Form) -> tuple[int, int]:
        needed = form.needed(formatted)
        there = sum(layout.has(role) for role in needed)
        return -there, len(needed) - there if there else 0

    for form in forms:
        if all(layout.has(role) for role in form.needed(formatted)):
            if formatted and "messages" in form.needs:
                raise UserError(
                    f"recipe.prompt: {layout.table.name} holds conversations, whose prompts it "
                    "cannot write; leave it out"
                )
            return form
    raise _unrecognised(layout, kind, min(forms, key=misfit).needed(formatted))


def _unrecognised(layout: Layout, kind: Kind, needed: Sequence[str]) -> UserError:
    lacks = [role for role in needed if not layout.has(role)]
    used = {layout.column(role) for role in needed}
    free = [column for column in layout.table.columns if column not in used]
    words = []
    for role in lacks:
        near = get_close_matches(role, free, n=1, cutoff=0.5) or free[:1] or ["COLUMN"]
        free = [column for column in free if column != near[0]]
        words.append(f"recipe.columns.{role}={near[0]}")
    missing = "column " + " or ".join(f"'{role}'" for role in lacks)
    return UserError(
        f"{layout.table.name}: no {missing}, so no {kind}; it has "
        f"{', '.join(layout.table.columns)}; say which is which, such as {' '.join(words)}"
    )


def _nothing_to_learn(row: Row) -> str | None:
    """Why a row is left out, if it is."""
    if isinstance(row, Completion):
        return None if row.completion.strip() else "the completion is blank"
    if isinstance(row, Preference):
        return "chosen and rejected are the same" if row.chosen == row.rejected else None
    blank = isinstance(row.prompt, str) and not row.prompt.strip()
    return "the prompt is blank" if blank else None


def _joints(name: str, rows: Sequence[Row]) -> list[str]:
    """A note where most prompts and what follows them meet without a space."""
    parted = [row for row in rows if not isinstance(row, Question) and isinstance(row.prompt, str)]
    glued = [row for row in parted if _is_glued(row)]
    if 2 * len(glued) <= len(parted):
        return []
    return [
        f"{name}: nothing parts prompts from what follows them, which only a chat template makes "
        "up for; for other models let texts or recipe.prompt end in a space or line break"
    ]


def _is_glued(row: Completion | Preference) -> bool:
    text = row.completion if isinstance(row, Completion) else row.chosen
    return bool(row.prompt and text) and not (row.prompt[-1].isspace() or text[0].isspace())
