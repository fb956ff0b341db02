"""Where a link inside the report leads: the records behind a number, the card of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from tombench.summary.grid import Behind
from tombench.summary.report.contents import Card

UNPARSED = {"right": "unparsed"}
"""The filter of answers that could not be read."""


@dataclass(frozen=True)
class Links:
    """The report's own addresses: the part behind `#`, which asks no server for anything."""

    cards: Mapping[Path, Sequence[Card]]  # by run folder: one, or one a cell of published answers

    def records(self, behind: Behind, more: Mapping[str, str] | None = None) -> str | None:
        """The records that a number comes from; None where the report does not hold that run."""
        card = self._card(behind)
        if card is None:
            return None
        only = [
            (f"only.{factor}", level) for factor, found in behind.only.items() for level in found
        ]
        return "#/records?" + _query([("run", card.key), *only, *(more or {}).items()])

    def _card(self, behind: Behind) -> Card | None:
        found = self.cards.get(behind.folder, ())
        for card in found:
            named = {"model": card.run.model, "prompting": card.run.prompting}
            if all(own in behind.only.get(factor, (own,)) for factor, own in named.items()):
                return card
        return found[0] if found else None


def links_of(cards: Sequence[Card]) -> Links:
    """The addresses of these runs."""
    by_folder: dict[Path, list[Card]] = {}
    for card in cards:
        by_folder.setdefault(card.run.folder, []).append(card)
    return Links(by_folder)


def card_link(card: Card) -> str:
    """The card that says what a run was."""
    return f"#/runs/{card.key}"


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    """As URLSearchParams reads it; a lone surrogate in a name becomes a question mark."""
    return urlencode(pairs, quote_via=quote, errors="replace")
