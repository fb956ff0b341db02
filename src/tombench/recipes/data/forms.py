"""The forms that a data set's rows have: which columns, and what becomes of them.

Texts are taken as they stand: nothing is put between a prompt and what follows it, so that whoever
writes the data decides whether a space, a line break or nothing parts them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tombench.recipes.data.chats import Malformed, answers, shared_beginning, shown
from tombench.recipes.data.fields import Fields
from tombench.recipes.data.rows import Completion, Kind, Preference, Prompt, Question, Row

PROMPTS = frozenset({"prompt", "question", "instruction", "input"})
"""What `recipe.prompt` stands in for, so that a row needs none of them."""


@dataclass(frozen=True)
class Form:
    """A shape of rows."""

    needs: tuple[str, ...]  # roles without which a data set has another form
    rows: Callable[[Fields], list[Row]]  # raises UserError where a field is no text
    also: tuple[str, ...] = ()  # roles that are read where they are there

    def needed(self, formatted: bool) -> list[str]:
        """`needs`, less the prompts that a format writes."""
        return [role for role in self.needs if not (formatted and role in PROMPTS)]


def _completion(prompt: str, completion: str, fields: Fields) -> list[Row]:
    context, text = fields.continued(fields.prompt(prompt), completion)
    return [Completion(context, text)]


def _conversation(fields: Fields) -> list[Row]:
    """Every message of the assistant, each with all that was said before it."""
    try:
        return list(answers(fields.turns("messages")))
    except Malformed as error:
        raise fields.mistake("messages", str(error)) from error


def _alpaca(fields: Fields) -> list[Row]:
    return [Completion(_alpaca_prompt(fields), fields.text("output"))]


def _alpaca_prompt(fields: Fields) -> str:
    """Instruction and, where it is not blank, input on the next line, as LLaMA-Factory joins them.

    The system's words and the earlier rounds of `history`, pairs of what was asked and answered,
    go before, each on lines of its own.
    """
    if fields.layout.format is not None:
        return str(fields.prompt("instruction"))
    rounds = fields.value("history") or []
    if not isinstance(rounds, list) or not all(_is_round(each) for each in rounds):
        raise fields.mistake("history", f"is {shown(rounds)}; it must be a list of pairs of texts")
    said = [text for each in rounds for text in each]
    asked = (fields.text("instruction"), fields.optional_text("input"))
    lines = (fields.optional_text("system"), *said, *asked)
    return "\n".join(text for text in lines if text.strip())


def _is_round(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(text, str) for text in value)
    )


def _prose(fields: Fields) -> list[Row]:
    prompt = "" if fields.layout.format is None else fields.prompt("text")
    return [Completion(prompt, fields.text("text"))]


def _preference(fields: Fields) -> list[Row]:
    return [_both(fields.prompt("prompt"), fields)]


def _whole_preference(fields: Fields) -> list[Row]:
    """The prompt is what both conversations, or both texts, begin with."""
    if isinstance(fields.value("chosen"), str):
        return [_of_whole_texts(fields.text("chosen"), fields.text("rejected"))]
    return [_both("", fields)]


def _both(prompt: Prompt, fields: Fields) -> Preference:
    """Both ways to go on must do so from one prompt, which may stand in their conversations."""
    context, chosen = fields.continued(prompt, "chosen")
    other, rejected = fields.continued(prompt, "rejected")
    if context != other:
        raise fields.mistake(
            "rejected", "goes on from another prompt than chosen; they may differ in the end alone"
        )
    return Preference(context, chosen, rejected)


def _of_whole_texts(chosen: str, rejected: str) -> Preference:
    prompt = shared_beginning(chosen, rejected)
    return Preference(prompt, chosen[len(prompt) :], rejected[len(prompt) :])


ANSWERS = ("answer", "completion", "ref", "response", "output", "chosen")
"""What a reward may compare with, the first that a data set has."""


def _question(prompt: str, fields: Fields) -> list[Row]:
    context = _alpaca_prompt(fields) if prompt == "instruction" else fields.prompt(prompt)
    role = next((role for role in ANSWERS if fields.value(role) is not None), None)
    if role is None:
        return [Question(context)]
    return [Question(*fields.continued(context, role))]


def _last_question(fields: Fields) -> list[Row]:
    """What the conversation's last answer answers."""
    last = _conversation(fields)[-1]
    return [Question(last.prompt, last.completion)]


_ROUNDS = ("input", "system", "history")

FORMS: dict[Kind, tuple[Form, ...]] = {
    "completions": (
        Form(("prompt", "completion"), partial(_completion, "prompt", "completion")),
        Form(("messages",), _conversation),
        Form(("instruction", "output"), _alpaca, _ROUNDS),
        Form(("input", "ref"), partial(_completion, "input", "ref")),
        Form(("prompt", "chosen"), partial(_completion, "prompt", "chosen"), ("rejected",)),
        Form(("question", "answer"), partial(_completion, "question", "answer")),
        Form(("question", "response"), partial(_completion, "question", "response")),
        Form(("text",), _prose),
    ),
    "preferences": (
        Form(("prompt", "chosen", "rejected"), _preference),
        Form(("chosen", "rejected"), _whole_preference),
    ),
    "questions": (
        Form(("prompt",), partial(_question, "prompt"), ANSWERS),
        Form(("question",), partial(_question, "question"), ANSWERS),
        Form(("instruction",), partial(_question, "instruction"), (*ANSWERS, *_ROUNDS)),
        Form(("input",), partial(_question, "input"), ANSWERS),
        Form(("messages",), _last_question),
    ),
}
"""Of each kind the forms, tried in this order.

`input` and `ref` are the pairs of the scaled planner's post-training. The study writes each as
"{input} {ref}\\n" with an input that ends in a space; `recipe.prompt="{input} "` doubles it so.
"""
