"""Generated stories under promptings: prompts to the letter, what known minds get, identity."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Outcome, run_json

from tombench.prompts import Family, Prompting
from tombench.runs import read_records
from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    Item,
    LikelihoodRequest,
    LikelihoodResponse,
    Record,
    Sample,
    Sampling,
)
from tombench.tasks.base import Setting, sample_seed
from tombench.tasks.vignettes import Vignettes

Command = Callable[..., Outcome]

YES_NO = ("backend=mock", "task.suite=generated", "task.sets=2", "task.form=yes_no")
PROMPTED = (*YES_NO, "task.prompted=true")
PROMPTINGS = ("base", "sbs", "cot", "sbs_cot")

STORY = (
    "Felix is in the office with Iris. There is a toolbox and a pouch in the office. Felix drinks "
    'some water. "I am putting the bell in the toolbox," says Iris. "I have to fetch some water," '
    'says Felix. "I am moving the bell from the toolbox to the pouch," says Iris. "I am back in '
    'the office," says Felix.'
)
QUESTION = "Will Felix look for the bell in the toolbox?"
HEADER = "Read the scenario and answer the following question:\n\n"
STEPS = "Let's think step by step: "
LIFT = (
    "As Renata left for work, the caretaker told her that the lift in their building was broken "
    "and would be repaired next week. Soon after she had gone, a mechanic came early and repaired "
    "it."
)
SHOWN = (
    (
        f"{LIFT} Question: When Renata is on her way back, does she think that the lift is broken?",
        "The caretaker told Renata that the lift was broken and would be repaired next week. She "
        "was at work when the mechanic came early, so she does not know that it has been repaired. "
        "So, the answer is: Yes, Renata thinks that the lift is broken.",
    ),
    (
        "Farid came back early from a trip abroad and went straight to a costume party in a dragon "
        "suit that covered his face. His friend Elke, who took him to the airport on Monday and "
        "thinks he is still abroad, admires the dragon from across the room. Question: Does Elke "
        "believe that the dragon is Farid?",
        "The dragon suit covers Farid's face, so Elke cannot see who is inside it. She thinks he "
        "is still abroad, because she does not know that he came back early. So, the answer is: "
        "No, Elke does not believe that the dragon is Farid.",
    ),
)


def task(repetitions: int = 0, family: Family = "scenario") -> Vignettes:
    return Vignettes(
        suite="generated",
        sets=1,
        form="yes_no",
        prompted=True,
        repetitions=repetitions,
        family=family,
    )


def felix(of: Vignettes) -> Item:
    """Whose story is `STORY`: the first false belief of the seed public-dev."""
    return next(i for i in of.items() if i.id.endswith("/false_belief.original/action"))


def setting(of: Vignettes, prompting: str = "base") -> Setting:
    how = Prompting(prompting, prompting.startswith("sbs"), prompting.endswith("cot"))
    return Setting(how, of.sampling, 3, "m")


def values(folder: Path) -> Mapping[str, Any]:
    found = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return {name: metric["value"] for name, metric in found["metrics"].items()}


def test_prompts_to_the_letter() -> None:
    asked = f"Scenario: {STORY} Question: {QUESTION} Answer: "
    shown = [(f"Scenario: {scene} Answer: ", worked) for scene, worked in SHOWN]
    plain = "".join(f"{scene}{worked}\n\n" for scene, worked in shown)
    stepped = "".join(f"{scene}{STEPS}{worked}\n\n" for scene, worked in shown)
    expected = {
        "base": f"{HEADER}{asked}",
        "sbs": f"{HEADER}{asked}{STEPS}",
        "cot": f"{HEADER}{plain}{asked}",
        "sbs_cot": f"{HEADER}{stepped}{asked}{STEPS}",
    }
    stories = task()
    for prompting in PROMPTINGS:
        (choice,) = stories.requests(felix(stories), setting(stories, prompting))
        assert isinstance(choice, LikelihoodRequest)
        assert choice.context == expected[prompting]
        assert choice.continuations == ("Yes", "yes", "No", "no")  # a blank ends the prompt


def test_the_other_family() -> None:
    stories = task(family="context")
    (choice,) = stories.requests(felix(stories), setting(stories))
    assert choice.context == (
        f"Answer the following question in context:\n\nContext: {STORY} Question: {QUESTION} "
        "Answer: "
    )


def test_only_the_name_of_an_answer_differs_from_the_form_of_its_own() -> None:
    prompted, own = task(), Vignettes(suite="generated", sets=1, form="yes_no")
    pairs = list(zip(prompted.items(), own.items(), strict=True))
    for item, other in pairs:
        assert (item.id, item.cluster, item.content) == (other.id, other.cluster, other.content)
        assert (item.target, item.reality) == (other.target.lower(), other.reality.lower())
        assert item.content.ask == f"Question: {item.content.question} Answer:"
    (choice,) = own.requests(pairs[0][1], setting(own, "sbs_cot"))
    assert choice.context == f"{pairs[0][1].content.story} {pairs[0][1].content.ask}"
    assert choice.continuations == (" Yes", " No")


def test_answers_are_drawn_as_the_scenarios_are() -> None:
    stories = task(repetitions=2)
    assert stories.sampling == Sampling(0.4, 50, 0.95, 128) == Vignettes().sampling
    drawn, choice = stories.requests(felix(stories), setting(stories, "sbs"))
    assert isinstance(drawn, GenerateRequest) and isinstance(choice, LikelihoodRequest)
    assert drawn.prompt == choice.context
    assert drawn.seeds == tuple(sample_seed(3, felix(stories).id, number) for number in (1, 2))


def scored(said: str, prompting: str, truncated: bool = False) -> list[Record]:
    """The records of Felix's question where that is what is drawn."""
    stories = task(repetitions=1)
    item = felix(stories)
    requests = stories.requests(item, setting(stories, prompting))
    sample = Sample(said, tokens=9, truncated=truncated)
    responses = [
        GenerateResponse(requests[0].text, (sample,)),
        LikelihoodResponse(requests[1].text, (-1.0, -2.0, -1.5, -1.5), (1,) * 4, (True,) * 4),
    ]
    return stories.score(item, requests, responses)


