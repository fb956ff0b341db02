"""Questions about stories in the evaluation's four promptings, with answers in full sentences.

The form is that of the vignettes study: "Yes, …." or "No, …."; with steps, a reason before it.
"""

from dataclasses import dataclass
from random import Random

from tombench.prompts import (
    HEADERS,
    Family,
    Prompting,
    WorkedExample,
    study_wording,
    vignette_prompt,
)
from tombench.stories.accounts import draw_story, percept_query, percept_statement
from tombench.stories.asking import Asker
from tombench.stories.events import Event, Look, Move, Nothing, Plot, actor
from tombench.stories.queries import Query, first_value, saw_last
from tombench.stories.telling import Voice, happenings, opening, tell
from tombench.stories.text import Text
from tombench.stories.whereabouts import facts_after

PROMPTINGS = {
    name: Prompting(name, step_by_step=name.startswith("sbs"), worked_examples="cot" in name)
    for name in ("base", "sbs", "cot", "sbs_cot")
}
PROMPTING_DRAWS = (*PROMPTINGS, "base", "base", "sbs")
"""Prompts with worked examples are three times as long, so there are fewer of them."""


@dataclass(frozen=True)
class Answered:
    """A yes/no question about a story with its answer."""

    story: str
    question: str
    answer: bool
    statement: str  # the answer in full, without its Yes or No
    reason: str  # the sentence of the story that decides

    @property
    def short(self) -> str:
        """ "Yes, the ball is in the box."."""
        return f"{'Yes' if self.answer else 'No'}, {self.statement}"

    @property
    def reasoned(self) -> str:
        """The reason, then "So, the answer is: Yes, …"."""
        return f"{self.reason} So, the answer is: {self.short}"


def draw_answered(rng: Random) -> Answered:
    """A question about reality, memory or perception; yes and no are as likely."""
    plot, voice = draw_story(rng, moves=rng.randint(1, 3))
    subject, answer = rng.choice(plot.setting.variables).subject, rng.random() < 0.5
    asker, story = Asker(plot, voice), tell(plot, voice)
    query = percept_query(rng, plot, subject) if rng.random() < 0.3 else None
    if query:
        return _perceived(asker, query, story)
    memory = rng.random() < 0.5
    query = Query("memory" if memory else "reality", subject)
    truth = first_value(plot, subject) if memory else facts_after(plot)[subject]
    others = [value for value in asker.values(query) if value != truth]
    answer = answer or not others
    value = truth if answer else rng.choice(others)
    said = f"{asker.beginning(query, value)} {value}."
    if not answer:
        said = _negated(said)
    text = asker.whether(query, truth, value)
    reason = _decisive(plot, voice, subject, memory)
    return Answered(story, text, answer, said[0].lower() + said[1:], reason)


def _perceived(asker: Asker, query: Query, story: str) -> Answered:
    """Whether somebody saw what another did with the subject, or looked inside it."""
    (agent,), subject, plot = query.chain, query.subject, asker.plot
    saw = saw_last(plot, agent, subject)
    said = f"{agent} {percept_statement(plot, agent, subject)}."
    did = [
        sentence
        for event, sentence in zip(plot.events, happenings(plot, asker.voice), strict=True)
        if _about(event, subject) and (plot.setting.is_place(subject) or actor(event) == agent)
    ]
    told = [*opening(plot, asker.voice)[:1], *did]  # somebody else is merely there
    return Answered(story, asker.whether(query, "", ""), saw, said, told[-1])


def _about(event: Event, subject: str) -> bool:
    """Is something done with the subject?"""
    match event:
        case Move(_, thing):
            return thing == subject
        case Look(_, container):
            return container == subject
        case Nothing(_, what):
            return what == f"not_look {subject}"
    return False


def _decisive(plot: Plot, voice: Voice, subject: str, memory: bool) -> str:
    """The sentence that says where a thing was at first, or is; what a label says, or is inside."""
    if not plot.setting.is_place(subject):
        inside, label = opening(plot, voice)[-2:]
        return label if memory else inside
    moves = [
        sentence
        for event, sentence in zip(plot.events, happenings(plot, voice), strict=True)
        if isinstance(event, Move) and event.thing == subject
    ]
    return moves[0] if memory else moves[-1]


def _negated(sentence: str) -> str:
    """ "the ball is not in the box": the first verb of the beginnings of `wordings`, denied."""
    for verb in (" is ", " was ", " are "):
        if verb in sentence:
            return sentence.replace(verb, f"{verb}not ", 1)
    return sentence.replace(" says ", " does not say ").replace(" read ", " do not read ")


def evaluation_text(
    family: Family,
    prompting: str,
    question: Answered,
    examples: tuple[Answered, ...] = (),
    reasoned: bool = True,
) -> Text:
    """A question under one of `PROMPTINGS`, as the vignettes task puts it.

    With "cot" and "sbs_cot" the examples come first. Answers are reasoned wherever the prompt
    asks for steps, and under "cot" as `reasoned` says, in examples and answer alike.
    """
    how = PROMPTINGS[prompting]
    full = how.step_by_step or (bool(examples) and reasoned)
    said = [example.reasoned if full else example.short for example in examples]
    shown = [
        WorkedExample(example.story, example.question, worked)
        for example, worked in zip(examples, said, strict=True)
    ]
    wording = study_wording(family)
    prompt = vignette_prompt(question.story, question.question, shown, how, wording)
    return Text(prompt, question.reasoned if full else question.short)


def draw_layout(rng: Random) -> Text:
    """A question under any of the promptings, in either of the study's wordings."""
    prompting = rng.choice(PROMPTING_DRAWS)
    examples = tuple(draw_answered(rng) for _ in range(2 if prompting.endswith("cot") else 0))
    family, reasoned = rng.choice(list(HEADERS)), rng.random() < 0.7
    return evaluation_text(family, prompting, draw_answered(rng), examples, reasoned)
