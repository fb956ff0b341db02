"""The vignettes task: its data, its prompts to the letter, and what every known mind scores."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome

from tombench.datafile import read_entries
from tombench.prompts import Prompting
from tombench.runs import read_records
from tombench.schema import GenerateRequest, LikelihoodRequest, Sampling
from tombench.tasks.base import Setting
from tombench.tasks.scenarios import OWN, worked_examples
from tombench.tasks.vignettes import Vignettes

Command = Callable[..., Outcome]

SAMPLING = Sampling(0.4, 50, 0.95, 128)


def setting(step_by_step: bool = False, worked: bool = False, seed: int = 0) -> Setting:
    return Setting(Prompting("p", step_by_step, worked), SAMPLING, seed, "m")


def data_file(path: Path, **lists: list) -> Path:
    scenes = [{"id": 1, "context": "S", "question": "Q?", "answer": "no", "reality": "yes"}]
    path.write_text(json.dumps({"scenarios": scenes} | lists))
    return path


EXAMPLES = [
    {"context": "S1", "question": "Q1?", "answer": "A1"},
    {"context": "S2", "question": "Q2?", "worked": "A2", "answer": "no"},
]


def test_our_own_sixteen_are_balanced() -> None:
    items = Vignettes().items()
    assert len(items) == len({item.id for item in items}) == 16
    answers = [item.target for item in items]
    assert (answers.count("yes"), answers.count("no")) == (8, 8)
    assert sum(item.target != item.reality for item in items) == 12
    kinds = [item.condition["kind"] for item in items]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "belief": 6, "expectation": 6, "knowledge": 2, "perception": 2
    }  # fmt: skip
    assert len(worked_examples(OWN)) == 2


@pytest.mark.parametrize(
    ("family", "step_by_step", "worked", "expected"),
    [
        ("scenario", False, False,
         "Read the scenario and answer the following question:\n\n"
         "Scenario: S Question: Q? Answer: "),
        ("scenario", True, False,
         "Read the scenario and answer the following question:\n\n"
         "Scenario: S Question: Q? Answer: Let's think step by step: "),
        ("scenario", False, True,
         "Read the scenario and answer the following question:\n\n"
         "Scenario: S1 Question: Q1? Answer: A1\n\n"
         "Scenario: S2 Question: Q2? Answer: A2\n\n"
         "Scenario: S Question: Q? Answer: "),
        ("scenario", True, True,
         "Read the scenario and answer the following question:\n\n"
         "Scenario: S1 Question: Q1? Answer: Let's think step by step: A1\n\n"
         "Scenario: S2 Question: Q2? Answer: Let's think step by step: A2\n\n"
         "Scenario: S Question: Q? Answer: Let's think step by step: "),
        ("context", False, False,
         "Answer the following question in context:\n\n"
         "Context: S Question: Q? Answer: "),
        ("context", True, False,
         "Answer the following question in context:\n\n"
         "Context: S Question: Q? Answer: Let's think step by step: "),
        ("context", False, True,
         "Answer the following question in context:\n\n"
         "Context: S1 Question: Q1? Answer: A1\n\n"
         "Context: S2 Question: Q2? Answer: A2\n\n"
         "Context: S Question: Q? Answer: "),
        ("context", True, True,
         "Answer the following question in context:\n\n"
         "Context: S1 Question: Q1? Answer: Let's think step by step: A1\n\n"
         "Context: S2 Question: Q2? Answer: Let's think step by step: A2\n\n"
         "Context: S Question: Q? Answer: Let's think step by step: "),
    ],
)  # fmt: skip
def test_prompts_to_the_letter(
    tmp_path: Path, family: str, step_by_step: bool, worked: bool, expected: str
) -> None:
    path = data_file(tmp_path / "data.json", examples=EXAMPLES)
    task = Vignettes(data=str(path), family=family, repetitions=2)
    (item,) = task.items()
    generate, choice = task.requests(item, setting(step_by_step, worked))
    assert isinstance(generate, GenerateRequest)
    assert isinstance(choice, LikelihoodRequest)
    assert generate.prompt == choice.context == expected
    assert choice.continuations == ("Yes", "yes", "No", "no")


def test_samples_differ_by_seed_and_repetition_alone(tmp_path: Path) -> None:
    task = Vignettes(data=str(data_file(tmp_path / "data.json")), repetitions=20)
    (item,) = task.items()
    first, again, other = (task.requests(item, setting(seed=s))[0].seeds for s in (0, 0, 1))
    assert first == again
    assert len({*first, *other}) == 40
    assert first[0] == 9077498473623823405  # printf '0\n1\n0' | sha256sum, the first 16 digits


def test_ours_are_lent_where_the_examples_lack_their_answers(tmp_path: Path) -> None:
    half = [EXAMPLES[0], {"context": "S2", "question": "Q2?", "answer_gold": "no"}]
    assert worked_examples(data_file(tmp_path / "half.json", cot_examples=half)) == ()
    task = Vignettes(data=str(tmp_path / "half.json"))
    prompt = task.requests(task.items()[0], setting(worked=True))[0].prompt
    assert worked_examples(OWN)[0].worked in prompt


MINDS = {  # accuracy, forced choice, yes bias, unparsed, share of yes, truncated
    "right": (1, 1, 0, 0, 8 / 16, 0),
    "reality_biased": (4 / 16, 4 / 16, 0, 0, 8 / 16, 0),
    "yes_sayer": (8 / 16, 8 / 16, 1, 0, 1, 0),
    "refuser": (0, 0.5, 0, 1, 0, 0),
    "rambler": (0, 0.5, 0, 1, 0, 1),
}
NAMES = (
    "accuracy", "forced_choice_accuracy", "yes_bias", "unparsed", "yes_share", "truncated"
)  # fmt: skip


@pytest.mark.parametrize("mind", MINDS)
def test_what_a_known_mind_scores(command: Command, mind: str) -> None:
    folder = command("backend=mock", f"backend.mind={mind}", "task.repetitions=2").folder
    found = json.loads((folder / "metrics.json").read_text())
    values = {name: metric["value"] for name, metric in found["metrics"].items()}
    assert tuple(values[name] for name in NAMES) == MINDS[mind]
    assert values["errors"] == 0
    baselines = {name for name in values if name.startswith("baseline/")}
    assert baselines == {
        "baseline/always_yes", "baseline/always_no", "baseline/majority"
    }  # fmt: skip
    assert {values[name] for name in baselines} == {0.5}
    accuracy = found["metrics"]["accuracy"]
    assert (accuracy["n"], accuracy["clusters"]) == (32, 16)
    assert accuracy["low"] <= accuracy["value"] <= accuracy["high"]
    assert found["metrics"]["forced_choice_accuracy"]["n"] == 16
    records = read_records(folder)
    counts = [sum(r.score.value for r in records if r.item == name) for name in found["scenarios"]]
    assert found["cell_counts"] == {f"mock:{mind}": {"base": counts}}
    assert set(found["groups"]) >= {"model", "prompting", "scenario"}
    assert found["groups"]["prompting"]["base"]["accuracy"] == accuracy


def test_the_forced_choice_alone(command: Command) -> None:
    folder = command("backend=mock", "backend.mind=refuser", "task.repetitions=0").folder
    records = read_records(folder)
    assert {(r.score.value, r.score.answer, r.response) for r in records} == {(0.5, "tie", "")}
    assert len(records) == 16


@pytest.mark.upstream
@pytest.mark.skipif("TOMBENCH_UPSTREAM" not in os.environ, reason="no TOMBENCH_UPSTREAM")
def test_the_published_form_is_read() -> None:
    path = Path(os.environ["TOMBENCH_UPSTREAM"]) / "vignettes" / "scenarios.json"
    items = Vignettes(data=str(path)).items()
    yes = {int(item.id) for item in items if item.target == "yes"}
    assert [item.id for item in items] == [str(n) for n in range(1, 17)]
    assert yes == {2, 3, 5, 9, 10, 11, 12, 13}
    assert len(read_entries(path, "cot_examples")) == 2
    assert worked_examples(path) == ()  # one of the two lacks its answer
