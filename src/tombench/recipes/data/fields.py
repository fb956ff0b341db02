"""One row of a data set, read by what its columns are for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tombench.errors import UserError, nearest, told
from tombench.origins.table import Table
from tombench.recipes.data.chats import Malformed, continued, shown, turns
from tombench.recipes.data.prompt_format import PromptFormat
from tombench.recipes.data.rows import Message, Prompt

ROLES = (
    *("prompt", "completion", "messages", "chosen", "rejected", "answer"),
    *("instruction", "input", "output", "system", "history"),
    *("question", "response", "ref", "text"),
)
"""What a column can be for; a file's column of that name is it, unless `recipe.columns` maps."""


@dataclass(frozen=True)
class Layout:
    """How the columns of one data set are read."""

    table: Table
    columns: Mapping[str, str]  # what it is for -> what the table calls it
    format: PromptFormat | None  # writes the prompt in place of columns

    def column(self, role: str) -> str:
        """What the table calls a role, or a column that the prompt's format names."""
        return self.columns.get(role, role)

    def has(self, role: str) -> bool:
        return self.column(role) in self.table.columns

    def check_format(self) -> None:
        """Refuse (UserError) a prompt around columns that the table lacks."""
        for name in () if self.format is None else self.format.names:
            if not self.has(name):
                raise UserError(
                    told(
                        f"recipe.prompt: {self.table.name} has no column '{self.column(name)}'",
                        nearest(self.column(name), self.table.columns),
                        f"it has {', '.join(self.table.columns)}",
                    )
                )


@dataclass(frozen=True)
class Fields:
    """The fields of row `index`."""

    layout: Layout
    index: int

    def value(self, role: str) -> Any:
        """As the data set has it; None where it is missing."""
        return self.layout.table.rows[self.index].get(self.layout.column(role))

    def text(self, role: str) -> str:
        """Raises UserError where it is missing or no text."""
        value = self.value(role)
        if not isinstance(value, str):
            raise self.mistake(role, f"is {shown(value)}; it must be text")
        return value

    def optional_text(self, role: str) -> str:
        """The empty text where it is missing; raises UserError where it is no text."""
        return "" if self.value(role) is None else self.text(role)

    def turns(self, role: str) -> tuple[Message, ...]:
        """A conversation; raises UserError where it is missing or none."""
        value = self.value(role)
        if not isinstance(value, list):
            raise self.mistake(role, f"is {shown(value)}; it must be a list of {{role, content}}")
        try:
            return turns(value)
        except Malformed as error:
            raise self.mistake(role, str(error)) from error

    def prompt(self, role: str) -> Prompt:
        """What the format writes, where there is one, else a text or a conversation."""
        if self.layout.format is not None:
            return self.layout.format.filled(self.text)
        return self.turns(role) if isinstance(self.value(role), list) else self.text(role)

    def continued(self, prompt: Prompt, role: str) -> tuple[Prompt, str]:
        """A prompt and the text that goes on from it; the prompt may stand in a conversation."""
        if not isinstance(self.value(role), list):
            return prompt, self.text(role)
        try:
            context, answer = continued(prompt, self.turns(role))
        except Malformed as error:
            raise self.mistake(role, str(error)) from error
        return (context if self.layout.format is None else prompt), answer

    def mistake(self, role: str, problem: str) -> UserError:
        """An error that names the file, the line and the column."""
        place = self.layout.table.place(self.index)
        return UserError(f"{place}: field '{self.layout.column(role)}' {problem}")
