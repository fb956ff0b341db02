"""Answers that files hold: read, scored, compared with counts by hand; malformed ones refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Outcome

from tombench.errors import UserError
from tombench.runs import read_records, read_run
from tombench.tasks.answer_files import read_given
from tombench.tasks.hand_counts import Cell, compare, read_hand_counts

Command = Callable[..., Outcome]

SCENES = {
    "scenarios": [
        {"id": 1, "context": "Bo hid a cup. Al left.", "question": "Does Al know it?",
         "answer": "no"},
        {"id": 2, "context": "A fox came into Cy's yard. Cy looked up.",
         "question": "Does Cy see a fox?", "answer": "yes"},
    ],
    "cot_examples": [{"context": "Zoe baked a plum cake.", "question": "Is it sweet?"}],
}  # fmt: skip


def answers(*outputs: list[str], model: str = "/Lab-J_PPO_x1/", **flags: Any) -> dict[str, Any]:
    return {
        "model": model,
        "step-by_step reasoning": False,
        "chain-of-thougth examples": False,
        "scenarios": [
            {"scenario id": number, "answers": [
                {"repetition": place, "output": text} for place, text in enumerate(own, start=1)
            ]}
            for number, own in enumerate(outputs, start=1)
        ],
    } | flags  # fmt: skip


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    written(tmp_path / "scenes.json", SCENES)
    base = answers(["No.", "Yes, Al knows it."], ["Yes.", "Cy sees a fox.<|endoftext|>"])
    written(tmp_path / "files" / "base.json", base)
    steps = answers(["1. Bo hid", "So the answer is no."], ["Yes.", "He sees a cat."])
    written(tmp_path / "files" / "sbs.json", steps | {"step-by_step reasoning": True})
    return tmp_path


def words(folder: Path, *more: str) -> tuple[str, ...]:
    return (
        "task=vignettes", f"task.answers={folder / 'files'}", f"task.data={folder / 'scenes.json'}",
        f"output_root={folder / 'out'}", *more,
    )  # fmt: skip


def results(folder: Path) -> tuple[Path, dict[str, Any]]:
    run = (folder / "out" / "eval" / "vignettes" / "answers" / "latest").resolve()
    return run, json.loads((run / "metrics.json").read_text())


def test_files_are_scored_cell_by_cell(command: Command, folder: Path) -> None:
    outcome = command(*words(folder))
    assert outcome.status == 0, outcome.err
    run, metrics = results(folder)
    label = "Lab-J_PPO_x1"
    assert metrics["cell_counts"] == {label: {"base": [1, 2], "sbs": [1, 1]}}
    assert metrics["scenarios"] == ["1", "2"]
    assert metrics["metrics"]["accuracy"]["value"] == 5 / 8
    assert metrics["cells"][label]["base"]["accuracy"]["value"] == 3 / 4
    assert metrics["groups"]["prompting"]["sbs"]["category/truncated_reasoning"]["value"] == 1 / 4
    records = {record.id: record for record in read_records(run)}
    assert len(records) == 8
    cut = records[f"{label}/sbs/1/01"]
    assert cut.score.needs_review and cut.truncated and cut.condition["prompting"] == "sbs"
    assert "model" not in read_run(run)["identity"]


def test_the_same_files_again_are_finished_before(command: Command, folder: Path) -> None:
    command(*words(folder))
    again = command(*words(folder))
    assert again.status == 0 and "finished before" in again.err
    written(folder / "files" / "cot.json",
            answers(["No."], ["No."]) | {"chain-of-thougth examples": True})  # fmt: skip
    command(*words(folder))
    assert results(folder)[0].name == "v0002"


def test_what_is_shown_again_is_what_stands_in_the_folder(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = command(*words(folder))
    monkeypatch.setattr("tombench.tasks.given.drawn_record", None)  # nothing is scored
    assert command(*words(folder)).out == once.out
    run, metrics = results(folder)
    accuracy = metrics["cells"]["Lab-J_PPO_x1"]["base"]["accuracy"]
    accuracy["value"] = 0.1234
    (run / "metrics.json").write_text(json.dumps(metrics))
    assert "0.12 [" in command(*words(folder)).out


def test_other_rules_are_another_run(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(*words(folder))
    monkeypatch.setattr("tombench.tasks.scenario_suite.rules_digest", lambda *further: "0" * 64)
    command(*words(folder))
    run, _ = results(folder)
    assert run.name == "v0002" and read_run(run)["identity"]["rules"] == "0" * 64


def test_how_items_would_be_put_to_a_model_is_no_identity(command: Command, folder: Path) -> None:
    command(*words(folder))
    more = ("task.repetitions=3", "task.family=context", "task.paraphrases=2")
    again = command(*words(folder, *more, "task.templates=[markdown]"))
    assert again.status == 0, again.err
    assert "finished before" in again.err and results(folder)[0].name == "v0001"
    command(*words(folder, "limit=1"))
    assert results(folder)[0].name == "v0002"


def test_counts_by_hand_are_of_the_first_scenarios_under_a_limit(
    command: Command, folder: Path
) -> None:
    path = written(folder / "hand.json", {"Lab-J PPO": {"Base": [2, 2], "SbS": [1, 0]}})
    outcome = command(*words(folder, f"task.hand_counts={path}", "limit=1"))
    assert outcome.status == 0, outcome.err
    found = results(folder)[1]["hand_counts"]
    assert found["by_cell"]["Lab-J_PPO_x1"]["base"] == {"ours": 0.5, "by_hand": 1.0}
    assert found["scenarios"]["n"] == 2
    missing = command(*words(folder, f"task.hand_counts={folder / 'hend.json'}"))
    assert missing.status == 2
    assert missing.err.startswith(f"tombench: {folder / 'hend.json'}: no such file")


def test_keys_of_another_stage_are_told(command: Command, folder: Path) -> None:
    told = command(*words(folder, "task.label_sheet=x", "task.labels=y"))
    for key in ("label_sheet", "labels"):
        assert f"task.{key} is read by stage=prepare alone; given all the same" in told.err
    assert "task.answers" not in told.err
    hand = folder / "hand.json"
    told = command("stage=prepare", *words(folder, f"task.hand_counts={hand}"))
    assert "task.hand_counts is read by stage=eval alone" in told.err
    assert "task.answers is read" not in told.err  # an export reads it too


def test_counts_by_hand_stand_beside(command: Command, folder: Path) -> None:
    hand = {"_note": "x", "Lab-J PPO": {"Base": [2, 2], "SbS": [1, 0]}, "Lab-J": {"Base": [0, 0]}}
    path = written(folder / "hand.json", hand)
    outcome = command(*words(folder, f"task.hand_counts={path}"))
    assert "0.2500 over 2 cells, 0.50 right answers over 4 scenarios" in outcome.out
    found = results(folder)[1]["hand_counts"]
    assert found["cells"] == {"mean_absolute_difference": 0.25, "largest": 0.25, "n": 2}
    assert found["scenarios"]["equal"] == 2
    assert found["scenarios"]["over_cells"] == {"1": 0.5, "2": 0.5}
    assert found["by_scenario"]["Lab-J_PPO_x1"]["sbs"][1] == {
        "scenario": "2", "answers": 2, "ours": 1, "by_hand": 0
    }  # fmt: skip
    assert (
        "  furthest apart:\n"
        "    scenario 1 of Lab-J_PPO_x1, base: 1 of 2 right, by hand 2\n"
        "    scenario 2 of Lab-J_PPO_x1, sbs: 1 of 2 right, by hand 0\n"
    ) in outcome.out
    assert found["by_cell"]["Lab-J_PPO_x1"]["base"] == {"ours": 0.75, "by_hand": 1.0}


def test_a_run_of_ours_is_scored_anew(command: Command, tmp_path: Path) -> None:
    root = f"output_root={tmp_path}"
    command("backend=mock", "backend.mind=yes_sayer", "task.repetitions=2", root)
    run = tmp_path / "eval" / "vignettes" / "tiny" / "v0001"
    outcome = command(f"task.answers={run}", root)
    assert outcome.status == 0, outcome.err
    new = json.loads((tmp_path / "eval/vignettes/answers/v0001/metrics.json").read_text())
    old = json.loads((run / "metrics.json").read_text())
    assert new["metrics"]["accuracy"] == old["metrics"]["accuracy"]
    assert new["cell_counts"] == old["cell_counts"]


def test_a_known_answers_note_says_what_is_not_read(command: Command, folder: Path) -> None:
    outcome = command(*words(folder, "model=tiny", "prompting=cot"))
    assert "model is not read" in outcome.err and "prompting is not read" in outcome.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "no answer file"),
        (SCENES, "these are scenarios, not answers"),
        ({"model": "m"}, "no answer file"),
        (answers(["No."]) | {"model": 3}, "field 'model' is 3"),
        (answers(["No."]) | {"step-by_step reasoning": 1}, "'step-by_step reasoning' is missing"),
        (answers(["No."]) | {"scenarios": [{"answers": []}]}, "no field 'scenario id'"),
        (answers(["No."]) | {"scenarios": [{"scenario id": 1, "answers": [3]}]}, "no list of obj"),
        (answers(["No."]) | {"scenarios": [{"scenario id": 1, "answers": [{}]}]}, "no text under"),
        (answers(["a"], ["b"], ["c"]), "it answers scenario 3, which the data lacks"),
    ],
)
def test_a_malformed_file_is_told_in_one_line(
    command: Command, folder: Path, content: object, said: str
) -> None:
    path = written(folder / "files" / "base.json", content)
    outcome = command(*words(folder))
    assert outcome.status == 2
    assert said in outcome.err and str(path) in outcome.err
    assert outcome.err.count("\n") == 1
    assert not (folder / "out").exists()


def test_no_answer_counts_twice(folder: Path) -> None:
    text = (folder / "files" / "base.json").read_text()
    (folder / "files" / "copy.json").write_text(text)
    with pytest.raises(UserError, match=r"stands in .*base.json already"):
        read_given([str(folder / "files")])
    with pytest.raises(UserError, match="no such file"):
        read_given([str(folder / "nothing*.json")])


def test_prompt_residue_of_llama_is_cut_and_marks_of_an_end_tell_what_was_cut(
    tmp_path: Path,
) -> None:
    content = answers(["er: Yes.</s>", "p: 1. He"], model="meta-llama/Llama-2-7b")
    first, second = read_given([str(written(tmp_path / "a.json", content))])
    assert (first.text, first.truncated) == ("Yes.</s>", False)
    assert (second.text, second.truncated) == ("1. He", True)


def test_an_unfinished_run_is_not_scored(command: Command, tmp_path: Path) -> None:
    run = command("backend=mock", "limit=1", f"output_root={tmp_path}").folder
    about = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(about | {"status": "unfinished"}))
    refused = command(f"task.answers={run}", f"output_root={tmp_path}")
    assert refused.status == 2 and "not finished" in refused.err


def test_counts_by_hand_want_answers(command: Command) -> None:
    refused = command("backend=mock", "task.hand_counts=hand.json")
    assert refused.status == 2 and "give task.answers=FILES" in refused.err


def test_thinking_is_stripped(folder: Path, command: Command) -> None:
    thought = answers(["<think>Yes? She saw it: yes.</think>No."], ["<think>Yes, he"])
    (folder / "files" / "sbs.json").unlink()
    written(folder / "files" / "base.json", thought)
    command(*words(folder))
    first, second = sorted(read_records(results(folder)[0]), key=lambda record: record.id)
    assert (first.response, first.thinking) == ("No.", "Yes? She saw it: yes.")
    assert first.score.answer == "no"
    assert (second.response, second.score.category) == ("", "truncated_reasoning")


def cell(model: str, *ours: float, total: int | None = None) -> Cell:
    """A cell of the first scenarios, four answers each."""
    n = len(ours)
    names = tuple("abcdef"[:n])
    return Cell(model, "base", names, tuple(range(n)), total or n, tuple(ours), (4,) * n)


def test_compare_is_the_mean_of_what_stands_in_the_definition() -> None:
    ours = [cell("x-a", 3, 1), cell("x-b", 4, 4)]
    found = compare(ours, {"x a": {"base": (1, 1)}, "x b": {"base": (4, 3)}}, Path("h.json"))
    assert found["cells"]["mean_absolute_difference"] == pytest.approx((2 / 8 + 1 / 8) / 2)
    assert found["scenarios"]["mean_absolute_difference"] == pytest.approx(3 / 4)
    with pytest.raises(UserError, match="none of x-a, x-b is counted"):
        compare(ours, {"y": {"base": (1, 1)}}, Path("h.json"))
    with pytest.raises(UserError, match="1 counts of x-a, base, for 2 scenarios answered of 2"):
        compare(ours, {"x a": {"base": (1,)}}, Path("h.json"))


LLAMA = "meta-llama/Llama-2-7b-hf"
CHAT = "meta-llama/Llama-2-7b-chat-hf"


@pytest.mark.parametrize(
    ("model", "names", "meant"),
    [
        ("/GPT4All-J_DPO_cp4000/", ("GPT4All-J v1.3", "GPT4All-J PPO", "GPT4All-J DPO"), 2),
        ("nomic-ai/gpt4all-j v1.3-groovy", ("GPT4All-J v1.3", "GPT4All-J PPO"), 0),
        (CHAT, ("LLaMa2", "LLaMa2-Chat"), 1),
        (CHAT, ("LLaMa2_Chat", "LLaMa 2"), 0),
        (LLAMA, ("LLaMa2-Chat", "LLaMa2"), 1),
        (LLAMA, ("LLaMa-27b", "LLaMa2-Chat"), None),
        ("llama-27b", ("LLaMa2",), None),
        ("json-llama", ("JSO-llama", "J llama"), None),
        (CHAT, ("LLaMa2-7b", "LLaMa2-Chat", CHAT), 2),
        ("任-x", ("任", "x"), 1),
    ],
)
def test_a_model_goes_by_the_longest_name_that_fits(
    model: str, names: tuple[str, ...], meant: int | None
) -> None:
    by_hand = {name: {"base": (place,)} for place, name in enumerate(names)}
    if meant is None:
        with pytest.raises(UserError, match="is counted there"):
            compare([cell(model, 1)], by_hand, Path("h.json"))
    else:
        found = compare([cell(model, 1)], by_hand, Path("h.json"))
        assert found["by_scenario"][model]["base"][0].by_hand == meant


@pytest.mark.parametrize("names", [("LLaMa2-Chat", "LLaMa2-7b"), ("llama2 chat", "LLaMa2-Chat")])
def test_two_names_that_fit_are_told(names: tuple[str, str]) -> None:
    by_hand = {name: {"base": (1,)} for name in names}
    with pytest.raises(UserError, match=f"h.json: '.*' and '.*' both fit the model {CHAT}; call"):
        compare([cell(CHAT, 1)], by_hand, Path("h.json"))


@pytest.mark.parametrize("content", ["[]", '{"m": {"Bose": [1]}}', '{"m": {"Base": ["1"]}}', "x"])
def test_counts_by_hand_of_another_form_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "hand.json").write_text(content)
    with pytest.raises(UserError, match="no counts by hand"):
        read_hand_counts(tmp_path / "hand.json")
