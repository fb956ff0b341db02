"""The story suites: what is asked, what known minds get, what a run of them is."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Outcome, results, run_json

from tombench.prompts import Prompting
from tombench.runs import read_records
from tombench.schema import GenerateRequest, LikelihoodRequest, Sampling
from tombench.tasks.base import Setting, sample_seed
from tombench.tasks.first_word import read_first_word
from tombench.tasks.vignettes import Vignettes

Command = Callable[..., Outcome]

GENERATED = ("backend=mock", "task.suite=generated", "task.sets=2")
FALSE_BELIEF = ("backend=mock", "task.suite=false_belief", "task.repetitions=1")
SECRET = "correct horse battery staple"


def metrics(folder: Path) -> Mapping[str, Any]:
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


def values(folder: Path) -> dict[str, float]:
    return {name: metric["value"] for name, metric in metrics(folder)["metrics"].items()}


def test_a_choice_among_options_and_drawn_text() -> None:
    task = Vignettes(suite="generated", sets=1, header="Read this: ", repetitions=2)
    setting = Setting(Prompting("cot", True, True), task.sampling, 3, "m")
    item = task.items()[0]
    choice, drawn = task.requests(item, setting)
    assert isinstance(choice, LikelihoodRequest) and isinstance(drawn, GenerateRequest)
    assert choice.context == drawn.prompt == item.content.prompt
    assert choice.context.startswith("Read this: ") and choice.context.endswith("is in the")
    assert choice.continuations == tuple(f" {option}" for option in item.content.options)
    assert drawn.seeds == tuple(sample_seed(3, item.id, number) for number in (1, 2))
    assert len(Vignettes(suite="generated", sets=1).requests(item, setting)) == 1


def test_each_suite_draws_as_its_study_did() -> None:
    suites = ("scenarios", "generated", "false_belief")
    tasks = {suite: Vignettes(suite=suite) for suite in suites}
    assert {suite: task.repetitions for suite, task in tasks.items()} == {
        "scenarios": 20, "generated": 0, "false_belief": 5
    }  # fmt: skip
    assert tasks["scenarios"].sampling == Sampling(0.4, 50, 0.95, 128)
    assert tasks["generated"].sampling == Sampling(0.0, 0, 1.0, 5)
    assert tasks["false_belief"].sampling == Sampling(0.6, 0, 0.9, 5)


@pytest.mark.parametrize(
    ("text", "answer", "value"),
    [
        (" box", "box", 1),
        ("box. Then", "box", 1),
        ('"box",', "box", 1),
        ("b'o;x", "box", 1),  # the marks go wherever they stand in the word
        ("tea bags and", "tea bags", 0),
        ("tea", "tea bags", 0),
        ("Box", "unparsed", 0),
        ("box!", "unparsed", 0),
        ("the box", "unparsed", 0),
        (" \n", "unparsed", 0),
    ],
)
def test_the_first_word_is_read_as_in_the_study(text: str, answer: str, value: int) -> None:
    score = read_first_word(text, ("box", "tea bags"), "box")
    assert (score.answer, score.value) == (answer, value)
    assert (score.category == "unparsed") == (answer == "unparsed")


WHOLE = ("contrast_set_accuracy", "pair_accuracy", "cell_accuracy", "false_belief_accuracy",
         "true_belief_accuracy", "belief_given_controls", "reality_bias")  # fmt: skip
MINDS = {"right": (1, 1, 1, 1, 1, 1, 0), "reality_biased": (0, 0, 0.75, 0, 1, 0.75, 1)}
FORMS = ("task.form=yes_no", "task.form=multiple_choice")
SUITES = (
    *(GENERATED, FALSE_BELIEF),
    *((*GENERATED, form, "task.repetitions=1") for form in FORMS),
)


@pytest.mark.parametrize("words", SUITES, ids=lambda words: words[-1])
@pytest.mark.parametrize("mind", MINDS)
def test_known_minds_get_what_is_predicted(
    command: Command, mind: str, words: tuple[str, ...]
) -> None:
    folder = command(*words, f"backend.mind={mind}").folder
    found = values(folder)
    assert tuple(found[name] for name in WHOLE) == MINDS[mind]
    if "first_word_accuracy" in found:
        drawn = [name for name in WHOLE if f"first_word/{name}" in found]
        assert all(found[f"first_word/{name}"] == found[name] for name in drawn) and drawn
    assert found["baseline/reality/cell_accuracy"] == 0.75
    assert found["baseline/reality/pair_accuracy"] == 0
    assert (found["unparsed"], found["ties"], found["errors"]) == (0, 0, 0)
    groups = metrics(folder)["groups"]
    if "must_flip" in groups:  # the facts say it where the answer flips, and err where it does not
        flips = {level: found["accuracy"]["value"] for level, found in groups["must_flip"].items()}
        if "task.form=yes_no" not in words and "task.form=multiple_choice" not in words:
            assert flips == ({"no": 1, "yes": 1} if mind == "right" else {"no": 0, "yes": 1})


def test_minds_that_prefer_nothing_tie(command: Command) -> None:
    found = values(command(*GENERATED, "backend.mind=refuser", "task.repetitions=1").folder)
    assert (found["accuracy"], found["accuracy_strict"], found["ties"]) == (0.5, 0, 1)
    assert (found["cell_accuracy"], found["first_word_accuracy"], found["unparsed"]) == (0, 0, 1)


def test_who_always_says_yes_takes_the_first_option_elsewhere(command: Command) -> None:
    folder = command(*GENERATED, "backend.mind=yes_sayer", "task.repetitions=1").folder
    options = {item.id: item.content.options for item in Vignettes(suite="generated").items()}
    for record in read_records(folder):
        offered = options[record.item]
        assert record.score.answer == ("Yes" if "Yes" in offered else offered[0])


def test_records_of_an_item(command: Command) -> None:
    folder = command(*FALSE_BELIEF[:2], "task.repetitions=3", "limit=1").folder
    item = Vignettes(suite="false_belief").items()[0]
    forced, *drawn = read_records(folder)
    assert [record.id for record in (forced, *drawn)] == [f"{item.id}/{n:02d}" for n in range(4)]
    assert forced.log_probs == {
        option: -1.0 if option == item.target else -2.0 for option in item.content.options
    }
    assert (forced.response, drawn[0].response) == ("", f" {item.target}.")
    assert all(r.condition == item.condition and r.cluster == item.cluster for r in drawn)


def test_the_cut_set_is_told_by_its_accuracy(command: Command) -> None:
    said = command(*GENERATED, "limit=1").out.splitlines()[0]
    assert said == "mock:right, generated stories: forced choice alone, accuracy 1.00 [0.00, 1.00]"


def test_the_headline(command: Command) -> None:
    said = command(*GENERATED, "backend.mind=reality_biased").out.splitlines()
    assert said[0].startswith("mock:reality_biased, generated stories: pairs 0.00 [0.00, ")
    assert ", whole sets 0.00 " in said[0] and " of 2, cells 0.75 " in said[0]
    assert said[1] == "  the best shortcuts get pairs 0.00, whole sets 0.00, cells 0.75 (reality)"


def test_a_dry_run_and_a_look_at_a_run(command: Command) -> None:
    plan = command(*GENERATED, "dry_run=true").out
    assert "requests   104: 0 to generate (0 answers), 104 to score" in plan
    folder = command(*GENERATED).folder
    shown = command("stage=show", f"run={folder}").out
    assert "contrast_set_accuracy" in shown and " and 64 more" in shown
    name = read_records(folder)[0].item
    shown = command("stage=show", f"run={folder}", f"item={name}").out
    assert f"=== {name}/00" in shown and "log-prob" in shown


@pytest.mark.parametrize(
    ("words", "unread"),
    [
        (GENERATED, ("prompting=cot", "task.data=x", "task.family=context")),
        (FALSE_BELIEF, ("prompting=cot", "task.sets=3", "task.header=x", "task.paraphrases=2")),
        (("backend=mock", "task.repetitions=1"), ("task.form=yes_no", "task.words=nonsense")),
    ],
)  # fmt: skip
def test_keys_of_other_suites_are_told_and_change_nothing(
    command: Command, words: tuple[str, ...], unread: tuple[str, ...]
) -> None:
    once = command(*words, "limit=2")
    said = command(*words, "limit=2", *unread)
    assert said.folder == once.folder
    notes = [line.partition(" is not read with task.suite=")[0] for line in said.lines]
    for word in unread:
        assert notes.count(f"note: {word.split('=')[0]}") == 1
    assert "is not read" not in once.err


def test_a_sweep_over_suites_is_told_of_what_none_reads(command: Command) -> None:
    words = ("--multirun", "backend=mock", "task.suite=generated,false_belief", "limit=1")
    said = command(*words, "task.sets=1", "task.family=context")
    notes = [line for line in said.lines if "is not read" in line]
    assert notes == [
        "note: task.family is not read with task.suite=generated,false_belief; given all the same, "
        "and ignored"
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("task.suite=false_belief", "task.form=yes_no"), "task.form=yes_no: the tasks of suite="),
        (("task.suite=generated", "task.answers=x"), "task.answers: files answer scenarios; leave"),
        (("task.suite=generated", "task.questions=[belif]"), "task.questions=belif: not allowed"),
        (("task.suite=generated", "task.questions=[]"), "task.questions=[]"),
        (("task.suite=generated", "task.sets=0"), "task.sets=0: should be greater than or equal"),
        (("task.suite=generated", "task.commitment=12ab"), "task.commitment=12ab: "),
        (("task.suite=generat",), "task.suite=generat: not allowed; did you mean 'generated'?"),
        (("task.suite=generated", "task.story_seed=env:NONE"), "no environment variable 'NONE'"),
        (("task.suite=false_belief", "task.data=no.json"), "no.json: no such file"),
        (("stage=prepare", "task.suite=generated", "task.label_sheet=x"), "labels by hand are of"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(command: Command, words: tuple[str, ...], told: str) -> None:
    said = command("backend=mock", *words)
    assert said.status == 2
    (line,) = [line for line in said.lines if not line.startswith("note: ")]
    assert told in line


def test_one_question_type_stands_for_a_list(command: Command) -> None:
    folder = command(*GENERATED, "task.questions=memory", "task.alterations=false").folder
    assert {r.condition["question_type"] for r in read_records(folder)} == {"memory"}
    assert Vignettes(questions=("memory", "memory")).questions == ("memory",)


def test_a_secret_seed_is_written_nowhere(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MY_STORIES", SECRET)
    folder = command(*GENERATED, "task.story_seed=env:MY_STORIES").folder
    command("stage=summarize")
    command("stage=show", f"run={folder}")
    commitment = hashlib.sha256(SECRET.encode()).hexdigest()
    assert run_json(folder)["identity"]["task"]["commitment"] == commitment
    assert metrics(folder)["commitment"] == commitment
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert not [path for path in written if SECRET.encode() in path.read_bytes()]


def test_a_commitment_is_held_to(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    commitment = hashlib.sha256(SECRET.encode()).hexdigest()
    words = (*GENERATED, "task.story_seed=env:MY_STORIES")
    monkeypatch.setenv("MY_STORIES", SECRET)
    first = command(*words)
    assert command(*words, f"task.commitment={commitment}").folder == first.folder
    refused = command(*words, f"task.commitment={'0' * 64}")
    assert refused.status == 2 and "the seed's sha256 is another" in refused.lines[0]
    assert SECRET not in refused.err
    monkeypatch.setenv("MY_STORIES", "too short")
    refused = command(*words)
    assert refused.status == 2 and "the seed has 9 characters" in refused.lines[0]


def test_a_seed_counts_by_its_commitment_alone(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_STORIES", "a seed of many letters")
    named = command(*GENERATED, "task.story_seed=env:MY_STORIES").folder
    assert command(*GENERATED, "task.story_seed='a seed of many letters'").folder == named
    assert command(*GENERATED, "task.story_seed=another").folder != named


@pytest.mark.parametrize(
    ("words", "change"),
    [
        *(
            (GENERATED, change)
            for change in (
                *("task.sets=3", "task.story_seed=other", "task.words=nonsense", "seed=1"),
                *("task.wordings=held_out", "task.form=yes_no", "task.questions=[reality]"),
                *("task.alterations=false", "task.header=x", "task.repetitions=1"),
            )
        ),
        (FALSE_BELIEF, "task.repetitions=2"),
        (FALSE_BELIEF, "task.as_published=true"),
    ],
)
def test_what_changes_the_items_is_another_run(
    command: Command, words: tuple[str, ...], change: str
) -> None:
    base = tuple(word for word in words if word.split("=")[0] != change.split("=")[0])
    assert command(*words, "limit=3").folder.name == "v0001"
    assert command(*base, change, "limit=3").folder.name == "v0002"


def test_a_default_told_is_the_same_run(command: Command) -> None:
    first = command(*GENERATED, "limit=3").folder
    told = ("task.repetitions=0", "task.words=held_out", "task.alterations=true")
    assert command(*GENERATED, "limit=3", *told).folder == first


@pytest.mark.parametrize("words", [GENERATED, (*FALSE_BELIEF, "limit=40")])
def test_a_run_cut_off_comes_to_the_same(command: Command, words: tuple[str, ...]) -> None:
    folder = command(*words).folder
    whole = results(folder)
    lines = (folder / "records.jsonl").read_bytes().splitlines(keepends=True)
    run = run_json(folder) | {"status": "unfinished", "ended": None}
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "metrics.json").unlink()
    (folder / "records.jsonl").write_bytes(b"".join(lines[:33]) + lines[33][:9])
    again = command(*words)
    assert again.folder == folder
    assert results(folder) == whole
