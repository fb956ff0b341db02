"""Training examples: a question about a game as the prompt, a teacher's choice as the answer.

A choice is a soft label: both actions with their probabilities. With reasons it is a text, as the
teacher wrote it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tombench.schema import Sampling
from tombench.stories.text import Text
from tombench.strategy.contexts import NONE, Context
from tombench.strategy.player import REASONS, Player
from tombench.strategy.telling import LABELINGS, ORDERS, Presentation
from tombench.tasks.games_decisions import decision_prompt, draw_decisions
from tombench.tasks.games_drawn import Use, draw_games
from tombench.tasks.games_items import Cell
from tombench.tasks.games_teacher import Taught

ALONE = 0.75  # of the choices between two payoffs; the others are told as games
WITH_REASONS = Sampling(1.0, 0, 1.0, 4 * REASONS)


@dataclass(frozen=True)
class LawChoices:
    """Choices by a law in games without end."""

    player: Player
    prompt: Callable[[Cell, bool], str]  # of a cell, with reasons or without
    labels: Sequence[str] = tuple(LABELINGS)
    contexts: Sequence[Context] = ()  # to train on
    context_share: float = 0.0
    reasoned: float = 0.0  # share of groups
    decisions: float = 0.0  # until this progress nothing but choices between two payoffs

    def draw(self, rng: Random, progress: float) -> Sequence[Text]:
        """One game of each class with the same payoffs, in the same words."""
        if progress < self.decisions:
            return self._decided(rng, alone=progress < ALONE * self.decisions)
        reasons = rng.random() < self.reasoned
        answer = self._explained if reasons else self._chosen
        return [answer(cell, rng) for cell in self.cells(rng)]

    def cells(self, rng: Random, use: Use = "training") -> list[Cell]:
        presentation = self._presented(rng)
        inside = bool(self.contexts) and rng.random() < self.context_share
        context = rng.choice(self.contexts) if inside else NONE
        return [Cell(game, context, presentation) for game in draw_games(rng, use)]

    def _presented(self, rng: Random) -> Presentation:
        labels = LABELINGS[rng.choice(self.labels)]
        return Presentation(labels, rng.choice(list(ORDERS.values())))

    def _decided(self, rng: Random, alone: bool) -> list[Text]:
        """Choices between two payoffs, told alone or as games."""
        presentation = self._presented(rng)
        found = []
        for game in draw_decisions(rng):
            cell = Cell(game, NONE, presentation)
            prompt = decision_prompt(game, presentation) if alone else self.prompt(cell, False)
            first = float(self.player.probabilities(cell)[0])
            found.append(choice_text(prompt, presentation.labels, first, rng))
        return found

    def _chosen(self, cell: Cell, rng: Random) -> Text:
        first = float(self.player.probabilities(cell)[0])
        return choice_text(self.prompt(cell, False), cell.presentation.labels, first, rng)

    def _explained(self, cell: Cell, rng: Random) -> Text:
        (sample,) = self.player.answers(cell, WITH_REASONS, [rng.getrandbits(64)])
        return Text(self.prompt(cell, True), f" {sample.text}")


@dataclass(frozen=True)
class CellChoices:
    """Choices of a teacher in its own cells, one at a time: soft labels, or answers as drawn."""

    cells: Sequence[Taught]
    prompts: Mapping[str, str]  # by the cell's id
    labels: Mapping[str, tuple[str, str]]
    reasoned: bool  # the answers hold reasons

    def draw(self, rng: Random, progress: float) -> Sequence[Text]:
        cell = rng.choice(self.cells)
        prompt = self.prompts[cell.item]
        if self.reasoned:
            return [Text(prompt, f" {rng.choice(cell.answers).strip()}")]
        return [choice_text(prompt, self.labels[cell.item], cell.first, rng)]


def choice_text(prompt: str, labels: tuple[str, str], first: float, rng: Random) -> Text:
    """An example with its soft label; the answer is drawn from it."""
    shares = ((f" {labels[0]}", first), (f" {labels[1]}", 1 - first))
    return Text(prompt, shares[0 if rng.random() < first else 1][0], shares)
