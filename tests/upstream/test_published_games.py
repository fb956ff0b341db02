"""The study's prompts and counts: our contexts are other texts, and its payoffs are ours."""

import ast
import os
import re
from pathlib import Path

import pytest

from tombench.strategy.contexts import Context, contexts, read_contexts
from tombench.strategy.likelihoods import Choices, fits
from tombench.strategy.payoffs import DILEMMAS, dilemma
from tombench.strategy.telling import Presentation, instruction, tell
from tombench.strategy.wording_overlap import overlap, shared_runs

FOLDER = Path(os.environ.get("TOMBENCH_UPSTREAM", "")) / "games"
OURS = [one for one in contexts().values() if one.split != "none"]
pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif("TOMBENCH_UPSTREAM" not in os.environ, reason="no TOMBENCH_UPSTREAM"),
]


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.name)
def test_our_contexts_are_not_theirs(one: Context) -> None:
    theirs = read_contexts(FOLDER / "prompts" / "context", "training")
    assert len(theirs) == 5
    for other in theirs.values():
        assert other.fixed
        assert overlap(one.text, other.text) < 0.16
        assert shared_runs(one.text, other.text, 5) == ()


def test_our_words_for_games_are_not_theirs() -> None:
    ours = " ".join(
        [
            *(tell(game) for game in DILEMMAS.values()),
            *(instruction(Presentation(), reasoning) for reasoning in (False, True)),
        ]
    )
    for path in sorted((FOLDER / "prompts" / "game").glob("*.txt")):
        assert shared_runs(ours, path.read_text()) == ()


def test_their_payoffs_are_ours() -> None:
    for name, game in DILEMMAS.items():
        text = (FOLDER / "prompts" / "game" / f"{name}.txt").read_text()
        told = [float(value) for value in re.findall(r"(\d+) points", text)]
        (reward, sucker), (temptation, punishment) = game.row
        assert told == [reward, sucker, temptation, temptation, sucker, punishment]


@pytest.mark.parametrize(
    ("model", "rate", "quantal", "constant"),
    [("7b", 0.24, -4086, -2762), ("7bF", 0.046, -4157, -3560), ("70b", 0.036, -4152, -4153)],
)
def test_no_model_of_games_beats_one_cooperation_rate(
    model: str, rate: float, quantal: float, constant: float
) -> None:
    """Log-likelihoods of all in-sample choices; an independent fit found the same whole numbers."""
    choices = []
    for line in (FOLDER / f"results__{model}_distribution.txt").read_text().splitlines():
        name, _, counts = line.partition(":")
        told = {label.strip(): n for label, n in ast.literal_eval(counts.strip()).items()}
        game = dilemma(name.split("_")[1])
        choices.append(Choices(game, told["C"], told["C"] + told["D"]))
    assert len(choices) == 20
    found = fits(choices)
    assert found["quantal_response"].parameters["rate"] == pytest.approx(rate, abs=0.005)
    assert found["quantal_response"].log_likelihood == pytest.approx(quantal, abs=1)
    assert found["constant"].log_likelihood == pytest.approx(constant, abs=1)
