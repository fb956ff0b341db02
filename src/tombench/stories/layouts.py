"""How a question is put on the page: the evaluation's four promptings, and plainer ones."""

from dataclasses import dataclass
from random import Random

from tombench.prompts import Family, Prompting, WorkedExample, study_wording, vignette_prompt
from tombench.stories.questions import Question

PROMPTINGS = {
    name: Prompting(name, step_by_step=name.startswith("sbs"), worked_examples="cot" in name)
    for name in ("base", "sbs", "cot", "sbs_cot")
}
PLAIN = (
    "{story} {question} ",
    "{story}\n\n{question}\n",
    "{story}\nQ: {question}\nA: ",
    "Q: {story} {question} A: ",
    "Story: {story}\nQuestion: {question}\nAnswer: ",
)


@dataclass(frozen=True)
class Text:
    """One training text: what is given, and what is to be said."""

    prompt: str  # "" for prose
    answer: str


def short_answer(question: Question) -> str:
    """ "Yes, Mara thinks that the ball is in the box." """
    return f"{'Yes' if question.answer else 'No'}, {question.statement}"


def reasoned_answer(question: Question) -> str:
    """Reasons, then "So, the answer is: Yes, …"."""
    return f"{' '.join(question.reasons)} So, the answer is: {short_answer(question)}"


def evaluation_text(
    family: Family,
    prompting: str,
    question: Question,
    examples: tuple[Question, ...] = (),
    reasoned: bool = True,
) -> Text:
    """A question under one of `PROMPTINGS`, as the vignettes task puts it.

    With "cot" and "sbs_cot" the examples come first. Answers are reasoned wherever the prompt
    asks for steps, and under "cot" as `reasoned` says, in examples and answer alike.
    """
    how = PROMPTINGS[prompting]
    answered = reasoned_answer if how.step_by_step or (examples and reasoned) else short_answer
    shown = [WorkedExample(example.story, example.text, answered(example)) for example in examples]
    wording = study_wording(family)
    prompt = vignette_prompt(question.story, question.text, shown, how, wording)
    return Text(prompt, answered(question))


def plain_text(rng: Random, question: Question) -> Text:
    """A question in one of the plain layouts; in a fifth of them a reason follows the answer."""
    prompt = rng.choice(PLAIN).format(story=question.story, question=question.text)
    after = f" {question.reasons[0]}" if rng.random() < 0.2 else ""
    return Text(prompt, short_answer(question) + after)
