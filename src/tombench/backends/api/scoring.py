"""Log-probabilities as servers give them: of a text's own tokens, or of likely first tokens."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tombench.backends.api.faults import Malformed
from tombench.backends.api.reply import choices_of
from tombench.backends.api.tally import usage_of

MARKS = str.maketrans({"▁": " ", "Ġ": " ", "Ċ": "\n"})
"""How some servers write the blanks of tokens: SentencePiece's, byte-level BPE's."""
SLACK = 1e-6  # nats by which the token at hand may seem less probable than the best, which it is


@dataclass(frozen=True)
class Token:
    """One token of a text that was read."""

    text: str
    log_prob: float | None  # nats; None: the first of all, or not given
    best: float | None  # of the most probable token here


@dataclass(frozen=True)
class Place:
    """Where a continuation begins among the tokens of a text."""

    at: int
    straddled: bool = False  # the token before it is partly the context's


@dataclass(frozen=True)
class Continuation:
    """What a continuation's tokens sum up to."""

    log_likelihood: float
    tokens: int
    greedy: bool


def read_echo(reply: Mapping[str, Any]) -> list[Token] | None:
    """The tokens of the prompt from `echo=true`; None where the server gives none."""
    log_probs = choices_of(reply)[0].get("logprobs")
    if not isinstance(log_probs, Mapping) or not isinstance(log_probs.get("tokens"), list):
        return None
    tokens, values = log_probs["tokens"], log_probs.get("token_logprobs")
    if not isinstance(values, list) or len(values) != len(tokens):
        return None
    tops = log_probs.get("top_logprobs")
    tops = tops if isinstance(tops, list) and len(tops) == len(tokens) else [None] * len(tokens)
    drawn = usage_of(reply).completion if "usage" in reply else 1
    kept = len(tokens) - drawn
    return [
        Token(str(token), _number(value), max(_numbers(top), default=None))
        for token, value, top in zip(tokens[:kept], values[:kept], tops[:kept], strict=True)
    ] or None


def read_prompt_log_probs(reply: Mapping[str, Any]) -> list[Token] | None:
    """The tokens of the prompt from vLLM's `prompt_logprobs`; None where the server gives none.

    Each place is {token id: {logprob, rank, decoded_token}}, the prompt's own token first.
    """
    choice = choices_of(reply)[0]
    places = choice.get("prompt_logprobs", reply.get("prompt_logprobs"))
    if not isinstance(places, list):
        return None
    tokens = []
    for place in places:
        entries = list(place.values()) if isinstance(place, Mapping) else []
        if not entries:
            tokens.append(Token("", None, None))
        elif not all(isinstance(e, Mapping) and "decoded_token" in e for e in entries):
            return None
        else:
            values = [_number(entry.get("logprob")) for entry in entries]
            best = max((v for v in values if v is not None), default=None)
            tokens.append(Token(str(entries[0]["decoded_token"]), values[0], best))
    return tokens or None


def read_first_tokens(reply: Mapping[str, Any]) -> dict[str, float] | None:
    """Likely first tokens of the answer, text -> nats; None where the server gives none."""
    log_probs = choices_of(reply)[0].get("logprobs")
    if not isinstance(log_probs, Mapping):
        return None
    content, tops = log_probs.get("content"), log_probs.get("top_logprobs")
    if isinstance(content, list) and content and isinstance(content[0], Mapping):
        listed = [content[0], *(content[0].get("top_logprobs") or [])]
        pairs = [(e.get("token"), _number(e.get("logprob"))) for e in listed]
    elif isinstance(tops, list) and tops and isinstance(tops[0], Mapping):
        pairs = [(token, _number(value)) for token, value in tops[0].items()]
    else:
        return None
    return {str(t).translate(MARKS): value for t, value in pairs if value is not None} or None


def place_of(tokens: Sequence[Token], continuation: str) -> Place | None:
    """Where the tokens of a text's end begin that spell its continuation; None: they do not.

    Servers' offsets count special tokens and broken characters in different ways, so tokens are
    matched from the end by their text: to the letter, else but for blanks. Blanks right before the
    continuation count as its own, as in `Encoding.pair`.
    """
    for same in (_letters, _letters_but_blanks):
        wanted, spelt = same(continuation), ""
        for at in range(len(tokens) - 1, -1, -1):
            spelt = same(tokens[at].text) + spelt
            if len(spelt) < len(wanted):
                continue
            if not spelt.endswith(wanted):
                break
            if _letters_but_blanks(spelt.removesuffix(wanted)):
                return Place(at + 1, straddled=True)
            while at and tokens[at - 1].text and not _letters_but_blanks(tokens[at - 1].text):
                at -= 1
            return Place(at)
    return None


def _letters(text: str) -> str:
    return text


def _letters_but_blanks(text: str) -> str:
    return "".join(text.translate(MARKS).split())


def summed(own: Sequence[Token]) -> Continuation | str:
    """Add up a continuation's own tokens, or say why not."""
    if not own:
        return "a merge leaves the continuation without a token"
    values = [token.log_prob for token in own]
    if any(value is None for value in values):
        return "the server leaves out log-probabilities of the prompt"
    greedy = all(t.best is not None and t.log_prob >= t.best - SLACK for t in own)
    return Continuation(math.fsum(values), len(own), greedy)


def bounded(listed: Mapping[str, float], options: Sequence[str]) -> list[Continuation] | str:
    """One-token options from the likely first tokens; why not, where nothing can be told.

    An option that is not listed is at most as probable as the last that is, and as all that the
    listed leave over: it counts with that. Where all such options together could outweigh the best
    listed one, their order is not known.
    """
    left = max(0.0, 1 - math.fsum(math.exp(value) for value in listed.values()))
    least = min(listed.values())
    most = min(least, math.log(left)) if left > 0 else least
    found = [listed.get(option) for option in options]
    known = [value for value in found if value is not None]
    missing = len(found) - len(known)
    if not known or (missing and max(known) <= most + math.log(missing)):
        return f"none of the options stands out among the {len(listed)} likeliest first tokens"
    top = max(listed.values())
    values = [most if value is None else value for value in found]
    return [Continuation(value, 1, value >= top - SLACK) for value in values]


def _numbers(values: Any) -> list[float]:
    found = values.values() if isinstance(values, Mapping) else ()
    return [number for number in map(_number, found) if number is not None]


def _number(value: Any) -> float | None:
    """A log-probability, at most 0 but for rounding; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    if value > 1e-3:
        raise Malformed(f"a log-probability of {value:g}")
    return float(value)
