"""Wordings: paraphrases crossed with templates, each fit to be put beside the study's own."""

import json
import re
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from conftest import Outcome

from tombench.prompts import (
    HEADERS,
    PARAPHRASES,
    TEMPLATES,
    Prompting,
    Wording,
    study_wording,
    vignette_prompt,
    wordings,
)
from tombench.runs import read_records
from tombench.schema import Sampling
from tombench.tasks.base import Setting
from tombench.tasks.scenarios import OWN, worked_examples
from tombench.tasks.vignettes import Vignettes

Command = Callable[..., Outcome]

ROOT = Path(__file__).parents[2]
ALL = tuple(TEMPLATES)
COUNT = 1 + len(PARAPHRASES)
PROMPTINGS = [Prompting("p", step, worked) for step, worked in product((False, True), repeat=2)]
TASK = Vignettes(paraphrases=COUNT, templates=ALL, repetitions=1)


def prompts(task: Vignettes, prompting: Prompting) -> dict[str, str]:
    setting = Setting(prompting, Sampling(0.4, 50, 0.95, 128), 0, "m")
    return {item.id: task.requests(item, setting)[0].prompt for item in task.items()}


def put(wording: Wording, prompting: Prompting, context: str = "S.", question: str = "Q?") -> str:
    return vignette_prompt(context, question, worked_examples(OWN), prompting, wording)


def test_there_are_enough_of_both() -> None:
    assert len(PARAPHRASES) >= 8
    assert len(TEMPLATES) >= 5


def test_every_scenario_in_every_paraphrase_in_every_template() -> None:
    items = TASK.items()
    assert len(items) == len({item.id for item in items}) == 16 * COUNT * len(ALL)
    cells = Counter((i.condition["paraphrase"], i.condition["template"]) for i in items)
    numbers = [str(number) for number in range(COUNT)]
    assert cells == dict.fromkeys(product(numbers, ALL), 16)
    clusters = [item.cluster for item in items]
    assert clusters == sorted(clusters, key=clusters.index)  # a scenario's wordings side by side
    assert {item.id for item in items} >= set(clusters)  # the study's own keeps its id
    assert "plumber-call~p1.context" in {item.id for item in items}


@pytest.mark.parametrize("family", HEADERS)
@pytest.mark.parametrize("prompting", PROMPTINGS)
def test_the_studys_own_is_to_the_letter_what_it_is_alone(
    family: str, prompting: Prompting
) -> None:
    alone = prompts(Vignettes(family=family, repetitions=1), prompting)
    task = Vignettes(family=family, repetitions=1, paraphrases=2, templates=ALL)
    crossed = prompts(task, prompting)
    assert {name: crossed[name] for name in alone} == alone
    assert all(text.startswith(HEADERS[family]) for text in alone.values())


def test_one_or_no_paraphrase_is_the_studys_own() -> None:
    (own,) = {wordings("context", n, ()) for n in (0, 1)}
    assert own == (study_wording("context"),)
    assert wordings("scenario", 1, ("markdown", "markdown")) == (Wording("scenario", "markdown"),)


@pytest.mark.parametrize("prompting", PROMPTINGS)
def test_no_two_prompts_are_the_same(prompting: Prompting) -> None:
    texts = prompts(TASK, prompting)
    assert len(set(texts.values())) == len(texts)


@pytest.mark.parametrize("prompting", PROMPTINGS)
def test_scene_and_question_stand_in_each_word_for_word(prompting: Prompting) -> None:
    texts = prompts(TASK, prompting)
    for item in TASK.items():
        assert texts[item.id].count(item.content.context) == 1
        assert texts[item.id].count(item.content.question) == 1
        shown = texts[item.id].split(item.content.context)[0]
        assert all((e.worked in shown) == prompting.worked_examples for e in worked_examples(OWN))


@pytest.mark.parametrize("wording", wordings("scenario", COUNT, ALL), ids=lambda w: w.name)
@pytest.mark.parametrize("prompting", PROMPTINGS)
def test_a_prompt_ends_where_the_answer_begins(wording: Wording, prompting: Prompting) -> None:
    text = put(wording, prompting)
    after = text[text.rindex("Q?") :]
    assert after.rstrip().endswith("Let's think step by step:") == prompting.step_by_step
    own = wording.template in HEADERS  # the study's two layouts end in a space, no other does
    assert text.endswith(" ") == own
    assert not text.startswith((" ", "\n"))
    assert "\n\n\n" not in text and "  " not in text
    assert "{" not in text


