"""task=mmtom end to end: items, policies, the command, kills, and mistakes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Outcome, names_in, results, run_json
from toy_models import untrained

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


@pytest.fixture(scope="module")
def trio(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The words for three toy models: tuned, as it was before, and the large one."""
    root = tmp_path_factory.mktemp("trio")
    tuned, untuned, large = (untrained(root / str(seed), seed) for seed in range(3))
    return (
        *("model=local", f"model.path={tuned}", "backend.device=cpu"),
        *("model@untuned=local", f"untuned.path={untuned}"),
        *("model@large=local", f"large.path={large}"),
    )


def test_weak_to_strong_and_another_alpha_from_the_cache(
    command: Command, trio: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second command takes no forward pass, loads no weights, finds what the first swept."""
    cached = (*ASKED, *trio, "policy=weak_to_strong", f"cache={tmp_path / 'cache'}", "limit=2")
    first = command(*cached, "policy.alpha=1")
    assert first.status == 0, first.err
    usage = run_json(first.folder)["usage"]
    assert {key.partition("/")[0] for key in usage} == {"large", "tuned", "untuned"}
    assert all(usage[f"{role}/cache_misses"] > 0 for role in ("large", "tuned", "untuned"))
    assert sum(value for key, value in usage.items() if key.endswith("hits")) == 0
    refuse_weights(monkeypatch)
    second = command(*cached, "policy.alpha=2")
    assert second.status == 0, second.err
    assert second.folder == first.folder.with_name("v0002")
    after = run_json(second.folder)["usage"]
    assert after == {
        key: usage[key.replace("hits", "misses")] if key.endswith("hits") else 0 for key in usage
    }
    before, now = (
        {one["id"]: one["log_probs"] for one in records(done.folder)} for done in (first, second)
    )
    assert len(before) == 2 and before.keys() == now.keys()
    for name, odds in now.items():
        assert odds["log_odds/weak_to_strong"] == before[name]["log_odds/alpha=2"]
        assert odds["log_odds/weak_to_strong"] != before[name]["log_odds/weak_to_strong"]
        assert odds["log_odds/naive_sum"] == before[name]["log_odds/naive_sum"]
    alphas = [row["alpha"] for row in metrics(second.folder)["alpha_sweep"]]
    assert alphas == [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0]
    again = command(*cached, "policy.alpha=2")
    assert (again.status, again.folder) == (0, second.folder)


def test_two_roles_of_the_same_weights_are_asked_once(
    command: Command, trio: tuple[str, ...]
) -> None:
    """Then what post-training did is nothing, and every alpha is the large model alone."""
    same = [word for word in trio if not word.startswith("untuned.path")]
    tuned = next(word for word in trio if word.startswith("model.path")).partition("=")[2]
    done = command(*ASKED, *same, f"untuned.path={tuned}", "policy=weak_to_strong", "limit=1")
    assert done.status == 0, done.err
    (record,) = records(done.folder)
    beside = {name: value for name, value in record["log_probs"].items() if "alpha=" in name}
    assert list(beside.values()) == pytest.approx([record["log_probs"]["log_odds/large"]] * 8)


def test_an_adapter_is_switched_off_where_what_was_before_is_not_named(
    command: Command, trio: tuple[str, ...], tmp_path: Path
) -> None:
    """The parts are those of a run in which the same weights are named without their adapter."""
    base, large = (
        next(word.partition("=")[2] for word in trio if word.startswith(key))
        for key in ("model.path", "large.path")
    )
    words = (
        *(*ASKED, "limit=1", "backend.device=cpu", "policy=weak_to_strong", "model=local"),
        *(f"model.path={base}", f"model.adapter={adapter_on(base, tmp_path / 'adapter')}"),
        *("model@large=local", f"large.path={large}"),
    )
    switched = command(*words)
    assert switched.status == 0, switched.err
    named = command(*words, "model@untuned=local", f"untuned.path={base}")
    (one,), (other,) = records(switched.folder), records(named.folder)
    assert one["log_probs"] == pytest.approx(other["log_probs"], abs=1e-5)
    assert one["log_probs"]["log_odds/tuned"] != one["log_probs"]["log_odds/untuned"]


def adapter_on(base: str, folder: Path) -> Path:
    """A LoRA adapter of random weights."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(5)
    config = LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
    get_peft_model(AutoModelForCausalLM.from_pretrained(base), config).save_pretrained(folder)
    return folder


def test_token_by_token_the_server_combines(command: Command, trio: tuple[str, ...]) -> None:
    """Alpha 0 is the large model alone; scores are of the action that was taken, as they are."""
    words = ("policy=weak_to_strong", "policy.over=tokens", "policy.sweep=[0,1]", "limit=1")
    done = command(*ASKED, *trio, *words)
    assert done.status == 0, done.err
    (record,) = records(done.folder)
    odds = {
        name.removeprefix("log_odds/"): value
        for name, value in record["log_probs"].items()
        if name.startswith("log_odds/")
    }
    assert odds["alpha=0"] == pytest.approx(odds["large"])
    assert odds["alpha=1"] == odds["weak_to_strong"] != odds["large"]
    assert [row["alpha"] for row in metrics(done.folder)["alpha_sweep"]] == [0.0, 1.0]


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


KILLED = (
    *("task=mmtom", "task.per_type=3", "model=tiny", "policy=lm"),
    *("backend.device=cpu", "backend.batch_tokens=1500"),
)
PATIENCE = 120  # seconds until the first batch is on the disk


def started(root: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "tombench", *KILLED, f"output_root={root}"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(words, env={**os.environ, "OMP_NUM_THREADS": "1"}, **quiet)


def test_killed_and_given_again_is_the_same_as_uninterrupted(
    command: Command, tmp_path: Path
) -> None:
    folder = "eval/mmtom/tiny/v0001"
    process = started(tmp_path / "killed")
    file = tmp_path / "killed" / folder / "records.jsonl"
    end = time.monotonic() + PATIENCE
    while not file.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"
    assert not file.with_name("metrics.json").exists()
    before = file.read_bytes()
    before = before[: before.rfind(b"\n") + 1]
    assert before.count(b"\n") < 21
    for root in ("killed", "whole"):
        assert command(*KILLED, f"output_root={tmp_path / root}").status == 0
    assert file.read_bytes().startswith(before)
    whole, killed = (results(tmp_path / root / folder) for root in ("whole", "killed"))
    assert killed == whole
    found = records(tmp_path / "whole" / folder)
    assert {"log_odds/lm", "log_odds/observer"} <= set(found[0]["log_probs"])


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
