"""What came back: the choices of a reply as samples."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tombench.backends.api.body import CHARACTERS_PER_TOKEN
from tombench.backends.api.client import Refusal
from tombench.backends.api.faults import Malformed, message
from tombench.backends.api.tally import usage_of
from tombench.schema import Sample
from tombench.scorers.thinking import Split, split_thinking


def choices_of(reply: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The choices of a reply, at least one; raises Malformed."""
    choices = reply.get("choices")
    if not isinstance(choices, list) or not choices:
        raise Malformed(f"no choices in {message(reply)}")
    if not all(isinstance(choice, Mapping) for choice in choices):
        raise Malformed("a choice is no object")
    return choices


def read_samples(reply: Mapping[str, Any]) -> list[Sample] | Refusal:
    """The samples of a reply, in its order; a Refusal where the content filter stepped in."""
    choices = choices_of(reply)
    reasons = [choice.get("finish_reason") for choice in choices]
    if "error" in reasons:
        raise Malformed("the server broke an answer off")
    if "content_filter" in reasons:
        return Refusal("the server's content filter stopped the answer")
    texts = [_split(choice) for choice in choices]
    usage = usage_of(reply)
    total = usage.completion or sum(_rough(t.thinking) + _rough(t.answer) for t in texts)
    thinking = usage.thinking
    if thinking is None:
        parts = [len(part) for t in texts for part in (t.thinking, t.answer)]
        thinking = sum(shared(total, parts)[::2])
    thoughts = shared(thinking, [len(t.thinking) for t in texts])
    answers = shared(max(0, total - thinking), [len(t.answer) for t in texts])
    return [
        Sample(text.answer, answered, reason == "length", text.thinking, thought)
        for text, answered, reason, thought in zip(texts, answers, reasons, thoughts, strict=True)
    ]


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts by weight; equal parts where all weights are 0.

    A reply counts its tokens in all: of several choices each gets its share by length.
    """
    weights = weights if any(weights) else [1] * len(weights)
    ends = [total * sum(weights[: n + 1]) // sum(weights) for n in range(len(weights))]
    return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def _split(choice: Mapping[str, Any]) -> Split:
    """Answer and thinking, whether the server took them apart or left the tags in the text."""
    if "message" not in choice:
        text = choice.get("text")
        if not isinstance(text, str):
            raise Malformed("a choice without text")
        return split_thinking(text)
    said = choice["message"]
    text = said.get("content") if isinstance(said, Mapping) else 0
    if text is not None and not isinstance(text, str):
        raise Malformed("a message without content")
    for name in ("reasoning_content", "reasoning"):  # the second is newer
        if isinstance(said.get(name), str) and said[name]:
            return Split(said[name].strip(), (text or "").lstrip("\n"), closed=bool(text))
    if text is None and not isinstance(said.get("refusal"), str):
        return Split("", "", closed=True)
    return split_thinking(text if text is not None else said["refusal"])


def _rough(text: str) -> int:
    """Tokens by the rule of thumb, for servers that count none."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)
