"""What a training may begin with: a choice between two payoffs, whatever the coplayer does.

Told alone, it teaches a small model the numbers, the labels and the form of an answer in a third of
the tokens; told as a game, to read the four outcomes. No test asks it: a player who gains the same
against either action is in none of the 144 strict games. The same law answers.
"""

from random import Random

from tombench.strategy.payoffs import Game
from tombench.strategy.telling import Presentation, instruction, number
from tombench.tasks.games_drawn import MOST

PAIRS = 2


def draw_decisions(rng: Random) -> list[Game]:
    """Two different payoffs in whole points from 0 to `MOST`, then the same exchanged; twice."""
    found = []
    for _ in range(PAIRS):
        one, other = rng.sample(range(MOST + 1), 2)
        found += [_decision(one, other), _decision(other, one)]
    return found


def decision_prompt(game: Game, presentation: Presentation) -> str:
    """What each action pays, without a word of a coplayer, and what to answer."""
    told = (
        f"When you take {presentation.labels[own]}, you get {_points(game.payoff(own, 0))}."
        for own in presentation.actions
    )
    return f"{' '.join(told)}\n\n{instruction(presentation)}"


def _decision(first: float, second: float) -> Game:
    return Game.symmetric("decision", first, first, second, second)


def _points(value: float) -> str:
    return f"{number(value)} {'point' if value == 1 else 'points'}"
