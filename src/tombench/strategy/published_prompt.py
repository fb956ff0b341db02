"""The study's prompt, tags and all, for results that are to be set beside its own.

sepehrilami/LFB puts Llama-2's chat template together by hand: the system tags lost their names on
the way ("<>" stands for "<<SYS>>" and for "<</SYS>>"), are there twice, and [INST] is nested, so
that the game's text follows the first [/INST]. Only the layout is here; the study's sentences come
from its own files, and ours stand in for them.
"""

from dataclasses import dataclass

from tombench.strategy.telling import Presentation, instruction

SYSTEM_LINE = "Put yourself into the situation that follows and play your part in it."


@dataclass(frozen=True)
class Framing:
    """The two sentences around context and game: from the study's files, or in our words."""

    system_line: str = SYSTEM_LINE
    instruction: str = instruction(Presentation())


def as_published(game_text: str, context_text: str, framing: Framing | None = None) -> str:
    """The string that the study gave to its models, special tokens aside.

    Args:
        game_text: the four outcomes and what to think about.
        context_text: may be empty, for no context.
        framing: ours, where none is given.
    """
    words = framing or Framing()
    system = f"{words.system_line} \n{context_text}"
    return (
        f"[INST]<>\n<>\n{system}\n<>\n\n\n<>\n\n"
        f"[INST] {words.instruction}[/INST]\nUser: {game_text}[/INST]"
    )
