"""How a question is put on the page: the evaluation's four promptings, and plainer ones."""

from dataclasses import dataclass
from random import Random

from tombench.stories.questions import Question

STEPS = "Let's think step by step: "
HEADERS = {
    "Scenario": "Read the scenario and answer the following question:\n\n",
    "Context": "Answer the following question in context:\n\n",
}
PROMPTINGS = ("base", "sbs", "cot", "sbs_cot")
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
    label: str,
    prompting: str,
    question: Question,
    examples: tuple[Question, ...] = (),
    reasoned: bool = True,
) -> Text:
    """A question under one of `PROMPTINGS`; `label` is Scenario or Context.

    With "cot" and "sbs_cot" the examples come first. Answers are reasoned wherever the prompt
    asks for steps, and under "cot" as `reasoned` says, in examples and answer alike.
    """
    steps = STEPS if prompting.startswith("sbs") else ""
    answered = reasoned_answer if steps or (examples and reasoned) else short_answer

    def put(asked: Question) -> str:
        return f"{label}: {asked.story} Question: {asked.text} Answer: {steps}"

    shown = "".join(f"{put(example)}{answered(example)}\n\n" for example in examples)
    return Text(f"{HEADERS[label]}{shown}{put(question)}", answered(question))


def plain_text(rng: Random, question: Question) -> Text:
    """A question in one of the plain layouts; in a fifth of them a reason follows the answer."""
    prompt = rng.choice(PLAIN).format(story=question.story, question=question.text)
    after = f" {question.reasons[0]}" if rng.random() < 0.2 else ""
    return Text(prompt, short_answer(question) + after)