def test_the_forced_choice_adds_up_spellings() -> None:
    forced, _ = scored("Yes.", "base")
    yes, no = math.log(math.exp(-1) + math.exp(-2)), math.log(2 * math.exp(-1.5))
    assert forced.log_probs == pytest.approx({"yes": yes, "no": no})
    assert (forced.repetition, forced.score.answer, forced.score.value) == (0, "yes", 1)


@pytest.mark.parametrize(
    ("said", "prompting", "answer", "category"),
    [
        ("Yes.", "base", "yes", "answered"),
        ("No, Felix will look for the bell in the pouch.", "base", "no", "answered"),
        ("Felix was away when Iris moved the bell. So, the answer is: Yes, Felix will look for "
         "the bell in the toolbox.", "sbs", "yes", "answered"),
        ("The caretaker told Renata that the lift was broken, and she was at work when the "
         "mechanic came early. So, the answer is: Yes, Renata thinks that the lift is broken.",
         "sbs_cot", "unparsed", "example_repetition"),
        ("There is a toolbox and there is a pouch.", "base", "unparsed", None),
    ],
)  # fmt: skip
def test_drawn_answers_are_read_as_free_text(
    said: str, prompting: str, answer: str, category: str | None
) -> None:
    _, drawn = scored(said, prompting)
    assert (drawn.repetition, drawn.response, drawn.target) == (1, said, "yes")
    assert (drawn.score.answer, drawn.score.value) == (answer, float(answer == "yes"))
    assert category in (None, drawn.score.category)


def test_a_reasoning_that_is_cut_off_is_told() -> None:
    _, drawn = scored("Iris put the bell in the toolbox, and then she", "sbs", truncated=True)
    assert (drawn.score.answer, drawn.score.category) == ("unparsed", "truncated_reasoning")


def test_a_request_that_fails_is_wrong_and_told() -> None:
    stories = task(repetitions=2)
    item = felix(stories)
    requests = stories.requests(item, setting(stories))
    failed = [
        GenerateResponse(requests[0].text, error="busy"),
        LikelihoodResponse(requests[1].text, error="busy"),
    ]
    records = stories.score(item, requests, failed)
    assert [(r.repetition, r.score.answer, r.score.value, r.error) for r in records] == [
        (number, "unparsed", 0, "busy") for number in range(3)
    ]


WHOLE = ("contrast_set_accuracy", "pair_accuracy", "cell_accuracy", "false_belief_accuracy",
         "true_belief_accuracy", "belief_given_controls", "reality_bias")  # fmt: skip
MINDS = {"right": (1, 1, 1, 1, 1, 1, 0), "reality_biased": (0, 0, 0.75, 0, 1, 0.75, 1)}


@pytest.mark.parametrize("mind", MINDS)
def test_known_minds_get_what_is_predicted(command: Command, mind: str) -> None:
    words = (*PROMPTED, "prompting=sbs_cot", "task.repetitions=2", f"backend.mind={mind}")
    folder = command(*words).folder
    found = values(folder)
    assert tuple(found[name] for name in WHOLE) == MINDS[mind]
    assert [found[f"free_text/{name}"] for name in WHOLE[:5]] == [*MINDS[mind][:5]]
    assert found["free_text_accuracy"] == found["accuracy"]
    assert not [name for name in found if name.startswith("first_word")]
    assert (found["unparsed"], found["ties"], found["errors"]) == (0, 0, 0)
    assert found["baseline/reality/cell_accuracy"] == 0.75
    groups = json.loads((folder / "metrics.json").read_text())["groups"]
    assert groups["prompting"]["sbs_cot"]["cell_accuracy"]["value"] == found["cell_accuracy"]
    kept = groups["must_flip"]["no"]  # still a false belief, which the facts answer wrongly
    right = float(mind == "right")
    assert (kept["accuracy"]["value"], kept["free_text_accuracy"]["value"]) == (right, right)


