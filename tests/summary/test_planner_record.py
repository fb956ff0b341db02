"""From records back to episodes and posteriors; stage=show and the example of a summary."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from planning.apartments import FRIDGE, STOVE, closes, episode, opens, start, walk
from planning.study.flat import STATE
from summary.planner_toy import POLICY, run_folder

from tombench.cli import run
from tombench.planning.inference import Inference, infer, paths
from tombench.planning.policies.observer import Observer
from tombench.planning.reading.files import read_episodes
from tombench.schema import Item, Record
from tombench.summary.planner_record import evidence_in, inference_in, telling
from tombench.tasks.planner_scoring import planner_record, taken

OBSERVER = {"name": "observer", **POLICY}
ACTIONS = (
    "Ann is in the bathroom. She walks to the kitchen. She goes to the fridge, opens it and closes "
    "it. Then she walks to the stove, opens it, and closes it."
)
QUESTION = {
    "question": f"What's inside the apartment: {STATE}\nActions taken by Ann: {ACTIONS}"
    "\nQuestion: Which one is more likely? (a) Ann has been trying to get a plate. "
    "(b) Ann has been trying to get a dish bowl. Please respond with either a or b.",
    "answer": "a",
    "question_type": 2.3,
    "test": ["init_graph", "actions"],
    "episode": 7,
    "start_time": 0,
    "end_time": 9,
    "answer_list": ["a", "b"],
}


def record_of(asked) -> Record:
    known = paths(asked)
    condition = {"question_type": "2.3", "question_family": "goal", "theme": "home"}
    item = Item(asked.id, asked.cluster, asked, condition, asked.query.key)
    return planner_record(item, known, Observer(), {"observer": taken(Observer(), known.all)})


@pytest.fixture
def told() -> tuple:
    asked = episode(start("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE), walk(STOVE))
    return asked, record_of(asked)


def test_what_a_record_tells_is_read_back(told):
    asked, record = told
    found = inference_in(record, asked, OBSERVER)
    known = paths(asked)
    exact = infer(asked, known, taken(Observer(), known.all).tolist())
    assert [step.event for step in found.steps] == [step.event for step in exact.steps]
    assert found.over_time == pytest.approx(exact.over_time, abs=0.005)
    assert [one.action for one in evidence_in(record)][:2] == ["walktowards fridge", "open fridge"]


def test_what_does_not_fit_is_not_read(told):
    asked, record = told
    assert evidence_in(replace(record, response="the study's rule picks (a)")) == []
    assert (
        inference_in(replace(record, response="no action decides anything"), asked, OBSERVER)
        is None
    )
    shorter = replace(asked, events=asked.events[:-1])
    assert inference_in(record, shorter, OBSERVER) is None
    other = replace(record, log_probs={**record.log_probs, "log_odds/observer": 3.0})
    assert inference_in(other, asked, OBSERVER) is None
    assert inference_in(record, asked, OBSERVER | {"prior_a": 0.9}) is None
    assert isinstance(inference_in(record, asked, OBSERVER), Inference)


def line(action: str, a: float, b: float) -> str:
    return f"{action}: log p {a:.3f} if (a), {b:.3f} if (b); P(a) 0.500"


def test_the_picture_is_of_what_moves_most(told):
    _, record = told

    def toy(name: str, *gains: float, value: float = 1.0) -> Record:
        text = "\n".join(line("open fridge", gain, 0.0) for gain in gains)
        score = replace(record.score, value=value)
        return replace(record, id=name, item=name, response=text, score=score)

    records = [
        toy("b-there", 3.0, 0.0, 0.0),
        toy("a-there", 3.0, 0.0, 0.0),
        toy("there-and-back", 3.0, -3.0, 3.0),
        toy("wrong", 9.0, -9.0, 9.0, value=0.0),
        toy("short", 9.0, -9.0),
        toy("long", *[1.0] * 10),
    ]
    order = [one.id for one in telling(records, 0.5)]
    assert order == ["there-and-back", "a-there", "b-there", "wrong"]


@pytest.fixture
def root(tmp_path) -> Path:
    """A run over one question of a file of ours."""
    data = tmp_path / "questions.jsonl"
    data.write_text(json.dumps(QUESTION) + "\n")
    (asked,) = read_episodes(data)
    record = asdict(record_of(asked))
    run_folder(tmp_path, "observer", task={}, data=str(data), records=[record])
    return tmp_path


def shown(root: Path, capsys) -> str:
    folder = root / "eval" / "mmtom" / "observer" / "v0001"
    record = json.loads((folder / "records.jsonl").read_text())
    capsys.readouterr()
    assert run(["stage=show", f"run={folder}", f"item={record['item']}"]) == 0
    return capsys.readouterr().out


def test_show_tells_rooms_contents_and_steps(root, capsys):
    said = shown(root, capsys)
    assert "The apartment" in said and "What does Ann want?" in said
    row = next(row for row in said.splitlines() if "closes the fridge" in row)
    assert "for (a)" in row  # it held the dish bowl
    assert "Ann starts in the bathroom." in said


def test_show_tells_what_the_record_holds_when_the_file_is_gone(root, capsys):
    (root / "questions.jsonl").unlink()
    said = shown(root, capsys)
    assert "The apartment and what was possible are not shown" in said
    assert "close fridge" in said and "Holds" not in said


def test_show_takes_no_other_questions_for_the_run_s(root, capsys):
    changed = QUESTION | {"question": QUESTION["question"].replace("dish bowl", "wine glass")}
    (root / "questions.jsonl").write_text(json.dumps(changed) + "\n")
    assert "What does Ann want?" not in shown(root, capsys)


def test_the_summary_draws_the_episode(root):
    assert run(["stage=summarize", f"output_root={root}"]) == 0
    figures = root / "summarize" / "v0001" / "figures"
    assert (figures / "episode_mmtom.png").read_bytes().startswith(b"\x89PNG")
    assert (figures / "episode_mmtom.svg").read_text().startswith("<?xml")


def test_without_its_questions_there_is_no_picture(root):
    (root / "questions.jsonl").unlink()
    assert run(["stage=summarize", f"output_root={root}"]) == 0
    assert not list((root / "summarize" / "v0001" / "figures").glob("episode*"))