@pytest.mark.parametrize("template", ALL)
def test_worked_examples_are_put_as_the_question_is(template: str) -> None:
    for step, number in product((False, True), range(COUNT)):
        wording = Wording("scenario", template, number)
        text = put(wording, Prompting("p", step, True))
        for example in worked_examples(OWN):
            begun = wording.line(example.context, example.question, step)
            assert begun + example.worked + "\n\n" in text


def test_no_paraphrase_says_what_the_answer_is() -> None:
    for paraphrase in PARAPHRASES:
        words = re.findall(r"[a-z]+", f"{paraphrase.header} {paraphrase.frame}".lower())
        assert words.count("yes") == words.count("no")
        assert not {"think", "believe", "know", "expect", "see", "mind"} & set(words)
        assert re.fullmatch(r"|[A-Z].*[.?]", paraphrase.header)
    sentences = [(p.header, p.frame) for p in PARAPHRASES]
    assert len(set(sentences)) == len(sentences)


def test_braces_in_a_scene_are_left_alone() -> None:
    assert "{x} {question}" in put(Wording("scenario", "markdown"), PROMPTINGS[0], "{x} {question}")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("task.paraphrases=99", f"less than or equal to {COUNT}"),
        ("task.paraphrases=-1", "greater than or equal to 0"),
        ("task.templates=[contxt]", "did you mean 'context'?"),
    ],
)
def test_a_wrong_number_or_name_is_told(command: Command, word: str, told: str) -> None:
    outcome = command("backend=mock", word)
    assert outcome.status == 2
    assert len(outcome.lines) == 1 and told in outcome.err


def test_scores_are_told_by_scenario_paraphrase_and_template(command: Command) -> None:
    words = ("backend=mock", "backend.mind=reality_biased", "task.repetitions=2", "limit=12")
    crossed = ("task.paraphrases=2", "task.templates=[scenario,dialogue]")
    folder = command(*words, *crossed).folder
    found = json.loads((folder / "metrics.json").read_text())
    accuracy = found["metrics"]["accuracy"]
    assert (accuracy["n"], accuracy["clusters"]) == (24, 3)  # 12 items: 3 scenarios, 4 wordings
    assert set(found["scenarios"]) == set(found["groups"]["scenario"])
    assert {n["accuracy"]["n"] for n in found["groups"]["scenario"].values()} == {8}
    assert {n["accuracy"]["n"] for n in found["groups"]["paraphrase"].values()} == {12}
    assert set(found["groups"]["paraphrase"]) == {"0", "1"}
    assert set(found["groups"]["template"]) == {"scenario", "dialogue"}
    assert len(found["cell_counts"]["mock:reality_biased"]["base"]) == 3
    assert found["metrics"]["forced_choice_accuracy"]["n"] == 12
    assert len(read_records(folder)) == 24


def test_a_dry_run_shows_two_wordings(command: Command) -> None:
    out = command("backend=mock", "task.paraphrases=2", "limit=2", "dry_run=true").out
    shown = out.split("exactly as sent ---")
    assert HEADERS["scenario"] in shown[1] and PARAPHRASES[0].header not in shown[1]
    assert PARAPHRASES[0].header in shown[2]
    assert "plumber" in shown[1] and "plumber" in shown[2]


def test_the_docs_list_what_the_code_has() -> None:
    text = (ROOT / "docs" / "wordings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    ours = [(str(n), p.header or "–", p.frame or "–") for n, p in enumerate(PARAPHRASES, start=1)]
    assert rows[0][0] == "0"
    assert rows[1:] == ours
    blocks = re.findall(r"^`(\w+)`\n\n((?:^(?: {4}.*)?\n)+)", text, re.MULTILINE)
    shown = {name: re.sub("^ {4}", "", block, flags=re.MULTILINE) for name, block in blocks}
    laid_out = {
        name: template.format(context="S", question="Q").replace(" \n", "\n").rstrip()
        for name, template in TEMPLATES.items()
    }
    assert {name: block.strip() for name, block in shown.items()} == laid_out
