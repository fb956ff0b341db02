"""task=games as a user types it: cells, exact and drawn choices, what was learnt, refusals."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome

from tombench.strategy.contexts import contexts_of
from tombench.tasks.games import Games
from tombench.tasks.games_texts import read_data

Command = Callable[..., Outcome]
LAW = ("task=games", "backend=behaviour", "backend.chooser=quantal_response", "backend.rate=0.5")


def records_of(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]


def values_of(folder: Path) -> dict:
    return json.loads((folder / "metrics.json").read_text())


def test_the_grid_is_crossed() -> None:
    task = Games(
        games=("prison", "public_goods"),
        payoffs=("published", "doubled"),
        contexts=("training", "sports", "none"),
        labels=("cd", "xy"),
        orders=("first", "second"),
    )
    items = task.items()
    assert len(items) == 7 * (2 * 2 * 2 + 1)
    assert len({item.id for item in items}) == len(items)
    splits = {item.id: item.condition["split"] for item in items}
    assert splits["business/prison.published/cd.first"] == "in_sample"
    assert splits["none/prison.published/xy.second"] == "in_sample"
    assert splits["sports/prison.published/cd.first"] == "new_context"
    assert splits["sports/prison.doubled/cd.first"] == "new_payoffs"
    assert splits["business/public_goods.published/amount"] == "public_goods"
    assert len(Games(games=("ordinal",), contexts=("none",)).items()) == 144


def test_labels_and_order_stand_in_the_prompt() -> None:
    task = Games(labels=("blue_green",), orders=("second",), contexts=("sports",))
    text = task.prompt(task.items()[0].content)
    assert text.index("green") < text.index("blue")
    assert "{first}" not in text
    assert "exactly one word, green or blue" in text
    assert contexts_of("held_out")[0].text not in text


def test_a_law_is_read_back_exactly(command: Command, tmp_path: Path) -> None:
    ran = command(*LAW, "task.labels=[cd,dc]", "task.orders=[first,second]")
    assert ran.status == 0, ran.err
    records = records_of(tmp_path / ran.folder)
    assert len(records) == 5 * 4 * 4
    chance = {r["id"]: math.exp(r["log_probs"]["C"]) for r in records}
    assert all(r["score"]["value"] == pytest.approx(chance[r["id"]]) for r in records)
    by_game = {r["condition"]["game"]: r["score"]["value"] for r in records}
    assert by_game["delight"] > 0.9  # C is dominant
    assert by_game["prison"] < 0.3  # D is
    metrics = values_of(tmp_path / ran.folder)["metrics"]
    assert metrics["label_lean"]["value"] == pytest.approx(0)  # the law knows no letters
    assert metrics["order_lean"]["value"] == pytest.approx(0)
    assert metrics["invalid"]["value"] == pytest.approx(0)
    assert metrics["dominant_rate"]["value"] > 0.8
    fits = {f["model"]: f for f in values_of(tmp_path / ran.folder)["games"]["fits"]}
    assert fits["quantal_response"]["parameters"]["rate"] == pytest.approx(0.5, abs=0.02)
    assert fits["quantal_response"]["log_likelihood"] > fits["constant"]["log_likelihood"]
    awareness = values_of(tmp_path / ran.folder)["games"]["awareness"]
    assert awareness["shapley"]["row"]["value"] == pytest.approx(1, abs=1e-6)  # the game alone


def test_draws_agree_with_the_exact_probability(command: Command, tmp_path: Path) -> None:
    small = ("task=games", "model=tiny", "task.contexts=none", "task.games=[prison,delight]")
    exact = command(*small, "task.repetition_penalty=1.0")
    drawn = command(*small, "task.mode=sample", "task.draws=200")
    assert exact.status == drawn.status == 0, exact.err + drawn.err
    expected = {r["item"]: r["log_probs"] for r in records_of(tmp_path / exact.folder)}
    found = records_of(tmp_path / drawn.folder)
    assert len(found) == 400
    for item, told in expected.items():
        answers = [r["score"]["answer"] for r in found if r["item"] == item]
        assert len(answers) == 200
        for name in ("C", "D"):  # drawn by temperature 0.8, top-k 50, top-p 0.9
            chance = math.exp(told[f"sampled/{name}"])
            error = math.sqrt(max(chance * (1 - chance), 0.005) / 200)
            assert answers.count(name) / 200 == pytest.approx(chance, abs=4 * error)
        assert sum(math.exp(told[name]) for name in ("C", "D", "invalid")) == pytest.approx(1)


def test_what_was_learnt_stands_beside_coin_and_constants(command: Command, tmp_path: Path) -> None:
    teacher = command(*LAW)
    untuned = command("task=games", "backend=behaviour", "backend.chooser=constant")
    named = (f"task.teacher={teacher.folder}", f"task.untuned={untuned.folder}")
    half = command(*LAW[:3], "backend.rate=0.1", *named)
    assert half.status == 0, half.err
    metrics = values_of(tmp_path / half.folder)["metrics"]
    assert 0 < metrics["gap_closed"]["value"] < 1
    assert metrics["baseline/coin"]["value"] == pytest.approx(0)  # untuned is a coin
    itself = command(*LAW, *named)
    assert values_of(tmp_path / itself.folder)["metrics"]["gap_closed"]["value"] == 1


def test_donations_are_amounts(command: Command, tmp_path: Path) -> None:
    for sharing, low, high in (("split", 0, 5), ("whole", 5, 10)):
        ran = command(*LAW, "task.games=public_goods", f"task.sharing={sharing}")
        metrics = values_of(tmp_path / ran.folder)["metrics"]
        assert low <= metrics["mean_donation"]["value"] <= high
        assert set(records_of(tmp_path / ran.folder)[0]["log_probs"]) >= {"0", "10", "invalid"}


GAME = (
    "If you choose C and your coplayer also chooses C, you will both earn 7 points. "
    "If you choose C while your coplayer chooses D, you will earn 1 point and your coplayer will "
    "earn 9 points. If you choose D while your coplayer chooses C, you will earn 9 points and your "
    "coplayer will earn 1 point. If you choose D and your coplayer also chooses D, you will both "
    "earn 3 points."
)


def published(folder: Path, text: str = GAME) -> Path:
    for name, body in (("context/office", "Two people choose."), ("context/sports", "A race."),
                       ("game/mine", text)):  # fmt: skip
        path = folder / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
    return folder


def test_prompts_of_the_published_form_are_read(tmp_path: Path) -> None:
    placed, games = read_data(published(tmp_path))
    game, text = games["mine"]
    assert (game.row, game.column) == (((7, 1), (9, 3)), ((7, 9), (1, 3)))
    assert placed["sports"].split == "held_out"
    task = Games(data=str(tmp_path), as_published=True)
    office = next(item for item in task.items() if item.condition["context"] == "office")
    assert office.condition["game_class"] == "prisoner's dilemma" or office.condition["game_class"]
    prompt = task.prompt(office.content)
    assert prompt.startswith("[INST]<>\n<>\n")
    assert prompt.endswith(f"User: {text}[/INST]")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["task.games=[prison,delite]"],
            "task.games=delite: no such game; did you mean 'delight'?",
        ),
        (["task.contexts=sport"], "did you mean 'sports'?"),
        (["task.labels=[ab]"], "task.labels"),
        (["task.reasoning=true"], "give task.mode=sample"),
        (["task.untuned=x"], "give task.teacher=RUN"),
        (["task.teacher=nowhere"], "task.teacher=nowhere: no run there"),
        (["task.answers=nowhere"], "nowhere"),
        (["task.data=broken"], "it does not say what CD, DC pays"),
        (["backend=mock"], "backend"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    command: Command, tmp_path: Path, words: list[str], line: str
) -> None:
    published(tmp_path / "broken", "If you choose C and your coplayer also chooses C, you will "
              "both earn 7 points. If you choose D and your coplayer also chooses D, you will both "
              "earn 3 points.")  # fmt: skip
    outcome = command("task=games", *words)
    assert outcome.status == 2, outcome.err
    assert line in outcome.err
    assert "Traceback" not in outcome.err
