"""Questions of a file, a folder, a zip; with closeness and scene graphs; and what is refused."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from planning.reading.test_scene_graph import STEPS
from planning.reading.test_text import GOALS, question

from tombench.errors import UserError
from tombench.tasks import planner_data
from tombench.tasks.mmtom import MMToM
from tombench.tasks.planner_data import published_episodes

TEXT = question(GOALS.format("a salmon", "an apple"))
ROW: dict[str, Any] = {
    "question": TEXT,
    "answer": "a",
    "question_type": 2.2,
    "episode": 7,
    "start_time": 0,
    "end_time": 1,
}
LINE = ROW | {
    "episode": 8,
    "state": "A stove. ",
    "state_0": "A stove. ",
    "state_1": "A stove. The person is close to the stove. ",
    "actions": ["Ann is in the kitchen", "walktowards stove"],
}
PAIR = {"input": "goal: plate", "ref": "open fridge"}
HOME = "eval/multimodal_representations_virtual_home.json"
EGYPT = "eval/unseen/ancient_egyptian.json"
HOME_PAIRS = "post_train/formatted_finetuning_data.json"


@pytest.fixture(autouse=True)
def unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(planner_data, "UNPACKED", tmp_path / "unpacked")
    return tmp_path / "unpacked"


def folder_of(root: Path, files: dict[str, Any]) -> Path:
    for name, value in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value) + "\n")
    return root


def clusters(data: Path) -> list[str]:
    return [one.cluster for one in published_episodes(data, None, None)]


def test_a_file(tmp_path: Path) -> None:
    folder_of(tmp_path, {"questions.jsonl": ROW})
    (episode,) = published_episodes(tmp_path / "questions.jsonl", None, None)
    assert (episode.id, episode.cluster, episode.query.key) == ("7-2.2-0-1", "7", "a")
    assert episode.nearby == ()


def test_of_a_folder_homes_questions_are_asked(tmp_path: Path) -> None:
    data = folder_of(
        tmp_path / "data", {HOME: LINE, EGYPT: LINE | {"episode": 9}, HOME_PAIRS: PAIR}
    )
    assert clusters(data) == ["8"]
    folder_of(data, {"questions.json": ROW})  # MMToM-QA's own before the study's lines
    assert clusters(data) == ["7"]


def test_of_a_zip_too_whatever_its_name(tmp_path: Path, unpacked: Path) -> None:
    path = tmp_path / "data.download"
    with ZipFile(path, "w") as archive:
        archive.writestr(f"data/{HOME}", json.dumps(LINE))
        archive.writestr(f"data/{HOME_PAIRS}", json.dumps(PAIR))
    (episode,) = published_episodes(path, None, None)
    assert episode.cluster == "8" and episode.nearby == ((), ("stove",))
    assert unpacked.is_dir()
    assert clusters(path) == ["8"]


def test_other_worlds_and_pairs_alone_are_refused(tmp_path: Path) -> None:
    egypt = folder_of(tmp_path / "egypt", {EGYPT: LINE, "eval/unseen/wild_west.json": LINE})
    with pytest.raises(UserError, match="it holds ancient_egypt, wild_west; the reader knows"):
        clusters(egypt)
    pairs = folder_of(tmp_path / "pairs", {HOME_PAIRS: PAIR})
    with pytest.raises(UserError, match=r"it holds post-training pairs alone; .* task\.theme"):
        clusters(pairs)
    with pytest.raises(UserError, match="no file of pairs"):
        clusters(folder_of(tmp_path / "nothing", {"a.json": {"b": 1}}))
    with pytest.raises(UserError, match="no such file"):
        clusters(tmp_path / "missing.json")


def test_closeness_is_told_by_step(tmp_path: Path) -> None:
    near = {"7": {"0": ["sofa"], "1": ["stove", "salmon"], "2": ["fridge"]}}
    folder_of(tmp_path, {"q.json": ROW, "closeness.json": near})
    (episode,) = published_episodes(tmp_path / "q.json", tmp_path / "closeness.json", None)
    assert episode.nearby == (("sofa",), ("stove", "salmon"))


def test_scene_graphs_are_found_by_the_number_of_the_episode(tmp_path: Path) -> None:
    folder_of(tmp_path, {"graphs/7.json": STEPS, "graphs/99.json": STEPS})
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in (ROW, ROW | {"episode": 8})))
    (tmp_path / "graphs/8.txt").write_text("not read")
    seen, other = published_episodes(path, None, tmp_path / "graphs")
    assert seen.nearby[1] == ("fridge", "plate") and other.nearby == ()
    assert {one.source for one in seen.furnishings} > {"text"}
    assert {one.source for one in other.furnishings} == {"text"}


def test_scene_graphs_that_are_not_there(tmp_path: Path) -> None:
    folder_of(tmp_path, {"q.json": ROW, "graphs/99.json": STEPS})
    with pytest.raises(UserError, match="is named by an episode that is asked about, such as 7"):
        published_episodes(tmp_path / "q.json", None, tmp_path / "graphs")
    with pytest.raises(UserError, match=r"no such folder; .* such as 130\.json"):
        published_episodes(tmp_path / "q.json", None, tmp_path / "missing")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"closeness": "closeness.json"}, "task.closeness: it belongs to a file of questions"),
        ({"scene_graphs": "graphs"}, "task.scene_graphs: it belongs to a file of questions"),
    ],
)
def test_what_was_seen_needs_questions(fields: dict[str, str], problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        MMToM(**fields)


def test_the_task_asks_them_whatever_their_path(tmp_path: Path) -> None:
    folder_of(
        tmp_path, {"one/q.json": ROW, "other/q.json": ROW, "third/q.json": ROW | {"answer": "b"}}
    )
    one, same, other = (MMToM(data=str(tmp_path / n / "q.json")) for n in ("one", "other", "third"))
    assert one.data_digest() == same.data_digest() != other.data_digest()
    (item,) = one.items()
    assert item.condition == {
        "question_type": "2.2",
        "question_family": "goal",
        "theme": "home",
        "suite": "published",
    }
    assert (item.target, item.cluster) == ("a", "7")
    assert {"data", "closeness", "scene_graphs", "per_type", "theme"} <= one.not_identity
    assert "per_type" not in MMToM().not_identity
    assert one.told == "q.json, text alone"
