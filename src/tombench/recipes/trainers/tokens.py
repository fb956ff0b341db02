"""Examples as token ids: what is read, and what of it is learnt."""

from collections.abc import Sequence
from dataclasses import dataclass

from tombench.errors import UserError
from tombench.models.encoding import Encoding
from tombench.recipes.data.rows import Completion, Message, Preference, Prompt


@dataclass(frozen=True)
class SoftLabels:
    """What may stand at each place of a continuation after what stands before, with probabilities.

    The expected loss over completions, in which the path that was drawn is left to chance, and what
    follows each of its beginnings is not: the same mean as that of drawn labels, less variance.
    """

    ids: list[list[int]]  # by place
    probabilities: list[list[float]]  # by place, of these ids; they add up to 1

    @classmethod
    def of(cls, path: Sequence[int], every: Sequence[tuple[Sequence[int], float]]) -> "SoftLabels":
        """Along `path`, one of `every` continuation; each with its probability."""
        places: list[dict[int, float]] = []
        alive = [(ids, share) for ids, share in every if share > 0]
        for place, token in enumerate(path):
            found: dict[int, float] = {}
            for ids, share in alive:
                found[ids[place]] = found.get(ids[place], 0.0) + share
            places.append(found)
            alive = [
                (ids, share) for ids, share in alive if ids[place] == token and len(ids) > place + 1
            ]
        return cls(
            [list(found) for found in places],
            [[share / sum(found.values()) for share in found.values()] for found in places],
        )


@dataclass(frozen=True)
class Tokens:
    """A prompt with one continuation, or two that are compared."""

    prompt: list[int]
    chosen: list[int]  # the completion, end of text included
    rejected: list[int] | None = None
    weight: float = 1.0  # of the completion's tokens in the loss of sft
    soft: "SoftLabels | None" = None  # of `chosen`

    @property
    def length(self) -> int:
        """Tokens that a model reads at once: of the longer continuation."""
        return len(self.prompt) + max(len(self.chosen), len(self.rejected or ()))


def tokens_of(encoding: Encoding, row: Completion | Preference) -> Tokens:
    """One example; boundaries of prompt and continuation as when an answer is scored."""
    if isinstance(row, Preference):
        before, (chosen, rejected) = _continued(encoding, row.prompt, [row.chosen, row.rejected])
        return Tokens(before, chosen, rejected)
    if row.distribution:
        return _soft(encoding, row)
    before, (completion,) = _continued(encoding, row.prompt, [row.completion])
    return Tokens(before, completion)


def _soft(encoding: Encoding, row: Completion) -> Tokens:
    """An example whose completion is one of several, each with its probability."""
    texts = [text for text, _ in row.distribution]
    before, continuations = _continued(encoding, row.prompt, texts)
    path = continuations[texts.index(row.completion)]
    shares = [share for _, share in row.distribution]
    return Tokens(
        before, path, soft=SoftLabels.of(path, list(zip(continuations, shares, strict=True)))
    )


def _continued(
    encoding: Encoding, prompt: Prompt, continuations: Sequence[str]
) -> tuple[list[int], list[list[int]]]:
    """Ids of a prompt as sent and of what follows it, each with the end of text.

    Prose, whose prompt is empty, begins with the token that stands for an empty context.
    """
    before, after = encoding.pairs(sent(encoding, prompt), continuations)
    end = encoding.tokenizer.eos_token_id
    return before, [[*ids, *([] if end is None else [end])] for ids in after]


def sent(encoding: Encoding, prompt: Prompt) -> str:
    """The exact text that a model reads: through the chat template, where there is one.

    Raises UserError for a chat where there is none, or that the template cannot render.
    """
    if isinstance(prompt, str):
        return encoding.as_sent(prompt) if prompt else ""
    return chat(encoding, prompt)


def chat(encoding: Encoding, messages: Sequence[Message]) -> str:
    """A chat up to where the assistant speaks."""
    if encoding.template is None:
        raise UserError(
            "recipe.data: it holds chats (messages), and the model has no chat template; give "
            "model.template=FILE.jinja, or data with prompt and completion"
        )
    try:
        return encoding.tokenizer.apply_chat_template(
            [{"role": message.role, "content": message.content} for message in messages],
            chat_template=encoding.template,
            tokenize=False,
            add_generation_prompt=True,
        )
    except Exception as error:  # a template can raise whatever it likes
        raise UserError(
            f"model.template: the chat template cannot render a chat of the data: {error}; "
            "set model.template to a Jinja file that can"
        ) from error
