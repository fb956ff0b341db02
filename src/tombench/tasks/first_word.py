"""The study's way to read a drawn answer: its first word, held against the options' first words.

Source: `_first_word` of joel-wu/how-large-language-models-encode-theory-of-mind,
`ToM_and_perplexity_evaluation.py`.
"""

import re
from collections.abc import Sequence

from tombench.schema import Score
from tombench.scorers.yes_no import UNPARSED

_MARKS = re.compile(r"""[.,'";]""")


def first_word(text: str) -> str:
    """The first word without the five marks that the study strips; "" where there is none.

    Letter case counts, and so do all other marks: "Box!" is no "box".
    """
    words = text.split()
    return _MARKS.sub("", words[0]) if words else ""


def read_first_word(text: str, options: Sequence[str], target: str) -> Score:
    """Right where the first word is the target's; unparsed where it is no option's."""
    said = first_word(text)
    known = {option.split()[0]: option for option in (*options, target)}
    answer = known.get(said, UNPARSED)
    if answer == UNPARSED:
        reason = f"its first word '{said}' begins no option" if said else "it has no word"
        return Score(0.0, UNPARSED, reason, UNPARSED)
    return Score(float(answer == target), answer, f"its first word is '{said}'")


def first_word_rewards(
    prompts: Sequence[str], completions: Sequence[str], answers: Sequence[str | None]
) -> list[float]:
    """1 where a completion's first word is that of the right answer, else 0: what a policy that
    learns from stories is paid. The answers are proved by the story oracles."""
    return [
        float(answer is not None and first_word(said) == first_word(answer) != "")
        for said, answer in zip(completions, answers, strict=True)
    ]
