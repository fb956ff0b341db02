"""Text to token ids and back, chat template included: one place for every boundary rule."""

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tombench.errors import UserError
from tombench.models.tokenizer import first_line

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, eq=False)
class Encoding:
    """A tokenizer and the chat template that prompts go through, if any."""

    tokenizer: "PreTrainedTokenizerBase"
    template: str | None  # Jinja; None: the prompt is sent as it is

    def as_sent(self, prompt: str) -> str:
        """The exact text that the model reads: one user message where there is a template."""
        if self.template is None:
            return prompt
        try:
            return self.tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}],
                chat_template=self.template,
                tokenize=False,
                add_generation_prompt=True,
            )
        except Exception as error:  # a template can raise whatever it likes
            raise UserError(
                f"model.template: the chat template cannot render one user message:"
                f" {first_line(error)}; set model.template=none or to a Jinja file"
            ) from error

    @cached_property
    def start(self) -> list[int]:
        """What stands in for an empty context: the beginning-of-text token, else end-of-text."""
        ids = (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id)
        return [next((token for token in ids if token is not None), 0)]

    def encode(self, text: str) -> list[int]:
        """Token ids of a text as sent; special tokens are added unless a template wrote them."""
        return self.tokenizer.encode(text, add_special_tokens=self.template is None) or self.start

    def pair(self, context: str, continuation: str) -> tuple[list[int], list[int]]:
        """Token ids of a context as sent and of what follows it (lm-evaluation-harness's rule).

        Trailing spaces of the context move to the continuation; both are encoded together and cut
        at the context's own length. Where a merge leaves the continuation without a token, it is
        encoded alone.
        """
        stripped = context.rstrip()
        continuation = context[len(stripped) :] + continuation
        before = self.encode(stripped)
        special = self.template is None
        whole = self.tokenizer.encode(stripped + continuation, add_special_tokens=special)
        own = self.tokenizer.encode(stripped, add_special_tokens=special)
        after = whole[len(own) :]
        return before, after or self.tokenizer.encode(continuation, add_special_tokens=False)

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
