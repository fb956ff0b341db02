"""The study's post-training pairs: a prompt ("input") and the action that was done ("ref")."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tombench.datafile import read_entries

TRAINING_HEADER = "What's inside the apartment:"
EVALUATION_HEADER = "state:"
"""Training and evaluation name the state by different words, one of the study's own mismatches."""

_PROMPT = re.compile(
    r"goal: (?P<goal>.+?) *\n"
    rf"(?P<header>{re.escape(TRAINING_HEADER)}|{EVALUATION_HEADER}) (?P<state>.*) \n"
    r"belief \(possible locations the person suspects the (?P<again>.+?) could be\): "
    r"(?P<names>[^\n]*?) *\n"
    r"action: ?",
    re.DOTALL,
)


@dataclass(frozen=True)
class PairPrompt:
    """What a pair's input says."""

    goal: str
    state: str
    believed: tuple[str, ...]  # names of places, in the order in which they are listed
    header: str = TRAINING_HEADER

    @property
    def text(self) -> str:
        """The input as the study writes it; it ends with a blank."""
        names = ", ".join(self.believed)
        suspects = f"possible locations the person suspects the {self.goal} could be"
        return (
            f"goal: {self.goal} \n{self.header} {self.state} \nbelief ({suspects}): {names} \n"
            "action: "
        )


@dataclass(frozen=True)
class Pair:
    """A prompt, and the action after it."""

    prompt: PairPrompt
    action: str  # "walktowards fridge"

    @property
    def training_text(self) -> str:
        """What is trained on: a second blank comes before the action, a newline after it."""
        return f"{self.prompt.text} {self.action}\n"


def parse_pair(text: str) -> PairPrompt:
    """The goal, state and names of places of a pair's input, or of an evaluation prompt.

    Raises:
        ValueError: it has not the study's form, or its list is about another thing than the goal.
    """
    found = _PROMPT.fullmatch(text)
    if found is None:
        raise ValueError("it does not read goal, state, belief, action, each on its line")
    if found["again"] != found["goal"]:
        raise ValueError(f"the goal is '{found['goal']}', the belief about '{found['again']}'")
    names = tuple(name.strip() for name in found["names"].split(",") if name.strip())
    return PairPrompt(found["goal"], found["state"], names, found["header"])


def read_pairs(path: Path) -> list[Pair]:
    """Pairs of a JSON Lines file, or of a JSON list.

    Raises:
        UserError: a field is missing or not of the study's form; names file, line and field.
    """
    pairs = []
    for entry in read_entries(path, "pairs"):
        entry.text("input")
        try:
            prompt = parse_pair(entry.values["input"])
        except ValueError as error:
            raise entry.mistake(f"field 'input' is no prompt of the study's: {error}") from error
        pairs.append(Pair(prompt, entry.text("ref")))
    return pairs


def as_pair(goal: str, state: str, believed: Sequence[str], action: str) -> dict[str, str]:
    """A line of a file of pairs."""
    return {"input": PairPrompt(goal, state, tuple(believed)).text, "ref": action}
