"""A question about a story as a model is asked it: a beginning to complete, or a question."""

from dataclasses import dataclass
from typing import Literal

Form = Literal["next_word", "yes_no", "multiple_choice"]


@dataclass(frozen=True)
class StoryQuestion:
    """A story, what is asked about it, and the answers that may be given."""

    story: str
    ask: str  # the beginning to complete (next_word), or a question up to its "Answer:"
    options: tuple[str, ...]  # the answers as words, without leading blank
    form: Form
    header: str = "Complete the following story: "

    @property
    def prompt(self) -> str:
        """All that is read before the answer, which follows after a blank.

        Source of the header: joel-wu/how-large-language-models-encode-theory-of-mind.
        """
        return f"{self.header}{self.story} {self.ask}"

    @property
    def question(self) -> str:
        """What a yes/no question asks, without the words that stand around it in `ask`."""
        return self.ask.removeprefix("Question: ").removesuffix(" Answer:")
