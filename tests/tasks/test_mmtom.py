"""task=mmtom end to end: items, policies, the command, and mistakes."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Outcome, names_in, run_json

from tombench.backends.silent import Silent
from tombench.models.base import Model
from tombench.planning.policies.language_model import Lm, WeakToStrong
from tombench.planning.policies.log_linear import LogLinear
from tombench.planning.policies.observer import Observer
from tombench.schema import LikelihoodResponse, Response, Sampling
from tombench.stages.job import trained_on
from tombench.tasks.base import Setting
from tombench.tasks.mmtom import MMToM

Command = Callable[..., Outcome]

ASKED = ("task=mmtom", "task.per_type=1", "quiet=true")
OBSERVED = Path("outputs/eval/mmtom/observer/v0001")
TYPES = ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4")


def metrics(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]


def setting(policy: Any = None, **fields: Any) -> Setting:
    return Setting(None, Sampling(0.0, 0, 1.0, 1), seed=0, model="who", policy=policy, **fields)


@pytest.fixture(scope="module")
def task() -> MMToM:
    return MMToM(per_type=1)


def test_items_are_the_seven_types_with_their_conditions(task: MMToM) -> None:
    found = task.items()
    assert [item.condition["question_type"] for item in found] == list(TYPES)
    assert [item.condition["question_family"] for item in found] == ["belief"] * 3 + ["goal"] * 4
    assert {(item.condition["theme"], item.condition["suite"]) for item in found} == {
        ("home", "seven_types")
    }
    assert [item.id for item in found] == [f"home-test-public-dev-{kind}-0" for kind in TYPES]
    assert all(item.target in ("a", "b") for item in found)


def test_a_question_is_of_one_cluster_in_every_world() -> None:
    items = MMToM(per_type=1, theme=("home", "opaque")).items()
    assert len({item.id for item in items}) == 14 and len({item.cluster for item in items}) == 7
    assert {item.condition["theme"] for item in items} == {"home", "opaque"}


def test_digest_of_the_questions_themselves(task: MMToM) -> None:
    assert task.data_digest() == MMToM(per_type=1).data_digest()
    assert task.data_digest() != MMToM(per_type=1, suite_seed="x").data_digest()


def test_who_answers_alone_asks_nothing(task: MMToM) -> None:
    (item, *_) = task.items()
    assert task.requests(item, setting(Observer())) == []
    assert task.requests(item, setting(LogLinear())) == []
    assert {one.role for one in task.requests(item, setting(Lm()))} == {""}
    assert {one.role for one in task.requests(item, setting(WeakToStrong()))} == {
        *("large", "tuned", "untuned")
    }


def test_one_answer_that_failed_fails_the_question(task: MMToM) -> None:
    (item, *_) = task.items()
    requests = task.requests(item, setting(Lm()))
    fine = [
        LikelihoodResponse(r.context, (-1.0,) * len(r.continuations), (1,) * len(r.continuations))
        for r in requests
    ]
    responses: list[Response] = [*fine[:-1], replace(fine[-1], error="out of memory")]
    (record,) = task.score_by(Lm(), item, requests, responses)
    assert (record.score.answer, record.score.value) == ("unparsed", 0.0)
    assert record.error == "out of memory"
    (whole,) = task.score_by(Lm(), item, requests, fine)
    assert whole.error is None and whole.score.answer in ("a", "b", "tie")


def test_without_a_policy_the_observer_scores(task: MMToM) -> None:
    for item in task.items():
        (record,) = task.score(item, [], [])
        assert record.log_probs.keys() == {"a", "b", "log_odds/observer"}
        assert record == task.score_by(Observer(), item, [], [])[0]


def test_worlds_that_a_model_was_trained_on_are_not_unseen() -> None:
    worlds = MMToM(per_type=1, theme=("home", "opaque", "wild_west"))
    found = [worlds.score(item, [], [])[0] for item in worlds.items()]
    plain = worlds.metrics(found, setting(Observer()))
    assert plain.extra["unseen_themes"] == ["opaque", "wild_west"]
    trained = setting(Observer(), trained_on={"train_theme": ["home", "opaque"]})
    assert worlds.metrics(found, trained).extra["unseen_themes"] == ["wild_west"]
    one = setting(Observer(), trained_on={"train_theme": "wild_west"})  # as a command may have it
    assert worlds.metrics(found, one).extra["unseen_themes"] == ["opaque"]
    assert set(plain.groups["theme"]) == {"home", "opaque", "wild_west"}
    accuracies = {name: own["accuracy"].value for name, own in plain.groups["theme"].items()}
    assert len(set(accuracies.values())) == 1  # the observer reads no word


def test_what_is_asked_in_a_few_words(task: MMToM) -> None:
    assert task.told == "seven types, home"
    controls = MMToM(suite="graded_controls", theme=("opaque", "home"))
    assert controls.told == "graded controls, opaque, home"


def test_the_observer_by_the_command(command: Command) -> None:
    done = command(*ASKED, "policy=observer")
    assert (done.status, done.err, done.folder) == (0, "", OBSERVED)
    assert done.out.startswith("observer, seven types, home: ")
    found = metrics(done.folder)
    assert found["metrics"]["accuracy"]["n"] == len(records(done.folder)) == 7
    assert found["metrics"]["observer/accuracy"] == found["metrics"]["accuracy"]
    assert {"accuracy_macro", "belief_accuracy", "goal_accuracy", "brier", "log_score"} <= set(
        found["metrics"]
    )
    assert {"baseline/last_target", "exact/accuracy"} <= set(found["metrics"])
    assert set(found["groups"]["question_type"]) == set(TYPES)
    assert sum(row["n"] for row in found["reliability"]) == 7
    assert "alpha_sweep" not in found
    run = run_json(done.folder)
    assert run["identity"]["policy"]["name"] == "observer" and run["identity"]["model"] is None
    again = command(*ASKED, "policy=observer")
    assert (again.status, again.folder) == (0, OBSERVED)
    assert names_in(OBSERVED.parent) == {"v0001", "latest", ".lock"}
    assert command(*ASKED, "policy=observer", "policy.slip=0.1").folder.name == "v0002"


def test_no_weights_are_loaded_for_who_answers_alone(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_weights(monkeypatch)
    said = command(*ASKED, "policy=observer", "model=small")
    assert said.status == 0 and said.folder == OBSERVED


def test_log_linear_is_fitted_to_the_simulator(command: Command) -> None:
    done = command(*ASKED, "policy=log_linear", "policy.situations=300")
    assert done.folder == Path("outputs/eval/mmtom/log_linear/v0001")
    for one in records(done.folder):
        assert {"log_odds/log_linear", "log_odds/observer"} <= set(one["log_probs"])
        assert one["response"]
    assert metrics(done.folder)["metrics"]["accuracy"]["value"] > 0.8


def test_the_studys_decision_by_the_command(command: Command) -> None:
    done = command(*ASKED, "policy=observer", "policy.decision=study")
    found = metrics(done.folder)["metrics"]
    assert found["study_accuracy"]["n"] == 7 and 0 < found["study_chance"]["value"] < 1
    assert "the study's rule picks" in records(done.folder)[0]["response"]
    assert run_json(done.folder)["identity"]["policy"]["belief_writer"] == "study"


def test_graded_controls_have_what_can_be_known_beside(command: Command) -> None:
    done = command(*ASKED, "policy=observer", "task.suite=graded_controls")
    found = metrics(done.folder)
    assert set(found["groups"]["question_type"]) == {f"{kind}c" for kind in TYPES}
    assert 0 < found["metrics"]["exact/log_score"]["value"] < 2
    assert done.out.startswith("observer, graded controls, home: ")


def refuse_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    from tombench.backends.hf.backend import HfBackend

    def load(*given: object) -> None:
        raise AssertionError("weights are loaded")

    monkeypatch.setattr(HfBackend, "load", load)


def test_a_run_of_ours_tells_what_its_model_was_trained_on(tmp_path: Path) -> None:
    told = {"configuration": {"task": {"train_theme": ["home", "opaque"]}}}
    (tmp_path / "run.json").write_text(json.dumps(told))
    assert trained_on(Model("local", str(tmp_path))) == {"train_theme": ["home", "opaque"]}
    tuned = Model("local", str(tmp_path / "elsewhere"), adapter=str(tmp_path))
    assert trained_on(tuned) == {"train_theme": ["home", "opaque"]}
    assert trained_on(Model("tiny", "some/model")) == {}


def test_nothing_can_be_asked_where_there_is_no_model(task: MMToM) -> None:
    (item, *_) = task.items()
    requests = task.requests(item, setting(Lm()))
    silent = Silent("observer")
    assert silent.batches([()] * 70) == [list(range(64)), list(range(64, 70))]
    with pytest.raises(ValueError, match="a model is asked where there is none: 'at: "):
        silent.loglikelihood(requests)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["policy=obsever"], "policy=obsever: no such option; did you mean 'observer'?"),
        (["policy=weak_to_strong", "policy.alpha=x"], "policy.alpha=x: should be a valid number"),
        (["policy=weak_to_strong", "policy.alpha=nan"], "policy.alpha=nan: should be a finite"),
        (["policy=weak_to_strong", "policy.sweep=[a]"], "policy.sweep=a: should be a valid number"),
        (["policy=observer", "policy.alpha=1"], "no such key 'policy.alpha'; one of"),
        (["policy=observer", "policy.slip=2"], "policy.slip=2: should be less than 1"),
        (["policy=observer", "policy.belief_writer=comma"], "give policy.decision=study"),
        (["policy=log_linear", "policy.situations=5"], "greater than or equal to 100"),
        (
            ["policy=weak_to_strong"],
            "policy=weak_to_strong: it steers a large model, and none is named; "
            "give model@large=NAME",
        ),
        (
            ["policy=weak_to_strong", "model@large=small"],
            "model=tiny has no adapter to switch off, .* give model@untuned=NAME",
        ),
        (["policy=weak_to_strong", "model@large=smal"], "=smal: no such option; .*'small'"),
        (["task.theme=marz"], "task.theme=marz: not allowed; one of home, ancient_egypt"),
        (["task.theme=[home,marz]"], "task.theme.*marz: not allowed; one of home, ancient_egypt"),
        (["task.closeness=c.json"], "task.closeness: it belongs to a file of questions"),
        (["task.scene_graphs=g"], "task.scene_graphs: it belongs to a file of questions"),
        (["task.data=missing.json", "policy=observer"], "missing.json: no such file"),
        (["task.suite=controls"], "task.suite=controls: not allowed"),
        (["task.per_type=0"], "task.per_type=0: should be greater than or equal to 1"),
        (["task.ablation=twins"], "task.ablation=twins: not allowed"),
    ],
)
def test_mistakes_are_one_line_each(
    command: Command, tmp_path: Path, words: list[str], told: str
) -> None:
    said = command(*ASKED, *words)
    assert (said.status, said.out) == (2, "")
    (line,) = said.lines
    assert line.startswith("tombench: ") and re.search(told, line), line
    assert names_in(tmp_path) == set()


def test_what_another_stage_reads_is_told(command: Command) -> None:
    said = command(*ASKED, "policy=observer", "task.train_theme=[opaque]", "task.pairs=5")
    assert said.status == 0
    assert said.lines == [
        "note: task.pairs is read by stage=prepare alone; given all the same, and ignored",
        "note: task.train_theme is read by stage=finetune alone; given all the same, and ignored",
    ]


def test_a_dry_run_asks_nothing(command: Command, tmp_path: Path) -> None:
    said = command(*ASKED, "policy=observer", "dry_run=true")
    assert said.status == 0 and "items      7\n" in said.out
    assert "observer answers without a model, in milliseconds" in said.out
    assert names_in(tmp_path) == set()


PUBLISHED = Path(os.environ.get("TOMBENCH_UPSTREAM", "")) / "mmtom_qa"


@pytest.mark.upstream
@pytest.mark.skipif("TOMBENCH_UPSTREAM" not in os.environ, reason="no TOMBENCH_UPSTREAM")
@pytest.mark.parametrize(
    ("words", "strict"), [(["policy=observer"], 0.97), (["policy=log_linear"], 0.96)]
)
def test_published_questions(command: Command, words: list[str], strict: float) -> None:
    """124 of MMToM-QA's 600, by their text alone."""
    data = f"task.data={PUBLISHED / 'questions_sample.jsonl'}"
    done = command("task=mmtom", "quiet=true", data, *words)
    assert done.status == 0, done.err
    found = metrics(done.folder)["metrics"]
    assert found["accuracy"]["n"] == 124
    assert found["accuracy_strict"]["value"] >= strict
    assert found["baseline/last_target"]["value"] < 0.85
