"""The token sequences that spell the answers of a ChoiceRequest, and what they add up to.

A sequence is what a model would have to draw right after the prompt as it reads it: unlike a
continuation that is scored (`Encoding.pairs`) it never takes over the prompt's trailing spaces,
which are given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tombench.models.encoding import Encoding
from tombench.schema import ChoiceRequest

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class Spelled:
    """What a choice request is to a model."""

    text: str  # the prompt as sent
    prompt: Tokens
    options: tuple[tuple[Tokens, ...], ...]  # of each option its distinct sequences
    error: str | None = None  # why they cannot be told apart

    @property
    def sequences(self) -> list[Tokens]:
        """Those of all options."""
        return [sequence for option in self.options for sequence in option]


def spelled(encoding: Encoding, request: ChoiceRequest) -> Spelled:
    """A request in a model's tokens; `error` says why it cannot be answered."""
    text = encoding.sent(request)
    prompt = tuple(encoding.encode(text))
    if not request.options or not all(option and all(option) for option in request.options):
        return Spelled(text, prompt, (), "there is no option, or one without a spelling")
    options = tuple(_distinct(encoding, text, prompt, option) for option in request.options)
    found = Spelled(text, prompt, options)
    if len(set(found.sequences)) < len(found.sequences):
        same = "two options are spelt by the same tokens, and cannot be told apart"
        return replace(found, error=same)
    return found


def _distinct(
    encoding: Encoding, text: str, prompt: Tokens, option: Sequence[str]
) -> tuple[Tokens, ...]:
    """The sequences of one option, each once, in the order of its spellings."""
    special = encoding.template is None
    wholes = encoding.tokenizer([text + own for own in option], add_special_tokens=special)
    found = [
        _after(encoding, prompt, tuple(whole), own)
        for whole, own in zip(wholes["input_ids"], option, strict=True)
    ]
    return tuple(dict.fromkeys(found))


def _after(encoding: Encoding, prompt: Tokens, whole: Tokens, spelling: str) -> Tokens:
    """What follows the prompt's own tokens; alone where the two would merge into other ones."""
    rest = whole[len(prompt) :] if whole[: len(prompt)] == prompt else ()
    return rest or tuple(encoding.bare(spelling))


def option_probabilities(
    options: Sequence[Sequence[Tokens]], of: Mapping[Tokens, float]
) -> tuple[float, ...]:
    """The probability of each option, from that of each sequence; together at most 1.

    Where sequences begin alike ("1" and "10" in digits), what is drawn counts for the longest one
    that it begins with, so that nothing counts twice.
    """
    known = {sequence for option in options for sequence in option}
    own = {sequence: of[sequence] for sequence in known}
    for sequence in known:
        if shorter := _longest_beginning(sequence, known):
            own[shorter] -= of[sequence]
    return tuple(sum(max(0.0, own[sequence]) for sequence in option) for option in options)


def _longest_beginning(sequence: Tokens, known: set[Tokens]) -> Tokens | None:
    """The longest known sequence that this one goes on from."""
    beginnings = (sequence[:length] for length in range(len(sequence) - 1, 0, -1))
    return next((shorter for shorter in beginnings if shorter in known), None)
