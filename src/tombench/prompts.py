"""How a question is put: the vignettes study's four promptings in its two wordings.

Source: Z3R6X/ToM_in_small_LLMs, the prompt builders of its evaluation scripts; the sentences that
the two families of scripts put around a scenario are kept to the letter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic.dataclasses import dataclass as checked

from tombench.schema import STRICT

Family = Literal["scenario", "context"]

HEADERS: dict[Family, str] = {
    "scenario": "Read the scenario and answer the following question:\n\n",
    "context": "Answer the following question in context:\n\n",
}
"""`scenario` was put to GPT4All-J v1.3 and Llama 2, `context` to the tuned GPT4All-J."""

NOUNS: dict[Family, str] = {"scenario": "Scenario", "context": "Context"}

STEP_BY_STEP = "Let's think step by step: "


@checked(frozen=True, config=STRICT)
class Prompting:
    """One of base, sbs, cot, sbs_cot: a file under `configs/prompting/`."""

    name: str
    step_by_step: bool  # the answer is begun with "Let's think step by step: "
    worked_examples: bool  # worked examples stand before the question


@dataclass(frozen=True)
class WorkedExample:
    """A scene, its question, and an answer with its reasoning."""

    context: str
    question: str
    worked: str


def question_line(context: str, question: str, family: Family, step_by_step: bool) -> str:
    """One scene with its question, up to where the answer begins (a trailing space included)."""
    line = f"{NOUNS[family]}: {context} Question: {question} Answer: "
    return line + STEP_BY_STEP if step_by_step else line


def vignette_prompt(
    context: str,
    question: str,
    examples: Sequence[WorkedExample],
    prompting: Prompting,
    family: Family,
) -> str:
    """Header, worked examples where the prompting has them, then the question."""
    shown = examples if prompting.worked_examples else ()
    step = prompting.step_by_step
    before = "".join(
        question_line(example.context, example.question, family, step) + example.worked + "\n\n"
        for example in shown
    )
    return HEADERS[family] + before + question_line(context, question, family, step)
