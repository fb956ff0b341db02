"""How a question is put: the vignettes study's four promptings, in its wordings and in ours.

Source of the study's two wordings: Z3R6X/ToM_in_small_LLMs, the prompt builders of its evaluation
scripts; the sentences that the two families of scripts put around a scenario are kept to the
letter. A *wording* is a paraphrase (which sentences ask) in a template (how they are laid out).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic.dataclasses import dataclass as checked

from tombench.schema import STRICT

Family = Literal["scenario", "context"]
TemplateName = Literal["scenario", "context", "paragraph", "dialogue", "markdown"]

HEADERS: dict[Family, str] = {
    "scenario": "Read the scenario and answer the following question:\n\n",
    "context": "Answer the following question in context:\n\n",
}
"""`scenario` was put to GPT4All-J v1.3 and Llama 2, `context` to the tuned GPT4All-J."""

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


@dataclass(frozen=True)
class Paraphrase:
    """Sentences that ask for an answer, none of which says what it is."""

    header: str  # before all else; "": nothing
    frame: str = ""  # after each question


STUDY = 0
"""The number of the paraphrase that is the study's own: its family's header, and no frame."""

PARAPHRASES: tuple[Paraphrase, ...] = (
    Paraphrase("Please read the text below and answer the question that follows it."),
    Paraphrase("Read the following, then answer the question with yes or no."),
    Paraphrase("Here is a short story with a question about it. What is the answer?"),
    Paraphrase("", "Answer yes or no."),
    Paraphrase("Consider the situation below.", "Is the answer yes or no?"),
    Paraphrase("This is a reading test. Answer the question that comes after the passage."),
    Paraphrase("You will be given a short description and a question about it.", "(yes/no)"),
    Paraphrase("Answer the question about this scene.", "Reply with 'No' or 'Yes'."),
)
"""Ours, numbered from 1."""

TEMPLATES: dict[TemplateName, str] = {
    "scenario": "Scenario: {context} Question: {question} Answer: ",
    "context": "Context: {context} Question: {question} Answer: ",
    "paragraph": "{context} {question}\n",
    "dialogue": "Interviewer: {context} {question}\nParticipant: ",
    "markdown": "## Scene\n\n{context}\n\n## Question\n\n{question}\n\n## Answer\n\n",
}
"""One scene with its question, up to where the answer begins. The first two are the study's and
end in a space; ours do not, since few models have read an answer that follows a space token."""


@dataclass(frozen=True)
class Wording:
    """A paraphrase in a template; of a family, whose header is the study's own paraphrase."""

    family: Family = "scenario"
    template: TemplateName = "scenario"
    paraphrase: int = STUDY

    @property
    def is_study(self) -> bool:
        """Is this how the study put its questions?"""
        return self.paraphrase == STUDY and self.template == self.family

    @property
    def name(self) -> str:
        """How item ids call it: `p1.context`."""
        return f"p{self.paraphrase}.{self.template}"

    @property
    def header(self) -> str:
        """What stands before all else, up to where it begins."""
        if self.paraphrase == STUDY:
            return HEADERS[self.family]
        header = PARAPHRASES[self.paraphrase - 1].header
        return f"{header}\n\n" if header else ""

    def line(self, context: str, question: str, step_by_step: bool) -> str:
        """One scene with its question, up to where the answer begins (a blank included)."""
        frame = "" if self.paraphrase == STUDY else PARAPHRASES[self.paraphrase - 1].frame
        asked = f"{question} {frame}" if frame else question
        line = TEMPLATES[self.template].format(context=context, question=asked)
        return line + STEP_BY_STEP if step_by_step else line


def study_wording(family: Family) -> Wording:
    """How the study put its questions in one of its two families of scripts."""
    return Wording(family, family)


def wordings(
    family: Family, paraphrases: int, templates: Sequence[TemplateName]
) -> tuple[Wording, ...]:
    """The first `paraphrases` (the study's own is one) crossed with the templates.

    No templates stand for the family's own.
    """
    numbers = range(max(1, paraphrases))
    return tuple(
        Wording(family, template, number)
        for number in numbers
        for template in dict.fromkeys(templates or (family,))
    )


def vignette_prompt(
    context: str,
    question: str,
    examples: Sequence[WorkedExample],
    prompting: Prompting,
    wording: Wording,
) -> str:
    """Header, worked examples where the prompting has them, then the question."""
    shown = examples if prompting.worked_examples else ()
    step = prompting.step_by_step
    before = "".join(
        wording.line(example.context, example.question, step) + example.worked + "\n\n"
        for example in shown
    )
    prompt = wording.header + before + wording.line(context, question, step)
    return prompt if wording.template in HEADERS else prompt.rstrip(" ")
