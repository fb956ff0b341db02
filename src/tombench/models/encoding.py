"""Text to token ids and back, chat template included: one place for every boundary rule."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tombench.errors import UserError
from tombench.models.base import Model, Thinking
from tombench.models.reasoning import MOST, Marks, marks_of
from tombench.models.tokenizer import first_line
from tombench.schema import GenerateRequest, Request

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, eq=False)
class Encoding:
    """A tokenizer and the chat template that prompts go through, if any."""

    tokenizer: "PreTrainedTokenizerBase"
    template: str | None  # Jinja; None: the prompt is sent as it is
    thinking: Thinking = "off"  # what the user lets a reasoning model do

    def sent(self, request: Request) -> str:
        """The exact text that the model reads: thinking comes before what is drawn alone."""
        draws = isinstance(request, GenerateRequest) and self.thinking != "off"
        return self.as_thinking(request.text) if draws else self.as_sent(request.text)

    def as_sent(self, prompt: str) -> str:
        """The text after which the answer follows: one user message where there is a template.

        A reasoning model's template is told not to think. One that opens a block of thinking all
        the same, or that writes blocks and cannot be told, gets an empty block.
        """
        text = self._rendered(prompt, thinking=False)
        if self.marks is None:
            return text
        if self.marks.opens(text):
            return text.rstrip().removesuffix(self.marks.tag) + self.marks.empty
        writes = self.marks.tag in self.template  # others only take blocks out of old messages
        return text + self.marks.empty if writes and not self._is_told else text

    def as_thinking(self, prompt: str) -> str:
        """The text after which thinking follows, its block opened."""
        text = self._rendered(prompt, thinking=True)
        if self.marks is None or self.marks.opens(text):
            return text
        return text + self.marks.opening

    def _rendered(self, prompt: str, thinking: bool) -> str:
        if self.template is None:
            return prompt
        try:
            return self.tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}],
                chat_template=self.template,
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=thinking,  # Qwen3's name for it; most templates know none
                thinking=thinking,  # DeepSeek V3.1's and Granite's
            )
        except Exception as error:  # a template can raise whatever it likes
            raise UserError(
                f"model.template: the chat template cannot render one user message:"
                f" {first_line(error)}; set model.template=none or to a Jinja file"
            ) from error

    @cached_property
    def marks(self) -> Marks | None:
        """How thinking is marked; None: nothing says that this model reasons."""
        return None if self.template is None else marks_of(self.template)

    @cached_property
    def _is_told(self) -> bool:
        """Does the template itself make a difference between thinking and not?"""
        return self._rendered("?", thinking=True) != self._rendered("?", thinking=False)

    @property
    def most_thinking(self) -> int:
        """Tokens that a model may think before one answer, where its context holds as many."""
        return {"off": 0, "on": MOST}.get(self.thinking, self.thinking)

    @cached_property
    def start(self) -> list[int]:
        """What stands in for an empty context: the beginning-of-text token, else end-of-text."""
        ids = (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id)
        return [next((token for token in ids if token is not None), 0)]

    def encode(self, text: str) -> list[int]:
        """Token ids of a text as sent; special tokens are added unless a template wrote them."""
        return self.tokenizer.encode(text, add_special_tokens=self.template is None) or self.start

    def bare(self, text: str) -> list[int]:
        """Token ids of a text that stands inside another one."""
        return self.tokenizer.encode(text, add_special_tokens=False)

    def pairs(
        self, context: str, continuations: Sequence[str]
    ) -> tuple[list[int], list[list[int]]]:
        """Token ids of a context as sent and of what follows it (lm-evaluation-harness's rule).

        Trailing spaces of the context move to the continuations; each is encoded together with
        the context and cut at the context's own length. Where a merge leaves a continuation
        without a token, it is encoded alone.
        """
        stripped = context.rstrip()
        continuations = [context[len(stripped) :] + own for own in continuations]
        texts = [stripped, *(stripped + own for own in continuations)]
        special = self.template is None
        before, *wholes = self.tokenizer(texts, add_special_tokens=special)["input_ids"]
        after = [
            whole[len(before) :] or self.bare(own)
            for whole, own in zip(wholes, continuations, strict=True)
        ]
        return before or self.start, after

    def decode(self, ids: list[int]) -> str:
        """The text of drawn ids alone, special tokens left out."""
        return self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )


def chat_template(setting: str, tokenizer: "PreTrainedTokenizerBase", name: str) -> str | None:
    """The Jinja text that `model.template` asks for: auto, none, or a file's.

    Raises UserError where the file is missing or is no Jinja.
    """
    own = getattr(tokenizer, "chat_template", None)
    if setting == "auto":
        return tokenizer.get_chat_template() if own else None
    if setting == "none":
        if own:
            logging.getLogger("tombench").warning(
                "%s has a chat template, and model.template=none leaves it out", name
            )
        return None
    return read_template(setting)


def check_thinking(model: Model, encoding: Encoding) -> None:
    """Refuse (UserError) to let a model think that nothing knows to be a reasoning model."""
    if model.thinking == "off" or encoding.marks is not None:
        return
    lacks = "is not used" if model.template == "none" else "is missing or marks no thinking"
    raise UserError(
        f"model.thinking={model.thinking}: the chat template of {model.path} {lacks}, so thinking"
        " cannot be told from the answer; set model.thinking=off"
    )


def read_template(setting: str) -> str:
    """Read a chat template from a file; raises UserError where it is missing or no Jinja."""
    from jinja2 import Environment, TemplateSyntaxError

    file = Path(setting).expanduser()
    try:
        text = file.read_text(encoding="utf-8")
        Environment(extensions=["jinja2.ext.loopcontrols"]).parse(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"model.template={setting}: no readable file; give auto, none, or a Jinja file"
        ) from error
    except TemplateSyntaxError as error:
        raise UserError(f"{file}:{error.lineno}: not a Jinja template: {error.message}") from error
    return text
