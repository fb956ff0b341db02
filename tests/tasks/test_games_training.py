"""What task=games gives to a training: nothing that is held out, and another digest for others."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tasks.games_runs import BEHAVIOUR, record, write_run

from tombench.errors import UserError
from tombench.strategy.telling import LABELINGS
from tombench.tasks.games import Games
from tombench.tasks.games_alpaca import Alpaca
from tombench.tasks.games_training import developed


def teacher(folder: Path, cells: Sequence[tuple[str, float]], **task: Any) -> str:
    """A run of the law in the task's cells; all are in-sample but where `task` says more."""
    configuration = {"task": {"_target_": "x.Games", **task}, "backend": BEHAVIOUR}
    records = [record(cell, value) for cell, value in cells]
    return str(write_run(folder, records, configuration=configuration))


@pytest.fixture
def cells() -> list[str]:
    """Ids of the default task's own cells."""
    return [item.id for item in Games().items()]


def test_without_a_teacher_there_is_nothing_to_learn_or_to_prepare() -> None:
    games = Games()
    assert games.training_examples() is None and games.training_probe() is None
    assert games.preparation(0) is None
    with pytest.raises(UserError, match=r"give task\.teacher=RUN"):
        Games(train_games="random").training_examples()


def test_the_cells_of_a_run_are_learnt_as_they_were_put_to_the_teacher(
    tmp_path: Path, cells: list[str]
) -> None:
    run = teacher(tmp_path / "v1", [(name, 0.25) for name in cells])
    draw = Games(teacher=run).training_examples()
    texts = [text for n in range(200) for text in draw(Random(n), 0.0)]
    asked = {Games().prompt(item.content, False) for item in Games().items()}
    assert {text.prompt for text in texts} == asked
    assert {text.distribution for text in texts} == {((" C", 0.25), (" D", 0.75))}


def test_held_out_cells_of_a_teachers_run_are_never_drawn(tmp_path: Path) -> None:
    told = {
        "games": ["prison", "delight", "snowdrift", "staghunt", "public_goods"],
        "contexts": ["training", "held_out"],
        "payoffs": ["published", "doubled"],
    }
    everything = Games(**told).items()
    run = teacher(tmp_path / "v1", [(item.id, 0.25) for item in everything], **told)
    draw = Games(teacher=run).training_examples()
    drawn = {text.prompt for n in range(300) for text in draw(Random(n), 0.0)}
    assert drawn == {Games().prompt(item.content, False) for item in Games().items()}
    assert len(everything) > len(drawn)


def test_a_teacher_who_was_asked_something_else_is_refused(tmp_path: Path) -> None:
    run = teacher(tmp_path / "v1", [("team/prison.published/of.old", 0.25)])
    with pytest.raises(UserError, match=r"team/prison\.published/of\.old"):
        Games(teacher=run).training_examples()


@pytest.mark.parametrize(
    "field",
    [
        {"contexts": ["held_out"]},
        {"contexts": ["training", "sports"]},
        {"payoffs": ["doubled"]},
        {"games": ["prison", "ordinal"]},
        {"games": ["public_goods"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("train_games", ["cells", "random"])
def test_a_training_on_what_is_held_out_is_refused(
    field: dict[str, Any], train_games: str, tmp_path: Path, cells: list[str]
) -> None:
    run = teacher(tmp_path / "v1", [(name, 0.25) for name in cells])
    with pytest.raises(UserError, match=r"\(.+\) is held out and never trained on"):
        Games(teacher=run, train_games=train_games, **field).training_examples()


def test_a_law_labels_games_without_end_in_the_words_of_the_task(
    tmp_path: Path, cells: list[str]
) -> None:
    run = teacher(tmp_path / "v1", [(name, 0.25) for name in cells])
    games = Games(teacher=run, train_games="random", train_labels="xy", train_in_context=0.5)
    texts = [text for n in range(30) for text in games.training_examples()(Random(n), 0.0)]
    assert {label for text in texts for label, _ in text.distribution} == {" X", " Y"}
    assert len({text.prompt for text in texts}) == len(texts)
    held_out = {Games(contexts=["held_out"]).items()[0].content.context.text[:40]}
    assert not any(beginning in text.prompt for text in texts for beginning in held_out)


def test_other_examples_have_another_digest(
    tmp_path: Path, cells: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tombench.tasks.games_training.DIGESTED", 2)
    monkeypatch.setattr("tombench.tasks.games_training.corpus_digest", lambda: "corpus")
    run = teacher(tmp_path / "v1", [(name, 0.25) for name in cells])
    another = teacher(tmp_path / "v2", [(name, 0.5) for name in cells])
    drawn = Games(teacher=run, train_games="random")
    differ = [
        Games(),
        Games(teacher=run),
        Games(teacher=another),
        drawn,
        replace(drawn, train_labels=("xy",)),
        replace(drawn, train_reasoned=1.0),
        replace(drawn, train_decisions=0.5),
    ]
    digests = [one.training_digest() for one in differ]
    assert len(set(digests)) == len(digests)
    assert Games(teacher=run).training_digest() == digests[1]


def test_all_labelings_can_be_trained_on() -> None:
    assert set(Games().train_labels) == set(LABELINGS)


def test_a_teacher_is_prepared_for_other_software(tmp_path: Path, cells: list[str]) -> None:
    run = teacher(tmp_path / "v1", [(name, 0.25) for name in cells])
    alpaca = Games(teacher=run, contexts=["held_out"]).preparation(0)
    assert isinstance(alpaca, Alpaca)
    assert {row["output"] for row in alpaca.rows()} == {"C", "D"}
    assert len(list(alpaca.rows())) == len(cells) * Games().draws


def test_the_probe_asks_of_games_that_no_training_draws(tmp_path: Path, cells: list[str]) -> None:
    run = teacher(tmp_path / "v1", [(name, 0.25) for name in cells])
    choices = Games(teacher=run, train_games="random")._choices
    asked = developed(choices)
    assert {one.group for one in asked} == {"plain", "in context"}
    drawn = {text.prompt for n in range(200) for text in choices.draw(Random(n), 0.0)}
    assert len(asked) == 128 and not drawn & {one.prompt for one in asked}
    assert {developed(replace(choices, context_share=0.0))[n].group for n in range(128)} == {
        "plain"
    }
