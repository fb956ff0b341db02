"""How a chat template marks a reasoning model's thinking: how it is begun, ended, or left out."""

from dataclasses import dataclass

from tombench.scorers.thinking import PAIRS

MOST = 8192
"""Tokens that `model.thinking=on` lets a model think, where its context holds as many."""

CUT_OFF = (
    "\n\nConsidering the limited time by the user, I have to give the solution based on the"
    " thinking directly now."
)
"""What is put where a budget is used up: Qwen3 Technical Report (2025), section 4.3."""


@dataclass(frozen=True)
class Marks:
    """The texts around thinking; `<think>` of most models, channels of gpt-oss."""

    tag: str  # begins thinking
    opening: str  # the same with the blanks after it: what a prompt ends in for the model to think
    closing: str  # what the model writes when it has thought
    after: str  # what then stands before the answer and is put there, since its form is fixed
    empty: str  # what a prompt ends in for the model to answer at once
    early: str  # what is put where the budget is used up, up to the answer

    def opens(self, prompt: str) -> bool:
        """Does a prompt as sent end inside a block?"""
        return prompt.rstrip().endswith(self.tag)


def tags(opening: str, closing: str) -> Marks:
    """Marks of a pair of tags; the blank lines are those of DeepSeek R1's and Qwen3's templates."""
    return Marks(
        tag=opening,
        opening=f"{opening}\n",
        closing=closing,
        after="",
        empty=f"{opening}\n\n{closing}\n\n",
        early=f"{CUT_OFF}\n{closing}\n\n",
    )


_FINAL = "<|channel|>final<|message|>"
CHANNELS = Marks(  # OpenAI's harmony format
    tag="<|channel|>",
    opening="<|channel|>analysis<|message|>",
    closing="<|end|>",
    after=f"<|start|>assistant{_FINAL}",
    empty=_FINAL,
    early=f"{CUT_OFF}<|end|><|start|>assistant{_FINAL}",
)


def marks_of(template: str) -> Marks | None:
    """The marks that a chat template (Jinja text) names, or None: its model does not reason."""
    if "<|channel|>" in template:
        return CHANNELS
    named = ((one, other) for one, other in PAIRS.items() if one in template or other in template)
    return next((tags(opening, closing) for opening, closing in named), None)
