"""Answer files to counted cells: read, doubled lists halved, parsed, and what is odd told."""

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tombench.errors import UserError
from tombench.tasks.games_cells import GAMES, Cell, CellKey, Donations, cell_key, is_donation
from tombench.tasks.games_files import Given, answer_files, read_given
from tombench.tasks.games_repeats import Pairs, pairs, repeated_contexts, stored_twice

logger = logging.getLogger("tombench")

DRAWS = 300
"""Answers that the study drew of every cell."""

SHOWN = 3  # cells that a warning names


def letter(text: str) -> str | None:
    """C or D where the answer is that letter and nothing else; blanks aside."""
    return text.strip() if text.strip() in ("C", "D") else None


def first_integer(text: str) -> float | None:
    """The study's rule for donations: the first run of digits; "2.5 times 7" is 2."""
    found = re.search(r"\d+", text)
    return float(found.group()) if found else None


@dataclass(frozen=True)
class Reading:
    """How answers are read.

    Args:
        choice: a text to "C", "D" or None, not to be parsed.
        donation: a text to an amount or None.
        games: names that a key may hold.
        draws: answers that a cell should have; None: as many as there are.
    """

    choice: Callable[[str], str | None] = letter
    donation: Callable[[str], float | None] = first_integer
    games: Sequence[str] = GAMES
    draws: int | None = DRAWS


@dataclass(frozen=True)
class Answers:
    """What files hold."""

    cells: tuple[Cell, ...]
    donations: tuple[Donations, ...]
    warnings: tuple[str, ...]  # one line each


@dataclass(frozen=True)
class _Read:
    """A cell on its way: the answers that count, and what was said of them so far."""

    given: Given
    key: CellKey
    counts: Mapping[str, int]  # how often each text was given
    pairs: Pairs | None  # of a list
    twice: bool  # a list that was halved
    notes: tuple[str, ...]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def read_answers(named: Sequence[str], reading: Reading | None = None) -> Answers:
    """The cells of files and folders, as `answer_files` takes their names; warnings are logged.

    Raises:
        UserError: a file cannot be read, a key is none, or two files hold one cell with unlike
            answers.
    """
    reading = reading or Reading()
    read: list[_Read] = []
    warnings: list[str] = []
    for file in answer_files(named):
        found = _of_file(read_given(file), reading)
        warnings += _told(found, reading, str(file.path))
        read += found
    kept, unlike = _merged(read)
    counted = [_counted(each, reading) for each in kept]
    cells = tuple(one for one in counted if isinstance(one, Cell))
    donations = tuple(one for one in counted if isinstance(one, Donations))
    warnings += [*unlike, *repeated_contexts(cells), *_unparsed([*cells, *donations])]
    for line in warnings:
        logger.warning("%s", line)
    return Answers(cells, donations, tuple(warnings))


def _of_file(given: Sequence[Given], reading: Reading) -> list[_Read]:
    lists = {one.key: one.texts for one in given if one.texts is not None}
    twice = stored_twice(lists, reading.draws)
    return [_read(one, one.key in twice, reading) for one in given]


def _read(given: Given, twice: bool, reading: Reading) -> _Read:
    try:
        key = cell_key(given.key, reading.games)
    except UserError as error:
        raise UserError(f"{given.file.path}: {error}") from error
    counts, seen, notes = given.counts, None, []
    if given.texts is not None:
        seen = pairs(given.texts)
        counts = Counter(given.texts[::2] if twice else given.texts)
        if twice:
            notes.append(f"every draw stored twice ({seen.told()}): every second taken")
        elif seen.nearly:
            notes.append(f"nearly every draw stored twice ({seen.told()}): all kept")
    total = sum(counts.values())
    if reading.draws not in (None, total):
        notes.append(f"{total} answers, not {reading.draws}")
    return _Read(given, key, counts, seen, twice, tuple(notes))


