"""What may be trained on is told from a cell's names."""

import pytest

from tombench.tasks.games_split import held_out

CELL = {"game": "prison", "context": "team", "payoffs": "published", "split": "in_sample"}


@pytest.mark.parametrize("game", ["prison", "delight", "snowdrift", "staghunt"])
@pytest.mark.parametrize("context", ["none", "team", "international", "IR", "friendsharing"])
def test_the_dilemmas_in_training_contexts_may_be_learnt(game: str, context: str) -> None:
    assert held_out(CELL | {"game": game, "context": context}) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"context": "sports"}, "context sports"),
        ({"context": "roomsharing"}, "context roomsharing"),
        ({"context": "ventcap"}, "context ventcap"),
        ({"payoffs": "doubled"}, "doubled payoffs"),
        ({"payoffs": "shifted"}, "shifted payoffs"),
        ({"game": "r4123-4213"}, "game r4123-4213"),
        ({"game": "public_goods"}, "game public_goods"),
        ({"split": "new_context"}, "split new_context"),
        ({"game": "chicken", "context": "sports"}, "game chicken"),
    ],
)
def test_anything_else_is_held_out_whatever_its_split_says(
    change: dict[str, str], why: str
) -> None:
    assert held_out(CELL | change) == why