def test_who_always_says_yes(command: Command) -> None:
    folder = command(*PROMPTED, "prompting=cot", "backend.mind=yes_sayer").folder
    found, records = values(folder), read_records(folder)
    assert {record.score.answer for record in records} == {"yes"}
    assert tuple(found[name] for name in WHOLE[:2]) == (0, 0)  # what is asked is alike in a set
    assert (found["false_belief_accuracy"], found["true_belief_accuracy"]) == (0.5, 0.5)
    assert found["accuracy"] == sum(r.target == "yes" for r in records) / len(records)


def test_who_prefers_nothing_ties_and_is_unparsed(command: Command) -> None:
    found = values(command(*PROMPTED, "backend.mind=refuser", "task.repetitions=1").folder)
    assert (found["accuracy"], found["accuracy_strict"], found["ties"]) == (0.5, 0, 1)
    assert (found["cell_accuracy"], found["free_text_accuracy"], found["unparsed"]) == (0, 0, 1)


def test_a_sweep_over_the_promptings_is_four_runs(command: Command, tmp_path: Path) -> None:
    words = ("--multirun", *PROMPTED, f"prompting={','.join(PROMPTINGS)}")
    assert command(*words).status == 0
    root = tmp_path / "outputs" / "eval" / "vignettes" / "tiny"
    names = [f"v000{number}" for number in range(1, 5)]
    assert sorted(path.name for path in root.glob("v*")) == names
    told = [run_json(root / name)["identity"]["prompting"]["name"] for name in names]
    assert told == [*PROMPTINGS]
    prompts = {name: read_records(root / name)[0].prompt for name in names}
    assert len(set(prompts.values())) == 4
    assert command(*words).status == 0 and len(list(root.glob("v*"))) == 4


def test_the_headline_names_the_prompting(command: Command) -> None:
    said = command(*PROMPTED, "prompting=sbs").out.splitlines()
    assert said[0].startswith("mock:right, sbs: pairs 1.00 ")
    assert said[1] == "  the best shortcuts get pairs 0.00, whole sets 0.00, cells 0.75 (reality)"


@pytest.mark.parametrize(
    ("change", "another"),
    [
        ("prompting=cot", True),
        ("task.family=context", True),
        ("task.prompted=false", True),
        ("task.sets=3", True),
        ("task.repetitions=1", True),
        ("task.repetitions=0", False),
        ("task.header=x", False),
        ("task.templates=markdown", False),
        ("task.prompted_examples=0.5", False),
    ],
)
def test_what_is_another_run(command: Command, change: str, another: bool) -> None:
    base = tuple(word for word in PROMPTED if word.split("=")[0] != change.split("=")[0])
    assert command(*PROMPTED, "limit=3").folder.name == "v0001"
    assert command(*base, change, "limit=3").folder.name == ("v0002" if another else "v0001")


def test_unprompted_stories_are_the_run_that_they_were(command: Command) -> None:
    """The switch is no part of their identity, and no prompting changes them."""
    first = command(*YES_NO, "limit=3").folder
    told = run_json(first)["identity"]
    assert told["prompting"] is None
    assert not {"prompted", "prompted_examples", "family"} & set(told["task"])
    again = command(
        *YES_NO, "limit=3", "task.prompted=false", "prompting=sbs", "task.family=context"
    )
    assert again.folder == first


def test_promptings_are_of_yes_no_questions(command: Command) -> None:
    for form in ("next_word", "multiple_choice"):
        said = command("task.suite=generated", "task.prompted=true", f"task.form={form}")
        assert said.status == 2
        assert said.lines[-1] == (
            "tombench: task.prompted=true: promptings are of yes/no questions, and "
            f"task.form={form}; give task.form=yes_no"
        )


def test_the_switch_is_of_generated_stories_alone(command: Command) -> None:
    words = ("backend=mock", "task.repetitions=1", "limit=1")
    said = command(*words, "task.prompted=true")
    assert said.folder == command(*words).folder
    assert said.lines[0] == (
        "note: task.prompted is not read with task.suite=scenarios; given all the same, and ignored"
    )


@pytest.mark.parametrize(
    ("words", "notes"),
    [
        (("task.prompted=true", "prompting=cot", "task.family=context"), []),
        (("task.prompted=false", "task.header=x"), []),
        (("prompting=cot",), ["prompting is not read with task.suite=generated"]),
        (
            ("task.prompted=true", "task.header=x", "task.data=x"),
            [
                f"{key} is not read with task.suite=generated task.prompted=true"
                for key in ("task.data", "task.header")
            ],
        ),
        (
            ("--multirun", "task.prompted=true,false", "prompting=cot", "task.header=x"),
            [],  # one of the two runs reads each
        ),
    ],
)
def test_what_is_not_read_is_told(
    command: Command, words: tuple[str, ...], notes: list[str]
) -> None:
    said = command(*YES_NO, "limit=1", *words)
    told = [line.removeprefix("note: ") for line in said.lines if line.startswith("note: ")]
    assert told == [f"{note}; given all the same, and ignored" for note in notes]


def test_a_look_at_an_item_shows_its_timeline(command: Command) -> None:
    folder = command(*PROMPTED, "prompting=cot").folder
    shown = command("stage=show", f"run={folder}", f"item={felix(task()).id}").out
    assert STORY in shown and "timeline  not shown" not in shown