def _told(read: Sequence[_Read], reading: Reading, path: str) -> list[str]:
    """At most a line of a file for each kind of oddity."""
    lines = []
    twice = [one.pairs.expected for one in read if one.pairs and one.twice]
    if twice:
        lines.append(
            f"{path}: every draw is stored twice in {len(twice)} of {len(read)} lists (all pairs "
            f"are equal, {100 * min(twice):.0f}-{100 * max(twice):.0f} % expected of independent "
            "answers); every second is taken"
        )
    nearly = [one for one in read if one.pairs and one.pairs.nearly]
    if nearly:
        lines.append(
            f"{path}: nearly every draw is stored twice, so that answers count for about half: "
            + _some([f"{one.key.name} ({one.pairs.told()})" for one in nearly if one.pairs])
        )
    totals = [one for one in read if reading.draws not in (None, one.total)]
    if totals:
        lines.append(
            f"{path}: {len(totals)} of {len(read)} cells do not have {reading.draws} answers: "
            + _some([f"{one.key.name} {one.total}" for one in totals])
        )
    return lines


def _merged(read: Sequence[_Read]) -> tuple[list[_Read], list[str]]:
    """Each cell once, raw texts before counts; and where the two disagree."""
    by_cell: defaultdict[tuple[str, CellKey], list[_Read]] = defaultdict(list)
    for one in read:
        by_cell[one.given.file.model, one.key].append(one)
    kept, lines = [], []
    for same in by_cell.values():
        raw = [one for one in same if one.given.texts is not None]
        counted = [one for one in same if one.given.texts is None]
        for group in (raw, counted):
            _agreeing(group)
        first = (raw or counted)[0]
        if raw and counted and _plain(raw[0]) != _plain(counted[0]):
            note = (
                f"published counts {_listed(counted[0])} are not those of the answers "
                f"{_listed(raw[0])}, which are taken"
            )
            lines.append(f"{counted[0].given.where}: {note}")
            first = replace(first, notes=(*first.notes, note))
        kept.append(first)
    return kept, lines


def _agreeing(group: Sequence[_Read]) -> None:
    for other in group[1:]:
        first = group[0]
        if (first.given.texts, first.counts) != (other.given.texts, other.counts):
            raise UserError(
                f"{other.given.where}: other answers of {other.given.file.model} than in "
                f"{first.given.file.path}; give one of the two files, or name its model MODEL=PATH"
            )


def _plain(read: _Read) -> Counter[str]:
    """Counts with the blanks of texts aside, and without answers that nobody gave."""
    found: Counter[str] = Counter()
    for text, count in read.counts.items():
        found[text.strip()] += count
    return +found


def _listed(read: _Read) -> str:
    found = _plain(read)
    return "/".join(str(found[answer]) for answer in sorted(found))


def _counted(read: _Read, reading: Reading) -> Cell | Donations:
    model, source = read.given.file.model, str(read.given.file.path)
    if is_donation(read.given.key):
        amounts = [(reading.donation(text), count) for text, count in read.counts.items()]
        known = tuple(a for a, count in amounts if a is not None for _ in range(count))
        invalid = sum(count for a, count in amounts if a is None)
        return Donations(model, read.key, known, invalid, read.notes, source)
    choices: Counter[str | None] = Counter()
    for text, count in read.counts.items():
        choices[reading.choice(text)] += count
    cooperate, defect = choices["C"], choices["D"]
    invalid = choices.total() - cooperate - defect
    return Cell(model, read.key, cooperate, defect, invalid, read.notes, source)


def _unparsed(counted: Sequence[Cell | Donations]) -> list[str]:
    odd = [f"{one.model} {one.key.name} {one.invalid}" for one in counted if one.invalid]
    total = sum(one.invalid for one in counted)
    return [f"{total} answers could not be parsed: {_some(odd)}"] if odd else []


def _some(names: Sequence[str]) -> str:
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
