"""Choices to records: a probability where it is exact, a drawn answer where it is not."""

import math
from collections.abc import Sequence
from dataclasses import replace

from tombench.schema import (
    ChoiceResponse,
    GenerateResponse,
    Item,
    Record,
    Sample,
    Score,
)
from tombench.scorers.yes_no import UNPARSED
from tombench.strategy.commitments import commitment
from tombench.strategy.donations import donation
from tombench.strategy.public_goods import DonationGame
from tombench.tasks.answered import NOT_ASKED, TIE, drawn_records
from tombench.tasks.games_items import Cell
from tombench.tasks.games_prompts import answers

ACTIONS = ("C", "D")
"""What the two actions are called in records, whatever a prompt calls them."""
INVALID, SAMPLED = "invalid", "sampled/"
LEAST = 1e-300
"""Stands for a probability of 0, whose logarithm could not be written."""
NEVER = math.log(LEAST)


def names(cell: Cell) -> tuple[str, ...]:
    """What records call the answers: C and D, or amounts."""
    return answers(cell) if isinstance(cell.game, DonationGame) else ACTIONS


def exact_record(item: Item, response: ChoiceResponse) -> Record:
    """The choice probabilities of a cell: repetition 0.

    The score is P(C) among the answers that say anything, of donations the expected share of the
    endowment; `log_probs` have every answer and what is left over, plain and as sampled.
    """
    cell = item.content
    told: dict[str, float] = {}
    score = NOT_ASKED
    if response.error is None:
        told = _logs("", names(cell), response.probabilities)
        told |= _logs(SAMPLED, names(cell), response.sampled)
        score = _likeliest(cell, response.probabilities)
    return Record(
        id=f"{item.id}/00",
        item=item.id,
        repetition=0,
        cluster=item.cluster,
        condition=item.condition,
        prompt=response.prompt,
        response="",
        target=item.target,
        score=score,
        log_probs=told,
        error=response.error,
    )


def sampled_records(item: Item, response: GenerateResponse, numbers: range) -> list[Record]:
    """One a drawn answer, read by what it commits itself to; none is ever guessed."""
    return drawn_records(item, response, numbers, lambda sample: read(item.content, sample), {})


def read(cell: Cell, sample: Sample) -> Score:
    """The choice that a text states: 1 for C, 0 for D; of donations the share of the endowment."""
    if isinstance(cell.game, DonationGame):
        given = donation(sample.text, 0.0, cell.game.endowment)
        if given.amount is None:
            return Score(0.0, UNPARSED, given.reason, UNPARSED)
        return Score(given.amount / cell.game.endowment, f"{given.amount:g}", given.reason)
    chosen = commitment(sample.text, cell.presentation.labels)
    if chosen.action is None:
        return Score(0.0, UNPARSED, chosen.reason, UNPARSED)
    return Score(float(chosen.action == 0), ACTIONS[chosen.action], chosen.reason)


def probabilities(record: Record, prefix: str = "") -> dict[str, float]:
    """What an exact record says of each answer and of the rest."""
    return {
        name.removeprefix(prefix): math.exp(value) if value > NEVER else 0.0
        for name, value in record.log_probs.items()
        if (name.startswith(SAMPLED) if prefix else not name.startswith(SAMPLED))
    }


def _logs(prefix: str, named: Sequence[str], chances: Sequence[float]) -> dict[str, float]:
    rest = max(0.0, 1 - sum(chances))
    whole = [*zip(named, chances, strict=True), (INVALID, rest)]
    return {f"{prefix}{name}": math.log(max(chance, LEAST)) for name, chance in whole}


def _likeliest(cell: Cell, chances: Sequence[float]) -> Score:
    valid = sum(chances)
    if valid <= 0:
        return Score(0.0, UNPARSED, "no answer that says anything has a chance", UNPARSED)
    named = names(cell)
    best = [name for name, chance in zip(named, chances, strict=True) if chance == max(chances)]
    answer = best[0] if len(best) == 1 else TIE
    if isinstance(cell.game, DonationGame):
        mean = sum(int(name) * chance for name, chance in zip(named, chances, strict=True)) / valid
        value = mean / cell.game.endowment
    else:
        value = chances[0] / valid
    return replace(Score(value, answer, ""), reason=f"{answer} is the likeliest; {valid:.3f} valid")
