"""task.data: what of a folder is asked, and what cannot be asked of it."""

from pathlib import Path

import pytest

from tombench.errors import UserError
from tombench.tasks.games import Games

GAME = (
    "If you choose C and your coplayer also chooses C, you will both earn 7 points. "
    "If you choose C while your coplayer chooses D, you will earn 1 point and your coplayer will "
    "earn 9 points. If you choose D while your coplayer chooses C, you will earn 9 points and your "
    "coplayer will earn 1 point. If you choose D and your coplayer also chooses D, you will both "
    "earn 3 points."
)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    texts = {"context/office": "Two choose.", "context/sports": "A race.", "context/blank": "",
             "game/mine": GAME, "game/prison": GAME}  # fmt: skip
    for name, text in texts.items():
        path = tmp_path / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return str(tmp_path)


def asked(folder: str, **changes: tuple[str, ...]) -> set[tuple[str, str, str]]:
    conditions = [item.condition for item in Games(data=folder, **changes).items()]
    return {(one["context"], one["game"], one["split"]) for one in conditions}


def test_all_that_is_there_or_what_is_named(folder: str) -> None:
    assert len(asked(folder)) == 6
    assert asked(folder, games=("prison",), contexts=("held_out",)) == {
        ("sports", "prison", "new_context")
    }
    assert asked(folder, games=("mine", "prison"), contexts=("blank",)) == {
        ("blank", "mine", "new_game"),
        ("blank", "prison", "in_sample"),
    }


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"payoffs": ("doubled",)}, "task.payoffs=doubled: the texts of task.data"),
        ({"labels": ("xy",)}, "leave task.labels as it is"),
        ({"orders": ("second",)}, "leave task.orders as it is"),
        ({"games": ("miner",)}, "did you mean 'mine'?"),
        ({"contexts": ("ofice",)}, "did you mean 'office'?"),
    ],
)
def test_keys_that_a_folder_answers_are_refused(
    folder: str, changes: dict[str, tuple[str, ...]], line: str
) -> None:
    with pytest.raises(UserError, match=line.replace("?", r"\?")):
        Games(data=folder, **changes).items()
