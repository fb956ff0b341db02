"""The prompt that a user puts around columns: "Question: {question}\\n\\nAnswer: "."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter

from tombench.errors import UserError


@dataclass(frozen=True)
class PromptFormat:
    """Text and columns in turn; the last text has no column after it."""

    parts: tuple[tuple[str, str | None], ...]

    @classmethod
    def of(cls, text: str) -> "PromptFormat":
        """Read a format string: `{name}` is a column, `{{` and `}}` are braces.

        Nothing else of Python's format strings is taken: an index or an attribute reaches into
        objects, and a conversion or a width is not what a prompt needs.

        Raises:
            UserError: a brace alone, or more than a name between two.
        """
        try:
            parts = list(Formatter().parse(text))
        except ValueError as error:
            raise UserError(
                f"recipe.prompt: {error}; write {{name}} for a column, and {{{{ or }}}} for a brace"
            ) from error
        for _, name, width, conversion in parts:
            if name is not None and (width or conversion or not re.fullmatch(r"[^.\[\]]+", name)):
                between = name + (f"!{conversion}" if conversion else "")
                between += f":{width}" if width else ""
                raise UserError(
                    f"recipe.prompt: {{{between}}} is more than a column's name; write {{name}}, "
                    "and {{ or }} for a brace"
                )
        return cls(tuple((literal, name) for literal, name, _, _ in parts))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it needs."""
        return tuple(dict.fromkeys(name for _, name in self.parts if name is not None))

    def filled(self, text_of: Callable[[str], str]) -> str:
        """The prompt of one row, given the text of each of its columns."""
        return "".join(
            literal + (text_of(name) if name is not None else "") for literal, name in self.parts
        )
